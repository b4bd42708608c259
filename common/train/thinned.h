/* thinned.h - training cells, thinned: how sure must a call be of a cell of few counts?
 *
 * A model is at its surest where there is least to go by: a cell of three counts gets a probability
 * all the same. What such a probability is worth is seen on training cells of which 1, 2, 4, 8, ...
 * counts were drawn without replacement, all levels from one shuffle of the cell. They are drawn as
 * training reads its cells and scored by the model when it is there.
 *
 *	struct thinned *t = thinned_new(&cohort, 1e4, seed);
 *	thinned_add(t, block, first);                      // each block, log-normalised, in order
 *	model->depth = thinned_needs(t, model, NULL, genes, n_genes, pool);
 *	thinned_free(t);
 *
 * How strange they look is seen with it, when the model has landmarks: the median by depth, beyond
 * what the cells as they are have.
 *
 * By depth, in doublings of the counts of the model's genes: the least confidence above which 95 of
 * 100 calls are right of those that the model gets right of the same cells as they are. Types count
 * alike, as far as they have cells. Deeper than the cells were, nothing is asked.
 *
 * Memory: about 12 bytes per value of some 600 cells. Same cells and seed, same numbers.
 */
#ifndef TRAIN_THINNED_H
#define TRAIN_THINNED_H

#include "base/pool.h"
#include "matrix/cells.h"
#include "model/model.h"
#include "train/cohort/cohort.h"

struct thinned;

/* 'c' is borrowed. Cells are log1p of counts per 'target_sum'. */
struct thinned *thinned_new(const struct cohort *c, double target_sum, uint64_t seed);
void thinned_free(struct thinned *t); /* NULL is fine */

/* The next cells of the cohort; the block's first is number 'first' of it. */
void thinned_add(struct thinned *t, const struct cells *block, size_t first);

/*
 * What calls of 'm' need. 'genes' name those of the blocks. 'within' is of nested classes (loss.h),
 * or NULL: a call of a class below the cell's own is right then. NULL when there were too few
 * cells.
 */
struct depth_needs *thinned_needs(const struct thinned *t, const struct model *m,
				  const uint8_t *within, char *const *genes, size_t n_genes,
				  struct pool *pool);

#endif
