/* query_places.h - a query's cells in latent space, and the labels they get there.
 *
 *	struct query_places places = {.label = true, .prototypes = true};
 *	if (query_places_find(&places, model, &counts, batches.of_cell, pool, err)) ...
 *	query_places_release(&places);
 *
 * Labels come from the model's classifier, or, with 'prototypes', from the nearest prototype; a
 * model that has neither gives none. Memory does not grow with the cells, but for a byte each: what
 * they get is in row files.
 */
#ifndef VAE_QUERY_PLACES_H
#define VAE_QUERY_PLACES_H

#include "matrix/row_file.h"
#include "vae/net/vae.h"
#include "vae/query_counts.h"

struct query_places {
	/* The caller's. */
	bool label;      /* are labels wanted too? */
	bool prototypes; /* by those */
	void (*hear)(void *listener, size_t n_done);
	void *listener;

	/* What was found; zeroed before. */
	size_t n, n_empty, n_labels; /* n_empty: cells without a count */
	const struct names *labels;  /* the model's */
	struct row_file latent;      /* n_latent wide */
	struct row_file p;           /* n_labels wide; zeroed when none are wanted or known */
	struct row_file nearest;     /* with prototypes: distance, and its quantile */
	bool *empty;
};

/* The model is borrowed until release. */
int query_places_find(struct query_places *q, struct vae *v, struct query_counts *counts,
		      const uint32_t *batch, struct pool *pool, struct err *err) MUST_USE;
/* Latents [first, first + n) of 'places', for writer_dense_of. NULL on failure. */
const float *query_places_rows(void *places, size_t first, size_t n, struct err *err) MUST_USE;
void query_places_release(struct query_places *q);

#endif
