/* agreement.c - see agreement.h. */
#include "base/util.h"

#include <sys/stat.h>

#include "calls/calls.h"
#include "report/agreement.h"

struct side_by_side {
	struct calls *tables[MAX_AGREEING];
	size_t n;
};

static bool is_table(const char *path)
{
	struct stat st;

	return (str_ends(path, ".tsv") || str_ends(path, ".tsv.gz")) && stat(path, &st) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size > 0;
}

static int open_tables(struct side_by_side *s, const struct run_log *run,
		       const struct query_summary *q, struct err *err)
{
	for (size_t i = 0; run && i < run->n; i++) {
		const struct run_step *step = &run->steps[i];

		bool calls = run_step_is(step, "lr-predict", q->name) ||
			     run_step_is(step, "knn-transfer", q->name);

		for (size_t k = 0; calls && k < step->n_outputs; k++) {
			if (s->n == MAX_AGREEING || !is_table(step->outputs[k]))
				continue;
			s->tables[s->n] = calls_open(step->outputs[k], err);
			if (!s->tables[s->n++])
				return -1;
		}
	}
	return 0;
}

/* The next row of every table: 1, 0 at the end of all, -1. */
static int next_rows(struct side_by_side *s, struct err *err)
{
	const struct calls *first = s->tables[0];
	int got = calls_next(s->tables[0], err);

	for (size_t i = 1; i < s->n && got >= 0; i++) {
		int other = calls_next(s->tables[i], err);

		if (other < 0)
			return -1;
		if (other != got || (got && !str_eq(calls_cell(first), calls_cell(s->tables[i]))))
			return err_set(err,
				       "%s:%zu: not the cells of %s (the run changed: make it "
				       "again)",
				       s->tables[i]->tsv->path, s->tables[i]->tsv->line,
				       first->tsv->path);
	}
	return got;
}

static void name_models(struct agreement *a, const struct side_by_side *s)
{
	for (a->n = 0; a->n < s->n; a->n++) {
		const struct calls *t = s->tables[a->n];
		bool named = t->model_column != SIZE_MAX && *t->tsv->fields[t->model_column];

		a->models[a->n] = named ? mem_str(t->tsv->fields[t->model_column])
					: mem_printf("model %zu", a->n + 1);
	}
}

static void count_pairs(struct agreement *a, const struct side_by_side *s)
{
	for (size_t i = 1; i < s->n; i++)
		for (size_t k = 0; k < i; k++)
			a->same[k][i] +=
				str_eq(calls_label(s->tables[k]), calls_label(s->tables[i]));
}

int agreement_read(struct agreement *a, const struct run_log *run, const struct query_summary *q,
		   struct err *err)
{
	struct side_by_side s = {.n = 0};
	int got = open_tables(&s, run, q, err);

	while (got == 0 && s.n >= 2 && (got = next_rows(&s, err)) > 0) {
		if (a->n_cells++ == 0)
			name_models(a, &s);
		count_pairs(a, &s);
		got = 0;
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.tables[i])
			calls_close(s.tables[i]);
	return got;
}

void agreement_release(struct agreement *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->models[i]);
	a->n = 0;
}

static void put_pair(struct page *p, const struct agreement *a, size_t i, size_t k)
{
	size_t same = i == k ? a->n_cells : a->same[MIN(i, k)][MAX(i, k)];
	double share = (double)same / (double)a->n_cells;

	if (i == k) {
		page_raw(p, "<td class=\"same\"></td>");
		return;
	}
	page_raw(p, "<td class=\"heat%s\" style=\"--s:%.3f\" data-tip=\"",
		 share > 0.55 ? " full" : "", share);
	page_text(p, a->models[i]);
	page_raw(p, " and ");
	page_text(p, a->models[k]);
	page_raw(p, ": the same in ");
	page_count(p, same);
	page_raw(p, " cells\">");
	page_share(p, same, a->n_cells);
	page_raw(p, "</td>");
}

void section_pairs(struct page *p, const struct agreement *a)
{
	if (a->n < 2)
		return;
	page_section(p, 3, NULL, "Each two models");
	page_table(p, "confusion", "Agreement of each two models");
	page_raw(p, "<thead><tr><td></td>");
	for (size_t i = 0; i < a->n; i++) {
		page_raw(p, "<th scope=\"col\"><span>");
		page_text(p, a->models[i]);
		page_raw(p, "</span></th>");
	}
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < a->n; i++) {
		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, a->models[i]);
		page_raw(p, "</th>");
		for (size_t k = 0; k < a->n; k++)
			put_pair(p, a, i, k);
		page_raw(p, "</tr>\n");
	}
	page_table_end(p);
	page_raw(p, "<p class=\"note\">Cells that both give the same label, by its name.</p>\n");
	page_section_end(p);
}
