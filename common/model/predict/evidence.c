/* evidence.c - see evidence.h. */
#include "base/util.h"

#include <math.h>

#include "base/outfile.h"
#include "format/tsv.h"
#include "model/gene_index.h"
#include "model/predict/evidence.h"
#include "model/predict/scorer.h"

#define HEADER "cell\tlabel\tsecond\tmargin\tfor\tagainst\tabsent\tprior\trest"
#define LISTED 4

struct evidence {
	const struct model *model;
	char *const *genes; /* of the file */
	uint32_t *gene_of;  /* per gene of the file: the model's, or UINT32_MAX */
	double *coef;       /* rows x genes of the model */
	double *nothing;    /* per class: what a cell without any gene scores, less the intercept */
	struct outfile *out;
	struct tsv_writer writer;
};

/* The weight of a class and gene, whatever the number of rows. */
static double weight(const struct evidence *e, size_t class, size_t gene)
{
	const struct model *m = e->model;

	if (m->n_rows == m->n_classes)
		return e->coef[class * m->n_genes + gene];
	return class ? e->coef[gene] : -e->coef[gene];
}

static double intercept(const struct model *m, size_t class)
{
	if (m->n_rows == m->n_classes)
		return m->intercept[class];
	return class ? m->intercept[0] : -m->intercept[0];
}

static double standardised(const struct model *m, size_t gene, double x)
{
	double mean = m->with_mean ? m->mean[gene] : 0;

	return fmin((x - mean) / m->scale[gene], m->clip);
}

struct evidence *evidence_new(const struct model *m, const double *coef, char *const *genes,
			      size_t n_genes)
{
	struct gene_index index = gene_index_new(m);
	struct evidence *e;

	MEM_ZERO(e, 1);
	e->model = m;
	e->genes = genes;
	e->coef = mem_copy(coef ? coef : m->coef, mem_product(m->n_rows, m->n_genes),
			   sizeof(*e->coef));
	MEM_ARRAY(e->gene_of, n_genes);
	MEM_ZERO(e->nothing, m->n_classes);
	for (size_t g = 0; g < n_genes; g++) {
		uint32_t gene = gene_index_find(&index, genes[g]);

		e->gene_of[g] = gene < GENE_REPEATED ? gene : UINT32_MAX;
		for (size_t k = 0; k < m->n_classes && gene < GENE_REPEATED; k++)
			e->nothing[k] += weight(e, k, gene) * standardised(m, gene, 0);
	}
	gene_index_release(&index);
	return e;
}

int evidence_open(struct evidence *e, const char *path, struct err *err)
{
	e->out = outfile_open_whole(path, err);
	if (!e->out)
		return -1;
	e->writer = (struct tsv_writer){.file = outfile_stream(e->out), .path = path};
	tsv_put_columns(&e->writer, HEADER);
	tsv_end_row(&e->writer);
	return 0;
}

/* ---- one cell ---- */

struct part {
	uint32_t gene; /* of the file */
	double size;
};

/* The largest parts of one sign, falling; of equals the first gene. */
struct strongest {
	struct part parts[LISTED];
	size_t n;
};

static void keep(struct strongest *list, struct part part)
{
	size_t at = list->n;

	while (at > 0 && fabs(list->parts[at - 1].size) < fabs(part.size))
		at--;
	if (at == LISTED)
		return;
	list->n = MIN(list->n + 1, LISTED);
	memmove(list->parts + at + 1, list->parts + at, (list->n - at - 1) * sizeof(*list->parts));
	list->parts[at] = part;
}

/* "LYZ:+0.81,CST3:+0.4"; returns the sum of the numbers as they stand there. */
static double put_list(const struct evidence *e, const struct strongest *list, struct tsv_writer *w)
{
	struct text text = TEXT_INIT;
	char size[32];
	double sum = 0;

	for (size_t i = 0; i < list->n; i++) {
		snprintf(size, sizeof(size), "%+.9g", list->parts[i].size);
		text_add(&text, "%s%s:%s", i ? "," : "", e->genes[list->parts[i].gene], size);
		sum += strtod(size, NULL);
	}
	tsv_put(w, text.len ? text.s : "");
	text_release(&text);
	return sum;
}

struct telling {
	const struct evidence *e;
	const struct cells *block;
	char *const *names;
	const double *scores;
};

static void put_cell(struct tsv_writer *w, void *arg, size_t cell)
{
	const struct telling *t = arg;
	const struct evidence *e = t->e;
	const struct model *m = e->model;
	const double *scores = t->scores + cell * m->n_classes;
	struct call call = scorer_call(scores, scores, m->n_classes);
	size_t k = call.best, s = call.second;
	double margin = scores[k] - scores[s], prior = intercept(m, k) - intercept(m, s);
	double absent = e->nothing[k] - e->nothing[s], listed;
	struct strongest pro = {.n = 0}, contra = {.n = 0};

	for (size_t i = t->block->starts[cell]; i < t->block->starts[cell + 1]; i++) {
		uint32_t gene = e->gene_of[t->block->genes[i]];
		double x = (double)t->block->values[i], size;

		if (gene == UINT32_MAX || x == 0)
			continue;
		size = weight(e, k, gene) - weight(e, s, gene);
		absent -= size * standardised(m, gene, 0);
		size *= standardised(m, gene, x);
		if (size != 0)
			keep(size > 0 ? &pro : &contra, (struct part){t->block->genes[i], size});
	}
	tsv_put(w, t->names[cell]);
	tsv_put(w, m->classes[k]);
	tsv_put(w, m->classes[s]);
	tsv_put_double(w, margin);
	listed = put_list(e, &pro, w);
	listed += put_list(e, &contra, w);
	tsv_put_double(w, absent);
	tsv_put_double(w, prior);
	tsv_put_double(w, margin - prior - absent - listed);
}

int evidence_add(struct evidence *e, const struct cells *block, char *const *names,
		 const double *scores, struct pool *pool, struct err *err)
{
	struct telling t = {e, block, names, scores};

	tsv_put_rows(&e->writer, pool, block->n_cells, put_cell, &t);
	return tsv_writer_check(&e->writer, err);
}

int evidence_finish(struct evidence *e, struct err *err)
{
	struct outfile *out = e->out;

	if (tsv_writer_close(&e->writer, err))
		return -1;
	e->out = NULL;
	return outfile_commit(out, err);
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	text_release(&e->writer.waiting);
	outfile_abort(e->out);
	free(e->gene_of);
	free(e->coef);
	free(e->nothing);
	free(e);
}
