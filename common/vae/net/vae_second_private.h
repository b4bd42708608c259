/* vae_second_private.h - z1 judged by every class: scANVI's second latent.
 *
 * For each class a second latent z2 of (z1, class), and z1's likelihood given z2 and the class; the
 * costs are weighted by the classifier's probabilities. A cell has a row for every class that is
 * possible for it: one whose probability is below POSSIBLE adds nothing that single precision could
 * hold, in loss or gradient, and has no row. The first layer of 'up' works on z1 once; a class only
 * adds its vector.
 *
 * Rows are many and nets small, so a few cells go all the way, forward and back, while their rows
 * are in the cache. A shard is a run of cells, cut by rows; what it adds up is its own, and summed
 * in the order of shards. The room its rows need belongs to who works on it, and serves for the
 * next. Under batch norm rows see each other: then there is one shard, the whole mini-batch, every
 * class has a row, and the pool works within it.
 *
 *	shard_forward(h, &pass);          // h->first_row ... are set; costs into the shard's sums
 *	shard_backward(h, &pass);         // d_z gains, d_hidden and the shard's gradients are filled
 *
 * vae_second.c lists rows and keeps shards; vae_second_rows.c is what happens to a shard's rows.
 */
#ifndef VAE_NET_VAE_SECOND_PRIVATE_H
#define VAE_NET_VAE_SECOND_PRIVATE_H

#include <stdatomic.h>

#include "vae/net/vae_private.h"

/* The nets, with gradients of a shard's own, or the model's. */
struct nets {
	struct stack up, down;
	struct dense up_mean, up_variance, down_mean, down_variance;
};

enum { NET_PARAMS = 4 * STACK_LAYERS + 8 };

/* What comes of a shard. */
struct shard_sums {
	real *grads; /* of the trained params, one behind the other; NULL when none is */
	double reconstruction, kl;
};

/* A group of rows on its way, and room for it. */
struct shard {
	struct second *s;
	struct shard_sums *sums;
	struct nets nets;
	atomic_flag busy;
	size_t cap, first_cell, n_cells, first_row, n_rows;
	struct tape up, down;
	real *room;                       /* of all that follows */
	real *d;                          /* rows x hidden: a gradient */
	real *m2, *raw2, *v2, *draw, *z2; /* rows x latent; raw2: log variance, then its root */
	real *pm, *raw1, *inverse;        /* of z1 given z2; raw1: log variance */
	real *d2_mean, *d2_raw, *d2_z, *d1_mean, *d1_raw;
};

struct second {
	struct vae_work *w;
	const struct vae_cells *cells;
	const struct vae_how *how;
	struct pool *pool; /* within a shard: NULL, but under batch norm */
	size_t n_shards, cap_sums, cap_cells, n_grads;
	struct shard_sums *sums;
	struct shard *rooms; /* as many as the pool has threads */
	size_t n_rooms;
	size_t *shard_starts; /* in cells, one more at the end */
	size_t *row_starts;   /* cells + 1 */
	uint32_t *row_cell, *row_label;
	uint64_t *row_number; /* for dropout and draws */
	double *cost, *kl;    /* by row: of z1, and KL of z2 */
};

/* Rows see each other: all of a mini-batch go together. */
static inline bool second_is_joint(const struct vae_recipe *r)
{
	return r->batch_norm_encoder || r->batch_norm_decoder;
}

/*
 * The way of a group's rows through the nets, from the first linear part of z1 in d_hidden: costs,
 * their sums, and the gradient of the classifier's logits in d_class.
 */
void shard_forward(struct shard *h, const struct pass *pass);

/* And back: gradients of z1 onto d_z, those of its first linear part into d_hidden. */
void shard_backward(struct shard *h, const struct pass *pass);

#endif
