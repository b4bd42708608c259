/* mtl_model.h - a multi-task mapper: one encoder, a head for every level of labels.
 *
 * The encoder is two layers of ReLU and dropout over a cell's genes, there or not ("binary") or
 * log-normalised. A level's head gives a logit to each of its nodes, and the softmax is among the
 * children of one parent: the probability of a child given its parent. A node's probability is the
 * product along its path, and so within its parent's, always. Coordinates are heads too: linear in
 * the encoder's output, learned on z-scores of an obsm.
 *
 *	struct mtl *m = mtl_new(&recipe, &levels);
 *	mtl_init(m, seed);
 *	mtl_free(m);
 */
#ifndef MTL_MTL_MODEL_H
#define MTL_MTL_MODEL_H

#include "base/err.h"
#include "mtl/mtl_levels.h"
#include "nn/stack.h"

enum {
	MTL_LAYERS = 2,
	MTL_COORDINATES = 4,
	MTL_PARAMS = 2 * (MTL_LAYERS + MTL_LEVELS + MTL_COORDINATES)
};

struct mtl_recipe {
	size_t n_genes, hidden[MTL_LAYERS];
	double dropout;
	bool binary; /* genes there or not; else log-normalised */
};

/* A head for coordinates: out * sd + mean is what obsm held. */
struct mtl_coordinate {
	char *name; /* in obsm */
	size_t width;
	float *mean, *sd;
	struct dense head;
};

/* Cells kept for neighbour votes: their places after the encoder, and their nodes by level. */
struct mtl_neighbours {
	size_t n;
	float *latent;  /* n x hidden[last] */
	uint32_t *node; /* n x levels */
};

struct mtl {
	struct mtl_recipe recipe;
	struct names genes;
	struct mtl_levels levels; /* owned */
	struct stack layer[MTL_LAYERS];
	struct dense head[MTL_LEVELS];
	double temperature[MTL_LEVELS]; /* logits are divided by it; 1 where nothing was held out */
	size_t n_coordinates;
	struct mtl_coordinate coordinate[MTL_COORDINATES];
	struct mtl_neighbours neighbours;
};

/* Zeros. The levels are taken over from 'levels', which is then empty. */
struct mtl *mtl_new(const struct mtl_recipe *recipe, struct mtl_levels *levels);
void mtl_free(struct mtl *m); /* NULL is fine */

/* One head more; mean and sd are 0 and 1. Returns it. */
struct mtl_coordinate *mtl_add_coordinate(struct mtl *m, const char *name, size_t width);

/* First values: uniform within 1/sqrt(inputs). */
void mtl_init(struct mtl *m, uint64_t seed);

/* Numbers that a cell is after the encoder. */
static inline size_t mtl_width(const struct mtl *m)
{
	return m->recipe.hidden[MTL_LAYERS - 1];
}

/* Every param, in a fixed order; returns how many. */
size_t mtl_params(struct mtl *m, struct param *params[MTL_PARAMS]);

/* Sizes that a file may ask for: 0, or -1 with what is wrong. */
int mtl_recipe_check(const struct mtl_recipe *r, const char *where, struct err *err) MUST_USE;

#endif
