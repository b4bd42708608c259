/* norm_private.h - what has been seen of a matrix, between norm_look.c and norm.c.
 *
 * Everything is a count, an extreme or a sketch: O(1), and the same for any size of block. Evidence
 * is of three kinds. Sums of cells, taken back each way a value may have been changed: one common
 * sum is a normalisation. Ratios of a cell's values to its smallest: whole numbers are counts that
 * were scaled, however. And where the values lie among the whole numbers: counts of which a little
 * was taken away pile up just below them.
 *
 *	look->whole[way] / look->n_ratios[way]     // near 1: counts, scaled, taken back this way
 *	look->n_under / look->n_above_half         // .25 by chance; .7 and more: fractional counts
 *
 * Cells of whole numbers only are counted apart and add to none of the last two.
 */
#ifndef MATRIX_NORM_PRIVATE_H
#define MATRIX_NORM_PRIVATE_H

#include "matrix/norm.h"
#include "matrix/sketch.h"

#define NORM_STANDARD_SUM 1e4
#define NORM_LOGGED_BELOW 40.0f /* exp(40): no logarithm of a count is larger */

struct norm_range {
	float min, max;
	size_t n_zero, n_whole; /* whole: not zero, and without a fraction */
};

struct norm_look {
	size_t n_cells, n_genes, n_stored, n_empty;
	size_t n_whole_cells; /* not empty, and every value a whole number */
	double n_pairs;       /* of values within cells of whole numbers */
	struct norm_range range;
	struct sketch *sums[NORM_N_WAYS];
	size_t whole[NORM_N_WAYS], n_ratios[NORM_N_WAYS];
	size_t n_units, n_whole_units; /* cells with a unit, and with one that is a whole number */
	size_t n_depths, n_whole_depths;
	size_t n_above_half, n_under;      /* values drawn, and those just below a whole number */
	size_t n_fractions, n_squareroots; /* values drawn with a fraction; whole when squared */
};

#endif
