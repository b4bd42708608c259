/* questions.c - see questions.h. */
#include "base/util.h"

#include "evidence/questions.h"
#include "format/tsv.h"

#define LARGEST_P 0.05

static bool has(const struct names *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->s[i], name))
			return true;
	return false;
}

static void add_once(struct names *list, const char *name, size_t most)
{
	if (*name && list->n < most && !has(list, name))
		names_add(list, name);
}

static struct question *question_of(struct questions *q, const char *cluster)
{
	size_t n = q->clusters.n;
	uint32_t at = strtab_add(&q->clusters, cluster);

	if (q->clusters.n > n) {
		MEM_GROW(q->items, q->clusters.n, q->cap);
		q->items[at] = (struct question){.species = "", .tissue = ""};
	}
	return &q->items[at];
}

static int read_candidates(struct questions *q, const char *path, bool genes, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t label, id, list;
	int got = -1;

	if (in && !tsv_need(in, "label", &label, err) && !tsv_need(in, "genes", &list, err)) {
		id = tsv_column(in, "id");
		while ((got = tsv_next(in, err)) > 0) {
			struct question *to = question_of(q, in->fields[0]);
			char *rest = in->fields[list], *gene;
			if (to->labels.n < QUESTION_LABELS && *in->fields[label] &&
			    !has(&to->labels, in->fields[label])) {
				names_add(&to->labels, in->fields[label]);
				names_add(&to->ids, id == SIZE_MAX ? "" : in->fields[id]);
			}
			while (genes && (gene = strsep(&rest, ",")))
				add_once(&to->genes, gene, QUESTION_GENES);
		}
	}
	tsv_close(in);
	return got;
}

/* The cluster's question, when candidates were given for it. */
static struct question *known(struct questions *q, const char *cluster)
{
	uint32_t at = strtab_find(&q->clusters, cluster);

	return at == STRTAB_NONE ? NULL : &q->items[at];
}

static int read_markers(struct questions *q, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t gene, padj, score;
	double p, s;
	int got = -1;

	if (in && !tsv_need(in, "gene", &gene, err) && !tsv_need(in, "padj", &padj, err) &&
	    !tsv_need(in, "score", &score, err)) {
		while ((got = tsv_next(in, err)) > 0) {
			struct question *to = known(q, in->fields[0]);
			if (!to)
				continue;
			if ((got = tsv_number(in, padj, &p, err)) ||
			    (got = tsv_number(in, score, &s, err)))
				break;
			if (p <= LARGEST_P && s > 0)
				add_once(&to->genes, in->fields[gene], QUESTION_GENES);
		}
	}
	tsv_close(in);
	return got;
}

static int read_terms(struct questions *q, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t name;
	int got = -1;

	if (in && !tsv_need(in, "name", &name, err))
		while ((got = tsv_next(in, err)) > 0) {
			struct question *to = known(q, in->fields[0]);
			if (to)
				add_once(&to->terms, in->fields[name], QUESTION_TERMS);
		}
	tsv_close(in);
	return got;
}

int questions_read(struct questions *q, const struct question_tables *t, struct err *err)
{
	*q = (struct questions){0};
	if (read_candidates(q, t->candidates, !t->markers, err) ||
	    (t->markers && read_markers(q, t->markers, err)) ||
	    (t->terms && read_terms(q, t->terms, err))) {
		questions_release(q);
		return -1;
	}
	return 0;
}

void questions_release(struct questions *q)
{
	for (size_t i = 0; i < q->clusters.n; i++)
		question_release(&q->items[i]);
	free(q->items);
	strtab_release(&q->clusters);
	*q = (struct questions){0};
}
