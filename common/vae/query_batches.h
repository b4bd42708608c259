/* query_batches.h - whose batches a query's cells are: the model's own, or new ones.
 *
 *	struct query_batches b = {0};
 *	if (query_batches_find(&b, model, file, "donor", err)) ...
 *	if (b.fresh.n && query_batches_nearest(&b, model, &counts, nearest, err)) ...
 *	query_batches_release(&b);
 *
 * New batches are numbered behind the model's, in byte order of their names: as vae_extend adds
 * them.
 */
#ifndef VAE_QUERY_BATCHES_H
#define VAE_QUERY_BATCHES_H

#include "vae/net/vae.h"
#include "vae/query_counts.h"

struct query_batches {
	uint32_t *of_cell;
	struct names fresh; /* batches the model does not know */
	size_t n_known;     /* of the model's batches that the query has */
	const char *column; /* where they were found; NULL: the whole file is one */
};

/*
 * By 'column', or when that is NULL by the model's own key if obs has it; else all cells are one
 * batch, called after the file. A cell without a batch is an error.
 */
int query_batches_find(struct query_batches *b, const struct vae *v, struct h5ad *file,
		       const char *column, struct err *err) MUST_USE;
void query_batches_release(struct query_batches *b);

/*
 * Per new batch the old one under which up to 500 of its cells are likeliest, into 'nearest'
 * (fresh.n); of_cell then holds these instead.
 */
int query_batches_nearest(struct query_batches *b, struct vae *v, struct query_counts *counts,
			  uint32_t *nearest, struct err *err) MUST_USE;

/*
 * Classes of the model that the query's cells bring along in the model's own column: per cell a
 * class, or n_labels for none; how many have one. NULL for scVI. The caller frees.
 */
uint32_t *query_labels(const struct vae *v, struct h5ad *file, size_t *n_labelled);

#endif
