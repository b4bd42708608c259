/* proposals_table.c - see proposals_table.h. */
#include "base/util.h"

#include "evidence/proposals_table.h"

#define LONGEST_MODEL 200

void proposal_init(struct proposal *p, const char *reason)
{
	*p = (struct proposal){.source = "", .reason = reason};
	p->answer = (struct proposed){.label = SIZE_MAX,
				      .genes = TEXT_INIT,
				      .alternatives = TEXT_INIT,
				      .reason = TEXT_INIT};
}

void proposals_free(struct proposal *p, size_t n)
{
	for (size_t i = 0; p && i < n; i++) {
		proposed_release(&p[i].answer);
		free(p[i].model);
	}
	free(p);
}

static void put_proposal(struct tsv_writer *w, const struct questions *all, uint32_t cluster,
			 const struct proposal *p)
{
	const struct question *q = &all->items[cluster];
	bool labelled = *p->reason == '\0' && p->answer.label != SIZE_MAX;
	struct text model = TEXT_INIT;

	clean_text(&model, p->model ? p->model : "", LONGEST_MODEL);
	tsv_put(w, strtab_str(&all->clusters, cluster));
	tsv_put(w, labelled ? q->labels.s[p->answer.label] : "Unresolved");
	tsv_put(w, labelled ? q->ids.s[p->answer.label] : "");
	tsv_put(w, labelled ? "proposed" : "unresolved");
	tsv_put(w, p->reason);
	tsv_put(w, p->answer.genes.s);
	tsv_put_size(w, p->answer.n_invented);
	tsv_put(w, p->answer.reason.s);
	tsv_put(w, p->answer.alternatives.s);
	tsv_put_float(w, labelled ? (double)p->n_agree / (double)p->n_asked : 0);
	tsv_put(w, model.s);
	tsv_put(w, p->source);
	tsv_put_size(w, p->prompt_tokens);
	tsv_put_size(w, p->completion_tokens);
	tsv_end_row(w);
	text_release(&model);
}

int proposals_table_put(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct proposals_table *t = arg;

	(void)err;
	tsv_header(w,
		   "cluster\tlabel\tid\tstatus\treason\tgenes\tinvented\trationale\talternatives\t"
		   "agreement\tmodel\tsource\tprompt_tokens\tcompletion_tokens");
	for (uint32_t c = 0; c < t->questions->clusters.n; c++)
		put_proposal(w, t->questions, c, &t->proposals[c]);
	return 0;
}
