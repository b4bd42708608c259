/* reference.c - making, checking and freeing references; see reference.h. */
#include "base/util.h"

#include <math.h>

#include "base/names.h"
#include "map/reference.h"

struct reference *reference_new(void)
{
	struct reference *ref = mem_zero(1, sizeof(*ref));

	ref->tree_max_distance = NAN;
	return ref;
}

char *reference_str(struct reference *ref, const char *s)
{
	return arena_str(&ref->arena, s, strlen(s));
}

static void free_labels(struct ref_labels *l)
{
	free(l->names);
	free(l->ids);
	free(l->of_cell);
	free(l->counts);
	free(l->means);
	free(l->map_quantiles);
	free(l->knn_quantiles);
	free(l->sure);
}

static void free_clusters(struct ref_clusters *c)
{
	free(c->centroids);
	free(c->weights);
	free(c->sums);
	free(c->pca.means);
	free(c->pca.factors);
	free(c->corrected.means);
	free(c->corrected.factors);
}

void reference_free(struct reference *ref)
{
	if (!ref)
		return;
	free(ref->genes.names);
	free(ref->genes.mean);
	free(ref->genes.deviation);
	free(ref->genes.loadings);
	free(ref->genes.residuals.intercept);
	free(ref->genes.residuals.slope);
	free(ref->genes.residuals.dispersion);
	free(ref->variance);
	free(ref->cells);
	if (ref->corrected != ref->pca)
		free(ref->corrected);
	free(ref->pca);
	free(ref->layout);
	for (size_t i = 0; i < ref->n_labels; i++)
		free_labels(&ref->labels[i]);
	free(ref->labels);
	free_clusters(&ref->clusters);
	free(ref->neighbors);
	arena_release(&ref->arena);
	free(ref);
}

bool reference_is_corrected(const struct reference *ref)
{
	return ref->clusters.n && !str_eq(ref->clusters.flavour, REF_UNCORRECTED);
}

bool reference_is_measured(const struct reference *ref, size_t k, bool cosine)
{
	return ref->knn_k == k && ref->knn_cosine == cosine;
}

void reference_forget_measures(struct reference *ref)
{
	for (size_t i = 0; i < ref->n_labels; i++) {
		free(ref->labels[i].knn_quantiles);
		free(ref->labels[i].sure);
		ref->labels[i].knn_quantiles = ref->labels[i].sure = NULL;
	}
}

bool reference_projects(const struct reference *ref)
{
	for (size_t g = 0; g < ref->genes.n; g++)
		if (ref->genes.deviation[g] > 0)
			return true;
	return false;
}

void reference_drop_cells(struct reference *ref)
{
	free(ref->neighbors);
	ref->neighbors = NULL;
	ref->n_neighbors = 0;
	free(ref->layout);
	ref->layout = NULL;
	free(ref->cells);
	ref->cells = NULL;
	if (ref->corrected != ref->pca)
		free(ref->corrected);
	free(ref->pca);
	ref->pca = ref->corrected = NULL;
	for (size_t i = 0; i < ref->n_labels; i++) {
		free(ref->labels[i].of_cell);
		ref->labels[i].of_cell = NULL;
	}
}

const struct ref_labels *reference_labels(const struct reference *ref, const char *column,
					  struct err *err)
{
	const char **there = mem_alloc(ref->n_labels + 1, sizeof(*there));
	const struct ref_labels *found = NULL;

	for (size_t i = 0; i < ref->n_labels && !found; i++) {
		there[i] = ref->labels[i].column;
		if (str_eq(there[i], column))
			found = &ref->labels[i];
	}
	if (!found)
		err_no_name(err, "the reference", "column of labels", column, there, ref->n_labels);
	free(there);
	return found;
}

/* ---- promises ------------------------------------------------------------------------------ */

enum sign { ANY, NOT_NEGATIVE };

static int check_numbers(const char *path, const char *what, const double *values, size_t n,
			 enum sign sign, struct err *err)
{
	for (size_t i = 0; values && i < n; i++)
		if (!isfinite(values[i]) || (sign == NOT_NEGATIVE && values[i] < 0))
			return err_set(err, "%s: %s: number %zu is %g", path, what, i + 1,
				       values[i]);
	return 0;
}

static int check_genes(const struct reference *ref, const char *path, struct err *err)
{
	const struct ref_genes *g = &ref->genes;
	const char *twice = names_repeated(g->names, g->n);

	if (g->n < 2 || ref->n_dims < 1 || ref->n_dims > g->n)
		return err_set(err, "%s: %zu dimensions of %zu genes", path, ref->n_dims, g->n);
	if (twice)
		return err_set(err, "%s: genes: %s is there twice", path, twice);
	if (!(g->clip_low < g->clip_high) || !(g->target_sum > 0) || !isfinite(g->target_sum))
		return err_set(err, "%s: clipped at %g and %g, scaled to %g: not a transform", path,
			       g->clip_low, g->clip_high, g->target_sum);
	return check_numbers(path, "mean", g->mean, g->n, ANY, err) ||
	       check_numbers(path, "sd", g->deviation, g->n, NOT_NEGATIVE, err) ||
	       check_numbers(path, "residuals", g->residuals.intercept, g->n, ANY, err) ||
	       check_numbers(path, "residuals", g->residuals.slope, g->n, ANY, err) ||
	       check_numbers(path, "dispersion", g->residuals.dispersion, g->n, NOT_NEGATIVE,
			     err) ||
	       check_numbers(path, "loadings", g->loadings, g->n * ref->n_dims, ANY, err);
}

static int check_quantiles(const char *path, const struct ref_labels *l, const double *q,
			   struct err *err)
{
	for (size_t i = 0; q && i < l->n * REF_QUANTILES; i++)
		if (i % REF_QUANTILES && q[i] < q[i - 1])
			return err_set(err, "%s: calibration of %s: quantiles fall", path,
				       l->column);
	return check_numbers(path, "calibration", q, l->n * REF_QUANTILES, NOT_NEGATIVE, err);
}

static int check_labels(const struct reference *ref, const struct ref_labels *l, const char *path,
			struct err *err)
{
	const char *twice = names_repeated(l->names, l->n);

	if (twice)
		return err_set(err, "%s: labels of %s: '%s' is there twice", path, l->column,
			       twice);
	for (size_t i = 0; l->of_cell && i < ref->n_cells; i++)
		if (l->of_cell[i] < -1 || (l->of_cell[i] >= 0 && (size_t)l->of_cell[i] >= l->n))
			return err_set(err, "%s: labels of %s: cell %zu has label %d of %zu", path,
				       l->column, i, l->of_cell[i], l->n);
	return check_numbers(path, "cells per label", l->counts, l->n, NOT_NEGATIVE, err) ||
	       check_numbers(path, "profiles", l->means, l->n * ref->n_dims, ANY, err) ||
	       check_numbers(path, "share", l->sure, 2, ANY, err) ||
	       check_quantiles(path, l, l->map_quantiles, err) ||
	       check_quantiles(path, l, l->knn_quantiles, err);
}

static int check_clusters(const struct reference *ref, const char *path, struct err *err)
{
	const struct ref_clusters *c = &ref->clusters;
	size_t d = ref->n_dims, triangle = d * (d + 1) / 2;

	if (c->n && (!(c->sigma > 0) || !isfinite(c->sigma)))
		return err_set(err, "%s: clusters: sigma is %g", path, c->sigma);
	for (size_t k = 0; k < c->n && c->pca.factors; k++)
		for (size_t i = 0; i < d; i++)
			if (!(c->pca.factors[k * triangle + i * (i + 3) / 2] > 0) ||
			    !(c->corrected.factors[k * triangle + i * (i + 3) / 2] > 0))
				return err_set(err, "%s: cluster %zu: a factor that is no factor",
					       path, k);
	return check_numbers(path, "centroids", c->centroids, c->n * d, ANY, err) ||
	       check_numbers(path, "Nr", c->weights, c->n, NOT_NEGATIVE, err) ||
	       check_numbers(path, "C", c->sums, c->n * d, ANY, err) ||
	       check_numbers(path, "mean_pca", c->pca.means, c->n * d, ANY, err) ||
	       check_numbers(path, "mean_harmony", c->corrected.means, c->n * d, ANY, err) ||
	       check_numbers(path, "chol_pca", c->pca.factors, c->n * triangle, ANY, err) ||
	       check_numbers(path, "chol_harmony", c->corrected.factors, c->n * triangle, ANY, err);
}

int reference_check(const struct reference *ref, const char *path, struct err *err)
{
	if (check_genes(ref, path, err) || check_clusters(ref, path, err) ||
	    check_numbers(path, "coords/pca", ref->pca, ref->n_cells * ref->n_dims, ANY, err) ||
	    check_numbers(path, "coords/harmony", ref->corrected, ref->n_cells * ref->n_dims, ANY,
			  err) ||
	    check_numbers(path, "variance", ref->variance, ref->n_dims, NOT_NEGATIVE, err))
		return -1;
	for (size_t i = 0; i < ref->n_labels; i++)
		if (check_labels(ref, &ref->labels[i], path, err))
			return -1;
	for (size_t i = 0; i < ref->n_cells * ref->n_neighbors; i++)
		if (ref->neighbors[i] >= ref->n_cells)
			return err_set(err, "%s: neighbors: cell %u of %zu", path,
				       ref->neighbors[i], ref->n_cells);
	return 0;
}
