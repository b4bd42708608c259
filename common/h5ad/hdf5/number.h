/* number.h - stored numbers of any type and byte order, turned into ours.
 *
 * Values become float, indices uint32_t, row starts int64_t. Hides widths, signs, half precision
 * and byte order; knows nothing of HDF5.
 *
 *	size_t good = number_to_floats(type.kind, stored, values, n);
 *	if (good < n)
 *		return err_set(err, "number %zu cannot be held exactly", good);
 */
#ifndef H5AD_HDF5_NUMBER_H
#define H5AD_HDF5_NUMBER_H

#include "base/util.h"

enum number_kind {
	NUMBER_I8,
	NUMBER_U8,
	NUMBER_I16,
	NUMBER_U16,
	NUMBER_I32,
	NUMBER_U32,
	NUMBER_I64,
	NUMBER_U64,
	NUMBER_F16,
	NUMBER_F32,
	NUMBER_F64
};

struct number_type {
	enum number_kind kind;
	size_t size; /* bytes */
	bool swap;   /* stored in the other byte order than this machine's */
};

static inline bool number_is_integer(enum number_kind kind)
{
	return kind < NUMBER_F16;
}

/* Reverse the bytes of each of 'n' numbers in place. */
void number_swap(void *numbers, size_t n, size_t size);

/*
 * Numbers in this machine's byte order to floats. Returns 'n', or the position of the first
 * integer that a float cannot hold exactly. Doubles are rounded; beyond float's range they become
 * infinite, which the reader refuses as any other infinity.
 */
size_t number_to_floats(enum number_kind kind, const void *numbers, float *out, size_t n);

/* How many doubles are so large that they could be counts, above 2^24, and were rounded. */
size_t number_rounded(enum number_kind kind, const void *numbers, size_t n);

/*
 * Integers in this machine's byte order to indices. What is negative or too large for an index
 * becomes a number above INT32_MAX, so that one comparison with the count of genes finds it.
 */
void number_to_indices(enum number_kind kind, const void *numbers, uint32_t *out, size_t n);

/* One integer in this machine's byte order; beyond INT64_MAX it becomes -1. */
int64_t number_to_int64(enum number_kind kind, const void *number);

#endif
