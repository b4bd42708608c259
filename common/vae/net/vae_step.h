/* vae_step.h - a pass through the net, and the step back.
 *
 * vae_encode gives the posterior of some cells: what mapping and prediction need. vae_step adds the
 * decoder, the loss and all gradients: what training and surgery repeat. Losses are scvi-tools':
 *
 *	scVI     reconstruction + kl_weight * KL(q(z) | N(0, 1)), the mean over cells
 *	scANVI   the same with z judged by every class, weighted by the classifier's probabilities,
 *	         + ratio * cross entropy of the labelled cells (vae_label_step)
 *
 *	struct vae_work *work = vae_work_new(v, pool);
 *	struct vae_loss loss = vae_step(work, &batch, &how);
 *	adam_step(&adam, params, n_params, pool);
 *	vae_work_free(work);
 *
 * Work is shared out by sizes alone, and noise comes by a cell's number: the bytes depend neither
 * on the threads nor on what is beside a cell, batch norm excepted.
 */
#ifndef VAE_NET_VAE_STEP_H
#define VAE_NET_VAE_STEP_H

#include "vae/net/vae.h"

/* Some cells, over the model's genes. */
struct vae_cells {
	size_t n;
	struct rows counts;     /* stored counts */
	const real *input;      /* per stored count, what the encoder takes: log1p of it */
	const real *library;    /* per cell: the sum of its counts */
	const uint32_t *batch;  /* per cell */
	const uint32_t *label;  /* per cell, for vae_label_step; else NULL */
	const uint64_t *number; /* per cell, for the noise */
	const real *first;      /* n x n_hidden, the encoder's first linear part without the
				 * batch, when the caller has it; else NULL */
};

struct vae_how {
	bool training;             /* batch norm by the mini-batch; dropout when there is noise */
	const struct noise *noise; /* NULL: z is the posterior mean, nothing is dropped */
	bool forward;              /* losses only, no gradients */
	double kl_weight;
	const real *draw, *second_draw; /* normals to use instead of noise: n x n_latent, and
					 * label by label, n_labels * n x n_latent; or NULL */
};

/* Sums over the cells; all but cross_entropy of vae_step. */
struct vae_loss {
	double total;          /* what the gradients are of: a mean over the cells */
	double reconstruction; /* of scANVI with what z1 costs */
	double kl;             /* not weighted */
	double cross_entropy;  /* a mean */
};

/* What a pass needs room for. A dispersion that is not trained is taken to stay what it is. */
struct vae_work;
struct vae_work *vae_work_new(struct vae *v, struct pool *pool);
void vae_work_free(struct vae_work *w); /* NULL is fine */

/*
 * Posterior mean and variance, n x n_latent, of the work's until its next call. With 'how' NULL as
 * when the model is used: running figures of batch norm, nothing dropped.
 */
void vae_encode(struct vae_work *w, const struct vae_cells *cells, const struct vae_how *how,
		const real **mean, const real **variance);

/* Probabilities of the classes at z (n x n_latent), into 'p' (n x n_labels). */
void vae_classify(struct vae_work *w, const real *z, size_t n, real *p);

/* Shares of the genes at z as cells of these batches, into 'rho' (n x n_genes). */
void vae_decode(struct vae_work *w, const real *z, const uint32_t *batch, size_t n, real *rho);

/* Minus log likelihood (and for scVI the KL) of each cell at z = posterior mean; no gradients. */
void vae_judge(struct vae_work *w, const struct vae_cells *cells, double *nll, double *kl);

/*
 * Where a step went wrong: of some cells the one, and its gene, whose logit at the posterior mean
 * is the first that is no number, or the largest. Returns that logit.
 */
double vae_worst(struct vae_work *w, const struct vae_cells *cells, size_t *cell, size_t *gene);

/* Forward and back: adds to the gradients of all that is trained. */
struct vae_loss vae_step(struct vae_work *w, const struct vae_cells *cells,
			 const struct vae_how *how);

/*
 * The cross entropy of labelled cells at their posterior means, times 'ratio', forward and back.
 * Returns the mean cross entropy.
 */
double vae_label_step(struct vae_work *w, const struct vae_cells *cells, const struct vae_how *how,
		      double ratio);

#endif
