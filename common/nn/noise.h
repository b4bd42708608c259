/* noise.h - random numbers by their place, not by their order.
 *
 * Every number is a function of (seed, purpose, epoch, cell, element), so that the same cell gets
 * the same numbers whatever stands beside it and whichever thread asks. The words are splitmix64's
 * at a counted place; normals are Box and Muller's in single precision (24 bits: up to 5.9), with
 * cosine and logarithm of our own.
 *
 *	struct noise noise = {.seed = 0, .epoch = 3};
 *	noise_normals(&noise, NOISE_LATENT, cell, z, 30);
 */
#ifndef NN_NOISE_H
#define NN_NOISE_H

#include "nn/real.h"

struct noise {
	uint64_t seed;
	size_t epoch;
};

/* What numbers are for. Values are part of the format of a run: add at the end. */
enum noise_purpose {
	NOISE_INIT = 1, /* first weights; the cell is the tensor */
	NOISE_SPLIT,    /* which cells validate */
	NOISE_ORDER,    /* the order of cells in an epoch */
	NOISE_LABELLED, /* the cells drawn for each label, and their order */
	NOISE_LATENT,   /* z */
	NOISE_SECOND,   /* the second latent; the element is label * width + place */
	NOISE_DROPOUT,  /* plus the number of the block */
	NOISE_DROPOUT_END = NOISE_DROPOUT + 1024
};

/* In [0, 1), 53 bits. */
double noise_unit(const struct noise *noise, unsigned purpose, uint64_t cell, uint64_t element);

/* Normals of mean 0 and variance 1 for the elements [0, n) of a cell. */
void noise_normals(const struct noise *noise, unsigned purpose, uint64_t cell, real *out, size_t n);

/*
 * What dropout makes of a row: each of values[0..n) is 0 with probability 'share', else divided by
 * 1 - share. 'share' is rounded to 1/65536.
 */
void noise_drop(const struct noise *noise, unsigned purpose, uint64_t cell, double share,
		real *values, size_t n);

/* A permutation of [0, n): sorted by word, so that no draw depends on another. */
void noise_order(const struct noise *noise, unsigned purpose, uint64_t cell, uint32_t *order,
		 size_t n);

#endif
