/* scorer.c - see scorer.h. */
#include "base/util.h"

#include <math.h>

#include "model/gene_index.h"
#include "model/predict/scorer_private.h"

#define TILE_BYTES 32768 /* of weights that cells use one after another: near caches */

/* ---- matching a model with a file ---- */

/* Rows of weights in the order of the file's genes, so that a cell walks them forward. */
static uint32_t *match_genes(struct scorer *s, const struct model *m, char *const *genes)
{
	struct gene_index index = gene_index_new(m);
	uint32_t *gene_of;

	MEM_ARRAY(s->row_of, s->n_genes);
	MEM_ARRAY(gene_of, s->n_genes);
	for (size_t g = 0; g < s->n_genes; g++) {
		uint32_t gene = gene_index_find(&index, genes[g]);

		s->row_of[g] = ROW_NONE;
		if (gene == GENE_REPEATED && !s->coverage.repeated) {
			s->coverage.repeated = genes[g];
		} else if (gene < GENE_REPEATED) {
			s->row_of[g] = (uint32_t)s->n_present;
			gene_of[s->n_present++] = gene;
		}
	}
	gene_index_release(&index);
	return gene_of;
}

/* Where tiles of rows end among the file's genes. */
static void set_tiles(struct scorer *s)
{
	size_t rows = MAX(TILE_BYTES / (s->n_lanes * LANE * sizeof(double)), 8), tile = 0;

	s->n_tiles = (s->n_present + rows - 1) / rows;
	MEM_ARRAY(s->tile_end, s->n_tiles);
	for (size_t g = 0; g < s->n_genes; g++) {
		if (s->row_of[g] != ROW_NONE && s->row_of[g] == (tile + 1) * rows)
			s->tile_end[tile++] = (uint32_t)g;
	}
	if (s->n_tiles)
		s->tile_end[tile] = (uint32_t)s->n_genes;
}

static void set_scaling(struct scorer *s, const struct model *m, const uint32_t *gene_of)
{
	MEM_ARRAY(s->most, s->n_present);
	MEM_ARRAY(s->least, s->n_present);
	for (size_t row = 0; row < s->n_present; row++) {
		double mean = m->with_mean ? m->mean[gene_of[row]] : 0;

		s->most[row] = s->clip * m->scale[gene_of[row]] + mean;
		s->least[row] = MIN(s->most[row], 0);
	}
}

/* Column 'c' of the weights: one row of coefficients. */
static void set_row(struct scorer *s, const struct model *m, const uint32_t *gene_of, size_t c,
		    const double *coef, double intercept)
{
	size_t group = c / (LANE * s->group_lanes) * s->group_lanes;
	size_t n_lanes = MIN(s->n_lanes - group, s->group_lanes);
	double *to = (double *)(s->weights + group * s->n_present) + c - group * LANE;
	double *start = (double *)s->start + c;

	*start = intercept;
	for (size_t row = 0; row < s->n_present; row++) {
		double weight = coef[gene_of[row]];
		double mean = m->with_mean ? m->mean[gene_of[row]] : 0;
		double scale = m->scale[gene_of[row]];

		to[row * n_lanes * LANE] = weight / scale;
		*start += weight * MIN(-mean / scale, s->clip);
	}
}

static void set_weights(struct scorer *s, const struct model *m, const struct scorer_rows *rows,
			const uint32_t *gene_of)
{
	const double *coef = rows && rows->coef ? rows->coef : m->coef;

	s->weights = mem_vectors(mem_product(s->n_present + 1, s->n_lanes), sizeof(lane));
	s->start = mem_vectors(s->n_lanes, sizeof(lane));
	for (size_t c = 0; c < s->n_rows; c++)
		set_row(s, m, gene_of, c, coef + c * m->n_genes, m->intercept[c]);
	for (size_t a = 0; a < s->n_axes; a++)
		set_row(s, m, gene_of, s->n_rows + a, rows->axes + a * m->n_genes, 0);
}

static void set_coverage(struct scorer *s, const struct model *m, const uint32_t *gene_of)
{
	double present = 0, all = 0;

	for (size_t c = 0; c < m->n_rows; c++) {
		const double *coef = m->coef + c * m->n_genes;

		for (size_t g = 0; g < m->n_genes; g++)
			all += fabs(coef[g]);
		for (size_t row = 0; row < s->n_present; row++)
			present += fabs(coef[gene_of[row]]);
	}
	s->coverage = (struct coverage){
		.n_present = s->n_present,
		.n_genes = m->n_genes,
		.genes = (double)s->n_present / (double)m->n_genes,
		.weight = all > 0 ? present / all : 0,
		.explained = NAN,
		.least = NAN,
		.repeated = s->coverage.repeated,
	};
}

struct scorer *scorer_new(const struct model *m, const struct scorer_rows *rows, char *const *genes,
			  size_t n_genes)
{
	struct scorer *s;
	uint32_t *gene_of;
	size_t n_groups;

	MEM_ZERO(s, 1);
	s->n_classes = m->n_classes;
	s->n_rows = m->n_rows;
	s->n_axes = rows ? rows->n_axes : 0;
	s->n_lanes = (m->n_rows + s->n_axes + LANE - 1) / LANE;
	n_groups = (s->n_lanes + GROUP_LANES - 1) / GROUP_LANES;
	s->group_lanes = (s->n_lanes + n_groups - 1) / n_groups;
	s->n_genes = n_genes;
	s->loss = m->loss;
	s->clip = m->clip;
	gene_of = match_genes(s, m, genes);
	set_tiles(s);
	set_scaling(s, m, gene_of);
	set_weights(s, m, rows, gene_of);
	set_coverage(s, m, gene_of);
	free(gene_of);
	return s;
}

void scorer_free(struct scorer *s)
{
	if (!s)
		return;
	free(s->row_of);
	free(s->most);
	free(s->least);
	free(s->tile_end);
	free(s->weights);
	free(s->start);
	free(s->scores);
	free(s->axes);
	free(s);
}

struct coverage scorer_coverage(const struct scorer *s)
{
	return s->coverage;
}

const uint32_t *scorer_known(const struct scorer *s)
{
	return s->row_of;
}

const double *scorer_axes(const struct scorer *s)
{
	return s->axes;
}

/* ---- what scores say ---- */

void scorer_link(const struct scorer *s, const double *scores, double *probabilities)
{
	double top = scores[0], sum = 0;

	if (s->loss == LOSS_OVR_LOG) {
		for (size_t c = 0; c < s->n_classes; c++)
			probabilities[c] = 1 / (1 + exp(-scores[c]));
		return;
	}
	for (size_t c = 1; c < s->n_classes; c++)
		top = MAX(top, scores[c]);
	for (size_t c = 0; c < s->n_classes; c++)
		sum += probabilities[c] = exp(scores[c] - top);
	for (size_t c = 0; c < s->n_classes; c++)
		probabilities[c] /= sum;
}

static double entropy_of(const double *probabilities, size_t n)
{
	double sum = 0, entropy = 0;

	for (size_t c = 0; c < n; c++)
		sum += probabilities[c];
	if (!(sum > 0))
		return log((double)n); /* nothing is likely: as uncertain as can be */
	for (size_t c = 0; c < n; c++) {
		double share = probabilities[c] / sum;

		if (share > 0)
			entropy -= share * log(share);
	}
	return MAX(entropy, 0);
}

struct call scorer_call(const double *scores, const double *probabilities, size_t n_classes)
{
	struct call call = {.best = 0, .second = 1};

	for (size_t c = 1; c < n_classes; c++) {
		if (scores[c] > scores[call.best])
			call.best = c;
	}
	call.second = call.best ? 0 : 1;
	for (size_t c = 0; c < n_classes; c++) {
		if (c != call.best && scores[c] > scores[call.second])
			call.second = c;
	}
	call.confidence = probabilities[call.best];
	call.margin = call.confidence - probabilities[call.second];
	call.entropy = entropy_of(probabilities, n_classes);
	return call;
}
