/* vae_training.h - epochs: which cells, in which order, with which weights, and when to stop.
 *
 * One loop serves training and surgery; what is trained is said beforehand by param_train (all of
 * the model: vae_train_all; the vectors of batches: vae_surgery.h). As scvi-tools: Adam with eps
 * .01, mini-batches of 128, nine cells in ten train, the KL's weight rises over 400 epochs from 0.
 * The order and every draw follow from the seed, the epoch and the cell alone.
 *
 *	struct vae_training t = VAE_TRAINING;
 *	t.model = v; t.store = counts; t.batch = batches; t.epochs = 80;
 *	if (vae_train(&t, pool, err)) ...
 *
 * Cells without counts take part in nothing. With labels (scANVI), cells whose label is a class
 * give the cross entropy, mini-batch beside mini-batch, over and over until the epoch ends.
 */
#ifndef VAE_VAE_TRAINING_H
#define VAE_VAE_TRAINING_H

#include "vae/count_store.h"

/* What is known after an epoch; sums are means over cells. NAN where it was not computed. */
struct vae_epoch {
	size_t epoch, n_epochs; /* from 1; as planned */
	double kl_weight;
	double loss, reconstruction, kl, elbo; /* elbo: reconstruction + kl, not weighted */
	double cross_entropy;
	double elbo_validation;
};

enum vae_watch { WATCH_NOTHING, WATCH_TRAIN, WATCH_VALIDATION };

struct vae_training {
	struct vae *model;
	struct count_store *store;
	const uint32_t *batch; /* per cell */
	const uint32_t *label; /* per cell: a class, or n_labels for none; NULL for scVI */
	bool cache_first;      /* the encoder's first layer is not trained: compute it once */

	size_t epochs, mini_batch;
	double train_share; /* of the cells */
	double rate, decay;
	size_t kl_epochs;     /* over which the KL's weight rises to 1 */
	double ratio;         /* of the cross entropy */
	size_t per_label;     /* labelled cells drawn a class and epoch; 0: all */
	enum vae_watch watch; /* what stops early */
	size_t patience;
	double least_gain;
	bool validate; /* compute elbo_validation each epoch */
	uint64_t seed;
	size_t first_epoch; /* epochs done before: to go on where a run stopped */
	struct adam adam;   /* its step count goes on too */

	/* Called after each epoch; anything but 0 stops, with that epoch as the last. */
	int (*hear)(void *listener, const struct vae_epoch *epoch);
	void *listener;

	/* What came of it. */
	size_t n_done;
	bool stopped_early;
};

#define VAE_TRAINING                                                                               \
	{                                                                                          \
		.epochs = 400, .mini_batch = 128, .train_share = 0.9, .rate = 1e-3, .decay = 1e-6, \
		.kl_epochs = 400, .ratio = 50, .patience = 45                                      \
	}

/* min(400, round(400 * 20000 / cells)), 1 at least: scvi-tools' number of epochs. */
size_t vae_epochs_for(size_t n_cells);

/* Everything in the model is trained from now on. */
void vae_train_all(struct vae *v);

/* A loss that is not finite is an error that names epoch, step, cell and gene. */
int vae_train(struct vae_training *t, struct pool *pool, struct err *err) MUST_USE;

#endif
