/* tall.h - matrices of many rows and few columns: their products, and orthonormal columns.
 *
 * What a block of vectors over the genes is: twenty thousand rows, a hundred columns. Rows are
 * 'stride' numbers apart, a multiple of eight, and what lies between the columns and the stride is
 * 0; memory is of mem_vectors.
 *
 *	struct tall t = tall_of(n_genes, 112, pool);
 *	double *a = mem_vectors(tall_numbers(&t), sizeof(*a)), *room = mem_vectors(...);
 *	tall_orthonormalise(&t, a, room);              // a' a = 1
 *	tall_symmetric(&t, a, image, small);           // small = a' image, stride x stride
 *	tall_turn(&t, a, turn, room);                  // room = a turn
 *
 * Products in one order (ordered.h), without a library, and rows shared out in parts that the size
 * alone decides: the same bytes on every processor and for any number of threads.
 */
#ifndef LINALG_TALL_H
#define LINALG_TALL_H

#include "base/pool.h"
#include "base/util.h"

struct tall {
	size_t n_rows, n, stride;
	struct pool *pool; /* borrowed */
};

struct tall tall_of(size_t n_rows, size_t n, struct pool *pool);

/* Numbers of a matrix of that shape. */
static inline size_t tall_numbers(const struct tall *t)
{
	return t->n_rows * t->stride;
}

/*
 * small = a' b, stride x stride, where that is known to be symmetric: of a with itself, or with
 * what a symmetric matrix makes of it. The upper triangle is the mirror of the lower.
 */
void tall_symmetric(const struct tall *t, const double *a, const double *b, double *small);

/* to = a turn, with 'turn' stride x stride; 'to' is another matrix than 'a'. */
void tall_turn(const struct tall *t, const double *a, const double *turn, double *to);

/*
 * Make the columns of 'a' orthonormal, spanning what they span: by Cholesky's factor of a' a, or by
 * its eigenvectors where it has none; directions that are not there become 0. 'room' is another
 * such matrix, which is spoiled.
 */
void tall_orthonormalise(const struct tall *t, double *a, double *room);

#endif
