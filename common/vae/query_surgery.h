/* query_surgery.h - the new batches of a query learned, from its counts to the model that knows them.
 *
 *	struct surgery_plan plan = {.epochs = 500, .patience = 10, .gain = 0.001, .rate = 1e-3,
 *				    .memory = limit, .hear = tell, .listener = &progress};
 *	if (query_surgery(&model, &counts, &batches, &plan, pool, err)) ...
 *	plan.n_done, plan.stopped_early, plan.n_labelled        // what came of it
 *
 * Cells whose obs column of labels holds a class of the model are learned from too.
 */
#ifndef VAE_QUERY_SURGERY_H
#define VAE_QUERY_SURGERY_H

#include "vae/query_batches.h"
#include "vae/vae_training.h"

struct surgery_plan {
	size_t epochs, patience; /* patience 0: all epochs */
	double gain, rate;
	bool dropout;  /* keep the model's */
	size_t memory; /* bytes of counts to hold */
	uint64_t seed;
	int (*hear)(void *listener, const struct vae_epoch *epoch);
	void *listener;

	size_t n_done, n_labelled;
	bool stopped_early;
};

/* '*model' becomes the extended one, whatever comes of it; the caller's own is freed. */
int query_surgery(struct vae **model, struct query_counts *counts,
		  const struct query_batches *batches, struct surgery_plan *plan, struct pool *pool,
		  struct err *err) MUST_USE;

#endif
