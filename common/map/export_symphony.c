/* export_symphony.c - see export_symphony.h. */
#include "base/util.h"

#include "h5ad/writer.h"
#include "map/correction.h"
#include "map/export_symphony.h"
#include "map/harmony/soft.h"

static void add_numbers(struct frame *f, const char *name, const double *values, size_t n)
{
	struct column c = column_new(name, COLUMN_FLOAT, n);

	for (size_t i = 0; i < n; i++)
		column_set_number(&c, i, values[i]);
	frame_add(f, &c);
	column_release(&c);
}

static int put_genes(struct writer *w, const struct reference *ref, struct err *err)
{
	const struct ref_genes *g = &ref->genes;
	struct frame *var = frame_new(g->n);
	struct column used = column_new("highly_variable", COLUMN_BOOL, g->n);
	int ret;

	frame_set_keys(var, g->names);
	for (size_t i = 0; i < g->n; i++)
		column_set_number(&used, i, 1);
	frame_add(var, &used);
	column_release(&used);
	add_numbers(var, "mean", g->mean, g->n);
	add_numbers(var, "std", g->deviation, g->n);
	ret = writer_frame(w, "var", var, err) ||
	      writer_doubles(w, "varm/PCs", g->loadings, g->n, ref->n_dims, err);
	frame_free(var);
	return ret;
}

static int put_cells(struct writer *w, const struct reference *ref, struct err *err)
{
	struct frame *obs = frame_new(ref->n_cells);
	int ret;

	frame_set_keys(obs, ref->cells);
	for (size_t i = 0; i < ref->n_labels; i++) {
		const struct ref_labels *l = &ref->labels[i];
		struct column c = column_new(l->column, COLUMN_STRING, ref->n_cells);

		for (size_t cell = 0; cell < ref->n_cells; cell++)
			if (l->of_cell[cell] >= 0)
				column_set_string(&c, cell, l->names[l->of_cell[cell]]);
		frame_add(obs, &c);
		column_release(&c);
	}
	ret = writer_frame(w, "obs", obs, err) ||
	      writer_doubles(w, "obsm/X_pca", ref->pca, ref->n_cells, ref->n_dims, err) ||
	      writer_doubles(w, "obsm/X_pca_harmony", ref->corrected, ref->n_cells, ref->n_dims,
			     err);
	frame_free(obs);
	return ret;
}

/* Memberships follow from the centroids; symphonypy has clusters x cells. */
static int put_clusters(struct writer *w, const struct reference *ref, struct pool *pool,
			struct err *err)
{
	const struct ref_clusters *c = &ref->clusters;
	size_t n = ref->n_cells, K = c->n;
	double *members = mem_alloc(mem_product(n, K) + 1, sizeof(*members));
	double *units = mem_alloc(mem_product(n, ref->n_dims) + 1, sizeof(*units));
	double *turned = mem_alloc(mem_product(n, K) + 1, sizeof(*turned));
	double *sigmas = mem_alloc(K, sizeof(*sigmas));
	int ret;

	unit_rows(ref->corrected, n, ref->n_dims, units, pool);
	soft_assign(units, n, ref->n_dims, c->centroids, K, c->sigma, pool, members);
	for (size_t i = 0; i < n * K; i++)
		turned[i % K * n + i / K] = members[i];
	for (size_t k = 0; k < K; k++)
		sigmas[k] = c->sigma;
	ret = writer_dict(w, "uns/harmony", err) ||
	      writer_text(w, "uns/harmony/ref_basis_loadings", "PCs", err) ||
	      writer_text(w, "uns/harmony/ref_basis_adjusted", "X_pca_harmony", err) ||
	      writer_number(w, "uns/harmony/K", (double)K, true, err) ||
	      writer_bool(w, "uns/harmony/converged", true, err) ||
	      writer_doubles(w, "uns/harmony/Nr", c->weights, K, 0, err) ||
	      writer_doubles(w, "uns/harmony/sigma", sigmas, K, 0, err) ||
	      writer_doubles(w, "uns/harmony/C", c->sums, K, ref->n_dims, err) ||
	      writer_doubles(w, "uns/harmony/R", turned, K, n, err);
	free(sigmas);
	free(turned);
	free(units);
	free(members);
	return ret;
}

int export_symphonypy(const struct reference *ref, const char *path, struct pool *pool,
		      struct err *err)
{
	struct writer *w;

	if (!ref->pca || !ref->cells || !ref->clusters.n)
		return err_refuse(err, "a reference without %s cannot be exported",
				  ref->pca && ref->cells ? "clusters" : "cells");
	w = writer_open(path, "none", pool, err);
	if (!w)
		return -1;
	if (put_cells(w, ref, err) || put_genes(w, ref, err) || put_clusters(w, ref, pool, err))
		return -1;
	return writer_finish(w, err);
}
