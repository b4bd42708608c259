/* markers_uns.c - see markers_uns.h. */
#include "base/util.h"

#include "evidence/markers_uns.h"

/* Groups that have markers of their own: all but the reference. */
struct shown {
	size_t n, n_rows;
	size_t *groups;
	char **names;
	uint32_t **orders; /* per group shown: its genes */
};

static void shown_make(struct shown *s, const struct markers *m, const struct uns_words *words)
{
	MEM_ARRAY(s->groups, m->rules.n_groups);
	MEM_ARRAY(s->names, m->rules.n_groups);
	MEM_ARRAY(s->orders, m->rules.n_groups);
	for (size_t g = 0; g < m->rules.n_groups; g++) {
		if (g == m->rules.reference)
			continue;
		MEM_ARRAY(s->orders[s->n], m->rules.n_genes);
		s->n_rows = markers_order(m, g, s->orders[s->n]);
		s->groups[s->n] = g;
		s->names[s->n++] = words->groups[g];
	}
	if (words->top)
		s->n_rows = MIN(s->n_rows, words->top);
}

static void shown_release(struct shown *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->orders[i]);
	free(s->groups);
	free(s->names);
	free(s->orders);
}

static int put_params(struct writer *w, const struct markers *m, const struct uns_words *words,
		      struct err *err)
{
	static const char *const methods[] = {"t-test", "t-test_overestim_var", "wilcoxon"};
	size_t reference = m->rules.reference;
	char *at = mem_printf("uns/%s/params", words->key);
	char *names[6];
	const char *ends[] = {"groupby", "reference", "method", "corr_method", "use_raw", "layer"};
	int ret;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		names[i] = mem_printf("%s/%s", at, ends[i]);
	ret = writer_text(w, names[0], words->group_by, err) ||
	      writer_text(w, names[1],
			  reference == MARKERS_REST ? "rest" : words->groups[reference], err) ||
	      writer_text(w, names[2], methods[m->rules.method], err) ||
	      writer_text(w, names[3], m->rules.bonferroni ? "bonferroni" : "benjamini-hochberg",
			  err) ||
	      writer_bool(w, names[4], str_eq(words->slot, "raw"), err);
	if (!ret && str_starts(words->slot, "layers/"))
		ret = writer_text(w, names[5], words->slot + strlen("layers/"), err);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		free(names[i]);
	free(at);
	return ret ? -1 : 0;
}

static int put_records(struct writer *w, const struct uns_words *words, const struct shown *s,
		       const char *what, enum record_kind kind, const void *values, struct err *err)
{
	char *at = mem_printf("uns/%s/%s", words->key, what);
	int ret = writer_records(w, at, s->names, s->n, s->n_rows, kind, values, err);

	free(at);
	return ret;
}

static int put_names(struct writer *w, const struct uns_words *words, const struct shown *s,
		     struct err *err)
{
	const char **names;
	int ret;

	MEM_ARRAY(names, s->n * s->n_rows);
	for (size_t row = 0; row < s->n_rows; row++)
		for (size_t i = 0; i < s->n; i++)
			names[row * s->n + i] = words->genes[s->orders[i][row]];
	ret = put_records(w, words, s, "names", RECORD_TEXT, names, err);
	free(names);
	return ret;
}

/* scores and logfoldchanges, which scanpy keeps as floats. */
static int put_narrow(struct writer *w, const struct markers *m, const struct uns_words *words,
		      const struct shown *s, bool scores, struct err *err)
{
	float *values;
	int ret;

	MEM_ARRAY(values, s->n * s->n_rows);
	for (size_t row = 0; row < s->n_rows; row++) {
		for (size_t i = 0; i < s->n; i++) {
			const struct marker *at = markers_at(m, s->groups[i], s->orders[i][row]);
			values[row * s->n + i] = scores ? (float)at->score : at->log2fc;
		}
	}
	ret = put_records(w, words, s, scores ? "scores" : "logfoldchanges", RECORD_FLOAT, values,
			  err);
	free(values);
	return ret;
}

static int put_p(struct writer *w, const struct markers *m, const struct uns_words *words,
		 const struct shown *s, bool adjusted, struct err *err)
{
	double *values, *padj;
	int ret;

	MEM_ARRAY(values, s->n * s->n_rows);
	MEM_ARRAY(padj, m->rules.n_genes);
	for (size_t i = 0; i < s->n; i++) {
		if (adjusted)
			markers_adjust(m, s->groups[i], padj);
		for (size_t row = 0; row < s->n_rows; row++) {
			uint32_t gene = s->orders[i][row];
			values[row * s->n + i] =
				adjusted ? padj[gene] : markers_at(m, s->groups[i], gene)->p;
		}
	}
	ret = put_records(w, words, s, adjusted ? "pvals_adj" : "pvals", RECORD_DOUBLE, values,
			  err);
	free(values);
	free(padj);
	return ret;
}

static int put_shares(struct writer *w, const struct markers *m, const struct uns_words *words,
		      const struct shown *s, bool rest, struct err *err)
{
	struct frame *f = frame_new(m->rules.n_genes);
	char *at = mem_printf("uns/%s/%s", words->key, rest ? "pts_rest" : "pts");
	int ret;

	frame_set_keys(f, words->genes);
	for (size_t i = 0; i < s->n; i++) {
		struct column c = column_new(s->names[i], COLUMN_FLOAT, f->n_rows);
		for (size_t gene = 0; gene < f->n_rows; gene++) {
			struct moment own = group_moment(m->moments, s->groups[i], gene);
			column_set_number(&c, gene,
					  rest ? markers_at(m, s->groups[i], gene)->pct_rest
					       : own.n_expressing / own.n);
		}
		frame_add(f, &c);
	}
	ret = writer_frame(w, at, f, err);
	free(at);
	frame_free(f);
	return ret;
}

int markers_uns_write(struct writer *w, const struct markers *m, const struct uns_words *words,
		      struct err *err)
{
	struct shown s = {0};
	int ret;

	shown_make(&s, m, words);
	ret = put_params(w, m, words, err) || put_names(w, words, &s, err) ||
	      put_narrow(w, m, words, &s, true, err) || put_narrow(w, m, words, &s, false, err) ||
	      put_p(w, m, words, &s, false, err) || put_p(w, m, words, &s, true, err) ||
	      put_shares(w, m, words, &s, false, err) ||
	      (m->rules.reference == MARKERS_REST && put_shares(w, m, words, &s, true, err));
	shown_release(&s);
	return ret ? -1 : 0;
}
