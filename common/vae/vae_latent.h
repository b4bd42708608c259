/* vae_latent.h - where cells lie in a model's latent space, and what it calls them.
 *
 * One pass over a stream of counts; memory is a few hundred cells beside what is asked for.
 *
 *	struct latent_wanted w = {.take = add_to_a_file, .taker = &file, .classes = true};
 *	if (vae_latents(v, cells, batches, &w, pool, err)) ...
 */
#ifndef VAE_VAE_LATENT_H
#define VAE_VAE_LATENT_H

#include "base/pool.h"
#include "matrix/stream.h"
#include "vae/net/vae.h"

/* Some cells behind those that came before: n x n_latent, and n x n_labels or NULL. */
struct latent_piece {
	size_t n;
	const real *latent, *p;
};

struct latent_wanted {
	float *latent; /* cells x n_latent: posterior means; or NULL */
	double *nll;   /* minus log likelihood of each cell at its mean, or NULL */
	bool *empty;   /* per cell: it has no count, and its place says nothing; or NULL */

	/* Gets all cells, piece by piece; -1 with 'err' stops. With 'classes' also what v says. */
	int (*take)(void *taker, const struct latent_piece *piece, struct err *err);
	void *taker;
	bool classes;

	size_t n_empty; /* found: how many */
	void (*hear)(void *listener, size_t n_done);
	void *listener;
};

/* 'batch' is per cell of the stream. Negative values are an error. Does not free the stream. */
int vae_latents(struct vae *v, struct stream *cells, const uint32_t *batch, struct latent_wanted *w,
		struct pool *pool, struct err *err) MUST_USE;

#endif
