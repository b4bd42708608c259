/* mtl_votes.h - what the nearest cells of training say.
 *
 * Exact neighbours by Euclidean distance after the encoder, among the cells that the model keeps;
 * every one has a vote at each level, for its node. Ties of distance go to the cell that comes
 * first.
 *
 *	struct mtl_votes v = mtl_votes_new(m, 15);
 *	mtl_votes_of(&v, latent, n, votes, pool);       // votes[level]: n x nodes, shares
 *	mtl_votes_release(&v);
 */
#ifndef MTL_MTL_VOTES_H
#define MTL_MTL_VOTES_H

#include "base/pool.h"
#include "mtl/mtl_model.h"

struct mtl_votes {
	const struct mtl *m;
	size_t k;       /* neighbours, at most as many as there are cells */
	float *squares; /* per cell kept: its length, squared */
};

/* The model has to have cells kept. It is borrowed. */
struct mtl_votes mtl_votes_new(const struct mtl *m, size_t k);
void mtl_votes_release(struct mtl_votes *v);

void mtl_votes_of(const struct mtl_votes *v, const float *latent, size_t n, float *const *votes,
		  struct pool *pool);

#endif
