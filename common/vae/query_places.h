/* query_places.h - a query's cells in latent space, and the labels they get there.
 *
 *	struct query_places places = {.prototypes = true};
 *	if (query_places_find(&places, model, &counts, batches.of_cell, pool, err)) ...
 *	query_places_release(&places);
 *
 * Labels come from the model's classifier, or, with 'prototypes', from the nearest prototype; a
 * model that has neither gives none.
 */
#ifndef VAE_QUERY_PLACES_H
#define VAE_QUERY_PLACES_H

#include "vae/query_counts.h"
#include "vae/vae.h"

struct query_places {
	/* The caller's. */
	bool prototypes;
	void (*hear)(void *listener, size_t n_done);
	void *listener;

	/* What was found; zeroed before. */
	size_t n, n_empty, n_labels; /* n_empty: cells without a count */
	const struct names *labels;  /* the model's */
	float *latent;               /* cells x n_latent */
	float *p;                    /* cells x n_labels, or NULL */
	float *distance, *quantile;  /* with prototypes, per cell; see vae/prototypes.h */
	bool *empty;
};

/* The model is borrowed until release. */
int query_places_find(struct query_places *q, struct vae *v, struct query_counts *counts,
		      const uint32_t *batch, struct pool *pool, struct err *err) MUST_USE;
void query_places_release(struct query_places *q);

#endif
