/* evidence_tables.c - see evidence_tables.h. */
#include "base/util.h"

#include <math.h>

#include "format/tsv.h"
#include "report/evidence_tables.h"

#define LARGEST_P 0.05
#define MOST_GENES 120 /* in all; fewer of each label when there are many */
#define MOST_OF_LABEL 5
#define FEWEST_OF_LABEL 2

/* ---- rows by columns ---- */

static const char *const verdict_columns[] = {"cluster",    "label", "status",  "genes",
					      "conflict",   "best",  "support", "best_z",
					      "confidence", "reason"};
static const char *const proposal_columns[] = {"cluster", "label",     "status",
					       "reason",  "rationale", "model"};

static int picked_read(struct picked *p, const char *path, const char *const *names, size_t n_names,
		       struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t at[VERDICT_COLUMNS] = {0}, cap = 0; /* the longer of the two lists */
	int got = in ? 0 : -1;

	p->n_columns = n_names;
	for (size_t i = 0; got == 0 && i < n_names; i++)
		got = tsv_need(in, names[i], &at[i], err);
	while (got >= 0 && (got = tsv_next(in, err)) > 0) {
		MEM_GROW(p->fields, (p->n_rows + 1) * n_names, cap);
		for (size_t i = 0; i < n_names; i++) {
			const char *text = in->fields[at[i]];
			p->fields[p->n_rows * n_names + i] =
				arena_str(&p->arena, text, strlen(text));
		}
		p->n_rows++;
	}
	tsv_close(in);
	return got;
}

const char *picked_at(const struct picked *p, size_t row, size_t column)
{
	return row < p->n_rows ? p->fields[row * p->n_columns + column] : "";
}

size_t picked_find(const struct picked *p, const char *name)
{
	for (size_t row = 0; row < p->n_rows; row++)
		if (str_eq(picked_at(p, row, 0), name))
			return row;
	return SIZE_MAX;
}

static void picked_release(struct picked *p)
{
	free(p->fields);
	arena_release(&p->arena);
}

/* ---- dots ---- */

/* The first genes of a label, by number in 'names'. */
struct firsts {
	uint32_t genes[MOST_OF_LABEL];
	size_t n;
};

enum { CLUSTER, GENE, PADJ, SCORE, SHARE, MEAN, DOT_COLUMNS };
static const char *const dot_columns[] = {"cluster", "gene", "padj", "score", "pct", "mean"};

static struct tsv *open_markers(const char *path, size_t *at, struct err *err)
{
	struct tsv *in = tsv_open(path, err);

	for (size_t i = 0; in && i < DOT_COLUMNS; i++) {
		if (tsv_need(in, dot_columns[i], &at[i], err)) {
			tsv_close(in);
			return NULL;
		}
	}
	return in;
}

/* Which genes come first in each label: rows are by falling score. */
static int find_firsts(struct dots *d, const char *path, struct strtab *names,
		       struct firsts **firsts, struct err *err)
{
	size_t at[DOT_COLUMNS], cap = 0;
	struct tsv *in = open_markers(path, at, err);
	double p, score;
	int got = -1;

	while (in && (got = tsv_next(in, err)) > 0) {
		size_t n = d->labels.n;
		uint32_t label = strtab_add(&d->labels, in->fields[at[CLUSTER]]);

		if (d->labels.n > n) {
			MEM_GROW(*firsts, n + 1, cap);
			(*firsts)[n].n = 0;
		}
		if ((*firsts)[label].n == MOST_OF_LABEL)
			continue;
		if ((got = tsv_number(in, at[PADJ], &p, err)) ||
		    (got = tsv_number(in, at[SCORE], &score, err)))
			break;
		if (p <= LARGEST_P && score > 0)
			(*firsts)[label].genes[(*firsts)[label].n++] =
				strtab_add(names, in->fields[at[GENE]]);
	}
	tsv_close(in);
	return got;
}

static void choose_genes(struct dots *d, const struct strtab *names, const struct firsts *firsts)
{
	size_t each = MOST_GENES / MAX(d->labels.n, 1);

	each = MIN(MAX(each, FEWEST_OF_LABEL), MOST_OF_LABEL);
	for (size_t i = 0; i < d->labels.n && d->genes.n < MOST_GENES; i++)
		for (size_t k = 0; k < MIN(each, firsts[i].n); k++)
			strtab_add(&d->genes, strtab_str(names, firsts[i].genes[k]));
}

static int fill_dots(struct dots *d, const char *path, struct err *err)
{
	size_t at[DOT_COLUMNS];
	struct tsv *in = open_markers(path, at, err);
	double share, mean;
	int got = -1;

	d->of = mem_zero(mem_product(d->labels.n, d->genes.n) + 1, sizeof(*d->of));
	while (in && (got = tsv_next(in, err)) > 0) {
		uint32_t label = strtab_find(&d->labels, in->fields[at[CLUSTER]]);
		uint32_t gene = strtab_find(&d->genes, in->fields[at[GENE]]);

		if (gene == STRTAB_NONE || label == STRTAB_NONE)
			continue;
		if ((got = tsv_number(in, at[SHARE], &share, err)) ||
		    (got = tsv_number(in, at[MEAN], &mean, err)))
			break;
		d->of[label * d->genes.n + gene] = (struct dot){(float)fmin(fmax(share, 0), 1),
								isfinite(mean) ? (float)mean : 0};
	}
	tsv_close(in);
	return got;
}

static int dots_read(struct dots *d, const char *path, struct err *err)
{
	struct strtab names = {0};
	struct firsts *firsts = NULL;
	int ret = find_firsts(d, path, &names, &firsts, err);

	if (ret == 0) {
		choose_genes(d, &names, firsts);
		ret = fill_dots(d, path, err);
	}
	strtab_release(&names);
	free(firsts);
	return ret;
}

/* ---- all ---- */

int query_evidence_read(struct query_evidence *e, const struct evidence_files *files,
			struct err *err)
{
	*e = (struct query_evidence){0};
	if ((files->markers && dots_read(&e->dots, files->markers, err)) ||
	    (files->verdicts &&
	     picked_read(&e->verdicts, files->verdicts, verdict_columns, VERDICT_COLUMNS, err)) ||
	    (files->judged &&
	     picked_read(&e->judged, files->judged, verdict_columns, VERDICT_COLUMNS, err)) ||
	    (files->proposals && picked_read(&e->proposals, files->proposals, proposal_columns,
					     PROPOSAL_COLUMNS, err))) {
		query_evidence_release(e);
		return -1;
	}
	return 0;
}

void query_evidence_release(struct query_evidence *e)
{
	strtab_release(&e->dots.labels);
	strtab_release(&e->dots.genes);
	free(e->dots.of);
	picked_release(&e->verdicts);
	picked_release(&e->judged);
	picked_release(&e->proposals);
	*e = (struct query_evidence){0};
}

double dots_largest_mean(const struct dots *d, size_t gene)
{
	double most = 0;

	/* Not by fmax: GCC 12 for aarch64 stops at a loop of it over numbers that are apart. */
	for (size_t i = 0; i < d->labels.n; i++) {
		double mean = (double)d->of[i * d->genes.n + gene].mean;

		most = mean > most ? mean : most;
	}
	return most;
}
