/* vae_private.h - the workspace that the files behind vae_step.h share.
 *
 * vae_encode.c has the workspace and the encoder, vae_classes.c scANVI's classifier, vae_second.c
 * its second latent, vae_step.c decoder, loss and the whole step, which stands on all of them.
 * Buffers grow with the largest mini-batch and are kept.
 */
#ifndef VAE_NET_VAE_PRIVATE_H
#define VAE_NET_VAE_PRIVATE_H

#include "nn/count_loss.h"
#include "vae/net/vae_step.h"

struct vae_work {
	struct vae *v;
	struct pool *pool;
	size_t cap; /* cells there is room for */
	struct tape encoder, decoder, classifier;
	struct dispersion theta;

	real *mean, *raw, *variance;        /* n x latent; raw: the logarithm of variance - 1e-4 */
	real *draw, *z;                     /* n x latent */
	real *d_mean, *d_raw, *d_z;         /* n x latent: gradients */
	real *d_hidden;                     /* n x hidden */
	real *logits, *zeros, *d_log_theta; /* n x genes */
	double *nll;                        /* n */

	/* scANVI */
	size_t class_cap;
	real *p, *d_class; /* n x labels: probabilities, and the gradient of their logits */
	struct second *second;
};

/* What is added to every variance. */
#define LEAST_VARIANCE ((real)1e-4)

/* Room for so many cells; what was there may go. */
void vae_reserve(struct vae_work *w, size_t n);

/*
 * What classes add to a step: costs of z1 into 'loss', d_z with the gradients of the classifier and
 * the second latent added. The loss's factor is 1 / n.
 */
void vae_class_step(struct vae_work *w, const struct vae_cells *cells, const struct vae_how *how,
		    struct vae_loss *loss);

/*
 * The second latent: costs of z1 at every class that is possible for it, weighted by its
 * probability. 'second_step' adds them to the loss, their gradients to d_z, and leaves in d_class
 * that of the classifier's logits. A zeroed pointer is none yet; NULL may be freed.
 */
struct second;
void second_step(struct vae_work *w, const struct vae_cells *cells, const struct vae_how *how,
		 struct vae_loss *loss);
void second_free(struct second *s);

/* From gradients d_mean and d_raw of the posterior back through heads and encoder. */
void vae_encoder_back(struct vae_work *w, const struct vae_cells *cells, const struct pass *pass);

static inline struct pass vae_pass_of(const struct vae_cells *cells, const struct vae_how *how)
{
	return (struct pass){.training = how && how->training,
			     .noise = how ? how->noise : NULL,
			     .cells = cells->number};
}

#endif
