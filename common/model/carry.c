/* carry.c - see carry.h. */
#include "base/util.h"

#include <math.h>

#include "model/carry.h"

static struct model_calibration *calibration_of(const struct model_calibration *c, const bool *keep,
						size_t n_classes)
{
	struct model_calibration *to;
	size_t n = 0;

	if (!c)
		return NULL;
	MEM_ZERO(to, 1);
	MEM_ZERO(to->slope, n_classes);
	MEM_ZERO(to->offset, n_classes);
	to->n_cells = c->n_cells;
	for (size_t k = 0; k < n_classes; k++) {
		if (keep && !keep[k])
			continue;
		to->slope[n] = c->slope[k];
		to->offset[n++] = c->offset[k];
	}
	return to;
}

static void carry_levels(struct model *to, const struct model *from, const bool *keep)
{
	const struct model_levels *l = from->levels;
	size_t row = 0;

	if (!l)
		return;
	to->levels = model_levels_new(to->n_classes, l->n);
	for (size_t i = 0; i < l->n; i++)
		to->levels->names[i] = model_str(to, l->names[i]);
	for (size_t k = 0; k < from->n_classes; k++) {
		if (keep && !keep[k])
			continue;
		for (size_t i = 0; i < l->n; i++)
			to->levels->of_class[row * l->n + i] =
				model_str(to, l->of_class[k * l->n + i]);
		row++;
	}
}

void carry_classes(struct model *to, const struct model *from, const bool *keep)
{
	const struct model_factors *f = from->factors;

	if (f) {
		to->factors = model_factors_new(to->n_genes, f->n);
		memcpy(to->factors->loadings, f->loadings,
		       to->n_genes * f->n * sizeof(*f->loadings));
		memcpy(to->factors->rest, f->rest, to->n_genes * sizeof(*f->rest));
	}
	to->calibration = calibration_of(from->calibration, keep, from->n_classes);
	carry_levels(to, from, keep);
}

void carry_genes_start(struct model *to, const struct model *from)
{
	const struct model_landmarks *l = from->landmarks;

	if (from->factors)
		to->factors = model_factors_new(to->n_genes, from->factors->n);
	to->calibration = calibration_of(from->calibration, NULL, from->n_classes);
	carry_levels(to, from, NULL);
	if (!l)
		return;
	MEM_ZERO(to->landmarks, 1);
	*to->landmarks = *l;
	to->landmarks->places = mem_copy(l->places, mem_product(l->n, l->n_axes), sizeof(float));
	to->landmarks->energies = mem_copy(l->energies, l->n_quantiles, sizeof(float));
}

void carry_gene(struct model *to, size_t gene, const struct model *from, const uint32_t *old,
		size_t n_old)
{
	const struct model_factors *f = from->factors;

	for (size_t i = 0; f && i < n_old; i++) {
		for (size_t k = 0; k < f->n; k++)
			to->factors->loadings[gene * f->n + k] +=
				f->loadings[old[i] * f->n + k] / (float)n_old;
		to->factors->rest[gene] += f->rest[old[i]] / (float)n_old;
	}
}

static double length_of(const struct model_factors *f, size_t n_genes, size_t axis)
{
	double square = 0;

	for (size_t g = 0; g < n_genes; g++)
		square += pow((double)f->loadings[g * f->n + axis], 2);
	return sqrt(square);
}

/* Axes are of length 1 over the genes there are (trust/novelty.h): places are told along those. */
void carry_genes_end(struct model *to, const struct model *from)
{
	struct model_landmarks *l = to->landmarks;

	for (size_t a = 0; l && a < l->n_axes; a++) {
		double before = length_of(from->factors, from->n_genes, a);
		double now = length_of(to->factors, to->n_genes, a);

		for (size_t i = 0; i < l->n && before > 0 && to->n_genes != from->n_genes; i++)
			l->places[i * l->n_axes + a] *= (float)(now / before);
	}
}
