/* quality.c - see quality.h. */
#include "base/util.h"

#include <math.h>

#include "base/fd.h"
#include "base/mem.h"
#include "format/tsv.h"
#include "report/quality.h"
#include "report/query_summary.h"

/* A column of h5-qc's table, and how the page shows it. */
static const struct measure {
	const char *column, *shown;
	double times; /* shares as per cent */
	int digits;
} measures[QUALITY_MEASURES] = {
	{"n_counts", "Counts", 1, 0},
	{"n_genes", "Genes", 1, 0},
	{"mito_share", "Mitochondrial, %", 100, 1},
	{"ribo_share", "Ribosomal, %", 100, 1},
	{"complexity", "Complexity", 1, 3},
	{"doublet_score", "Doublet score", 1, 3},
};

/* ---- reading ---- */

struct reading {
	struct tsv *in;
	size_t columns[QUALITY_MEASURES], wrong;
	double *values[QUALITY_MEASURES];
	size_t n[QUALITY_MEASURES], cap[QUALITY_MEASURES];
};

static int find_columns(struct reading *r, struct err *err)
{
	for (size_t i = 0; i < QUALITY_MEASURES; i++)
		if (tsv_need(r->in, measures[i].column, &r->columns[i], err))
			return -1;
	return tsv_need(r->in, "qc", &r->wrong, err);
}

static void count_wrongs(struct quality *q, char *list)
{
	char *word;

	q->n_wrong += *list != '\0';
	while ((word = strsep(&list, ";"))) {
		size_t n = q->wrongs.n;
		uint32_t id;

		if (!*word)
			continue;
		id = strtab_add(&q->wrongs, word);
		if (q->wrongs.n > n) {
			MEM_GROW(q->wrong_cells, n + 1, q->cap_wrongs);
			q->wrong_cells[n] = 0;
		}
		q->wrong_cells[id]++;
	}
}

static int add_cell(struct reading *r, struct quality *q, struct err *err)
{
	for (size_t i = 0; i < QUALITY_MEASURES; i++) {
		double value;

		if (tsv_number(r->in, r->columns[i], &value, err))
			return -1;
		if (isnan(value))
			continue;
		MEM_GROW(r->values[i], r->n[i] + 1, r->cap[i]);
		r->values[i][r->n[i]++] = value;
	}
	count_wrongs(q, r->in->fields[r->wrong]);
	q->n_cells++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double percentile(const double *sorted, size_t n, double share)
{
	return n ? sorted[(size_t)llround(share * (double)(n - 1))] : NAN;
}

static void sum_up(struct reading *r, struct quality *q)
{
	for (size_t i = 0; i < QUALITY_MEASURES; i++) {
		if (r->n[i])
			qsort(r->values[i], r->n[i], sizeof(*r->values[i]), compare);
		q->measures[i].low = percentile(r->values[i], r->n[i], .05);
		q->measures[i].median = percentile(r->values[i], r->n[i], .5);
		q->measures[i].high = percentile(r->values[i], r->n[i], .95);
	}
}

/* "# not typed: WHY" is no table. */
static bool says_nothing(const char *path)
{
	struct query_summary *q = query_new(path);
	bool is = file_is_empty(path) || query_is_not_typed(q);

	query_free(q);
	return is;
}

int quality_read(struct quality *q, const char *path, struct err *err)
{
	struct reading r = {.in = NULL};
	int got = -1;

	*q = (struct quality){.n_cells = 0};
	if (says_nothing(path))
		return 0;
	r.in = tsv_open(path, err);
	if (r.in && find_columns(&r, err) == 0)
		while ((got = tsv_next(r.in, err)) > 0)
			if (add_cell(&r, q, err)) {
				got = -1;
				break;
			}
	sum_up(&r, q);
	for (size_t i = 0; i < QUALITY_MEASURES; i++)
		free(r.values[i]);
	tsv_close(r.in);
	return got;
}

void quality_release(struct quality *q)
{
	strtab_release(&q->wrongs);
	free(q->wrong_cells);
	*q = (struct quality){.n_cells = 0};
}

/* ---- the page ---- */

static const char *meaning(const char *wrong)
{
	static const char *const known[][2] = {
		{"LOW_COUNTS", "far fewer counts than the others"},
		{"HIGH_COUNTS", "far more counts than the others"},
		{"LOW_GENES", "far fewer genes than the others"},
		{"HIGH_GENES", "far more genes than the others"},
		{"LOW_COMPLEXITY", "few genes for so many counts"},
		{"HIGH_MITO", "a high mitochondrial share"},
		{"DOUBLET", "likely two cells in one droplet"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(wrong, known[i][0]))
			return known[i][1];
	return "";
}

static void put_number(struct page *p, const struct measure *m, double value)
{
	if (isnan(value))
		page_raw(p, "<td></td>");
	else
		page_raw(p, "<td class=\"n\">%.*f</td>", m->digits, value * m->times);
}

static void put_measures(struct page *p, const struct quality *q)
{
	page_table(p, "", "Measures of quality");
	page_raw(p, "<thead><tr><th>Measure</th><th class=\"n\">5&nbsp;%% of cells below</th>"
		    "<th class=\"n\">Median</th><th class=\"n\">5&nbsp;%% above</th></tr></thead>"
		    "<tbody>\n");
	for (size_t i = 0; i < QUALITY_MEASURES; i++) {
		if (isnan(q->measures[i].median))
			continue;
		page_raw(p, "<tr><th scope=\"row\">%s</th>", measures[i].shown);
		put_number(p, &measures[i], q->measures[i].low);
		put_number(p, &measures[i], q->measures[i].median);
		put_number(p, &measures[i], q->measures[i].high);
		page_raw(p, "</tr>\n");
	}
	page_table_end(p);
}

static void put_wrongs(struct page *p, const struct quality *q)
{
	uint32_t *sorted = strtab_sorted(&q->wrongs);

	page_table(p, "", "What is wrong with cells");
	page_raw(p, "<thead><tr><th>Something wrong</th><th class=\"n\">Cells</th>"
		    "<th class=\"n\">Share</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < q->wrongs.n; i++) {
		const char *wrong = strtab_str(&q->wrongs, sorted[i]);

		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, wrong);
		page_raw(p, *meaning(wrong) ? ": %s" : "%s", meaning(wrong));
		page_raw(p, "</th><td class=\"n\">");
		page_count(p, q->wrong_cells[sorted[i]]);
		page_raw(p, "</td><td class=\"n\">");
		page_share(p, q->wrong_cells[sorted[i]], q->n_cells);
		page_raw(p, "</td></tr>\n");
	}
	page_table_end(p);
	free(sorted);
}

void section_quality(struct page *p, const struct quality *q)
{
	if (!q->n_cells)
		return;
	page_section(p, 3, NULL, "Quality of the cells");
	page_raw(p, "<div class=\"beside\">\n");
	put_measures(p, q);
	if (q->wrongs.n)
		put_wrongs(p, q);
	page_raw(p, "</div>\n<p class=\"note\">");
	page_count(p, q->n_wrong);
	page_raw(
		p,
		" cells have something wrong (qc_qc in the typed file). None is left out or called "
		"Unknown for it.</p>\n");
	page_section_end(p);
}
