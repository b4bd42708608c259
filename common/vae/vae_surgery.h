/* vae_surgery.h - a query's batches join a reference model, which stays what it is.
 *
 * Each new batch is one vector of n_hidden numbers in every layer that batches enter; these vectors
 * are all that is learned from the query. Every other number of the model keeps its bits, so that
 * the reference's own latents, computed once and stored, remain those of the model after surgery.
 * Under batch norm that is stricter than scvi-tools, which lets the decoder's and the classifier's
 * norms move (and with them probabilities at unchanged latents).
 *
 *	struct vae *q = vae_extend(v, new_batches, n_new, seed);    // v is left alone
 *	vae_train_batches(q, v->recipe.n_batches);
 *	training.cache_first = true; vae_train(&training, pool, err);
 *
 * A reference with one batch has no vectors: its batch then has zeros, which stay.
 */
#ifndef VAE_VAE_SURGERY_H
#define VAE_VAE_SURGERY_H

#include "vae/net/vae.h"

/*
 * A copy of the model with batches added behind its own. New vectors start as scvi-tools starts
 * them, uniform within 1/sqrt(inputs); a new batch's dispersion is the mean of the others.
 */
struct vae *vae_extend(const struct vae *v, char *const *names, size_t n, uint64_t seed);

/*
 * From now on the vectors of batches are trained, nothing else; batch norm's figures stand still.
 * Vectors of old batches move only if the query has cells of theirs. 'n_old': batches of the
 * reference.
 */
void vae_train_batches(struct vae *v, size_t n_old);

/* The model with classes for labels, its own part a copy; labels: the word for none is the last. */
struct vae *vae_with_classes(const struct vae *v, const struct names *labels, bool linear,
			     uint64_t seed);

/* Can surgery move a latent? Not where the encoder never sees the batch. */
static inline bool vae_can_move(const struct vae *v)
{
	return v->recipe.encode_covariates;
}

#endif
