/* mtl_training.h - a multi-task mapper learned from cells.
 *
 * Adam over mini-batches in an order drawn anew every epoch. A share of the cells is held out, by
 * the seed: their loss can stop the training, and sets a temperature for every level, so that the
 * probabilities are those of cells it has not seen. Every draw follows from seed, epoch and cell:
 * the same bytes for any number of threads.
 *
 *	struct mtl_training t = MTL_TRAINING;
 *	t.model = m; t.store = values; t.node = nodes;
 *	if (mtl_train(&t, pool, err)) ...
 *
 * With a checkpoint the training that was interrupted goes on where it was, and ends with the same
 * bytes: epochs done are not done again, but are told to 'hear' again.
 */
#ifndef MTL_MTL_TRAINING_H
#define MTL_MTL_TRAINING_H

#include "mtl/mtl_step.h"
#include "vae/count_store.h"

struct mtl_epoch {
	size_t epoch, n_epochs; /* from 1 */
	double loss;            /* a mean over cells; of the training cells, with dropout */
	double validation;      /* of those held out; NAN without */
};

struct mtl_training {
	struct mtl *model;
	struct count_store *store;
	uint32_t *const *node;      /* per level, per cell */
	const float *const *target; /* per coordinate: as obsm has it, cells x width; or NULL */

	size_t epochs, mini_batch, patience; /* patience 0: all epochs */
	double rate, decay, validation_share, coordinate_weight;
	double level_weight[MTL_LEVELS]; /* 0 counts as 1 */
	size_t neighbours;               /* cells to keep for votes */
	uint64_t seed;
	const char *checkpoint; /* a file (mtl_checkpoint.h) to keep, and to go on from; or NULL */
	size_t every;           /* epochs from one to the next */
	int (*hear)(void *listener, const struct mtl_epoch *epoch); /* not 0: stop here */
	void *listener;

	/* What came of it. */
	size_t n_done, n_train, n_validation;
	size_t n_before; /* of n_done, by the checkpoint */
	bool stopped_early;
};

#define MTL_TRAINING                                                          \
	{                                                                     \
		.epochs = 40, .mini_batch = 256, .rate = 1e-3, .decay = 5e-5, \
		.validation_share = 0.1, .coordinate_weight = 0.2, .every = 1 \
	}

/*
 * Cells without a label at the first level take no part. A loss that is not finite is an error that
 * names epoch, step, cell and gene.
 */
int mtl_train(struct mtl_training *t, struct pool *pool, struct err *err) MUST_USE;

#endif
