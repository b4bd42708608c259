/* even_draw.h - some cells of every class, as many of each as there are, up to a common most.
 *
 * Where not all cells are needed, rare types should not be the ones that are left out: small
 * classes are drawn whole, large ones to the number that makes the sum fit. Which cells is drawn
 * from the seed, in the order they come in.
 *
 *	uint8_t *drawn = even_draw(&(struct even_draw){class_of, n, n_classes, 4096, seed});
 *	if (drawn[cell])
 *		use(cell);
 *	free(drawn);
 */
#ifndef TRAIN_COHORT_EVEN_DRAW_H
#define TRAIN_COHORT_EVEN_DRAW_H

#include "base/util.h"

struct even_draw {
	const int32_t *class_of; /* per cell; below 0: not to be drawn */
	size_t n, n_classes;
	size_t most; /* cells in all */
	uint64_t seed;
};

/* Per cell, 1 when it is drawn. The caller frees. */
uint8_t *even_draw(const struct even_draw *e);

#endif
