/* mtl_step.h - cells through a multi-task mapper, and a training step.
 *
 * A pass gives places after the encoder, and from them logits; mtl_probabilities makes those into
 * the probability of every node, level by level. A step adds the loss and all gradients: at every
 * level where a cell has a node, the cross entropy among that node's siblings; for coordinates
 * Huber's loss on z-scores, a mean over their numbers.
 *
 *	struct mtl_work *w = mtl_work_new(m, pool);
 *	const real *latent = mtl_forward(w, x, NULL, NULL);
 *	mtl_probabilities(w, x.n, p);                   // p[level]: x.n x nodes
 *	double loss = mtl_step(w, &batch, &how);
 *	mtl_work_free(w);
 *
 * The bytes do not depend on threads.
 */
#ifndef MTL_MTL_STEP_H
#define MTL_MTL_STEP_H

#include "mtl/mtl_model.h"

struct mtl_cells {
	struct rows x;               /* stored values, as the recipe wants them */
	const uint64_t *number;      /* per cell, for the noise */
	const uint32_t *const *node; /* per level, per cell: a node, or MTL_NONE */
	const real *const *target;   /* per coordinate: z-scores, n x width */
};

struct mtl_how {
	const struct noise *noise; /* NULL: nothing is dropped */
	bool forward;              /* the loss only */
	double level_weight[MTL_LEVELS], coordinate_weight;
};

struct mtl_work;
struct mtl_work *mtl_work_new(struct mtl *m, struct pool *pool);
void mtl_work_free(struct mtl_work *w); /* NULL is fine */

/* Places after the encoder, x.n x mtl_width, which belong to the work until the next pass. */
const real *mtl_forward(struct mtl_work *w, struct rows x, const struct noise *noise,
			const uint64_t *number);

/* After mtl_forward: per level n x nodes, into p[level]. */
void mtl_probabilities(struct mtl_work *w, size_t n, float *const *p);

/* After mtl_forward: a coordinate as obsm held it, n x width. */
void mtl_coordinates(struct mtl_work *w, size_t n, size_t which, float *out);

/* After mtl_forward: minus the sum of log probabilities of the cells' own nodes at a level, given
 * the parent and divided by a temperature; how many cells have one. */
double mtl_level_loss(struct mtl_work *w, const struct mtl_cells *cells, size_t level,
		      double temperature, size_t *n);

/* The loss, a mean over the cells; gradients are added unless 'forward'. */
double mtl_step(struct mtl_work *w, const struct mtl_cells *cells, const struct mtl_how *how);

#endif
