/* annex.c - see annex.h. */
#include "base/util.h"

#include "model/annex.h"

struct model_factors *model_factors_new(size_t n_genes, size_t n)
{
	struct model_factors *f;

	MEM_ZERO(f, 1);
	f->n = n;
	MEM_ZERO(f->loadings, mem_product(n_genes, n));
	MEM_ZERO(f->rest, n_genes);
	return f;
}

void model_factors_free(struct model_factors *f)
{
	if (!f)
		return;
	free(f->loadings);
	free(f->rest);
	free(f);
}

void model_calibration_free(struct model_calibration *c)
{
	if (!c)
		return;
	free(c->slope);
	free(c->offset);
	free(c);
}

void model_landmarks_free(struct model_landmarks *l)
{
	if (!l)
		return;
	free(l->places);
	free(l->energies);
	free(l);
}

struct model_levels *model_levels_new(size_t n_classes, size_t n)
{
	struct model_levels *l;

	MEM_ZERO(l, 1);
	l->n = n;
	MEM_ZERO(l->names, n);
	MEM_ZERO(l->of_class, mem_product(n_classes, n));
	return l;
}

void model_levels_free(struct model_levels *l)
{
	if (!l)
		return;
	free(l->names);
	free(l->of_class);
	free(l);
}
