/* counter_rng.h - random numbers that belong to a place, not to a turn.
 *
 * A draw is keyed by (seed, what, number): what it is for, and which cell, gene or row it is of.
 * There is no state: draws may be made in any order, by any thread, or not at all, and each is
 * the same. For a sequence, where one draw follows another, see rng.h.
 *
 *	enum { HOLD_OUT = 1, SHUFFLE };
 *	bool held = draw_unit(seed, HOLD_OUT, row) < 0.2;
 *	uint64_t order = draw_bits(seed, SHUFFLE, row);
 *
 * The same bytes on every machine, and always: files that people keep depend on them. For that
 * reason two older ways stay as they are: the folds of train/cohort/cohort_folds.c, keyed by seed
 * and row alone, and draws by a name's hash, where a cell is to be drawn alike from whatever file
 * it is in (matrix/sample.c, train/cohort/cohort_groups.c).
 */
#ifndef BASE_COUNTER_RNG_H
#define BASE_COUNTER_RNG_H

#include "base/rng.h"

/* 64 well-mixed bits. */
static inline uint64_t draw_bits(uint64_t seed, uint64_t what, uint64_t number)
{
	return mix64(mix64(seed + mix64(what)) + number);
}

/* [0, 1), 53 bits. */
static inline double draw_unit(uint64_t seed, uint64_t what, uint64_t number)
{
	return (double)(draw_bits(seed, what, number) >> 11) * 0x1p-53;
}

#endif
