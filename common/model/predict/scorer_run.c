/* scorer_run.c - the hot loop of scorer.h: weighted rows of coefficients, added up. */
#include "base/util.h"

#include "model/predict/scorer_private.h"

#define PART_CELLS 64 /* cells of one part of a block */

/* Stored values of one cell that the model uses: their row of weights, and what it is times. */
struct used {
	uint32_t *rows;
	double *factors;
};

/*
 * Pick out the values of genes before 'end' that the model has. Every value is written, and kept
 * by moving on: no branch to mispredict. Returns how many were kept; 'at' moves on.
 */
CLONES static size_t pick_used(const struct scorer *s, const struct cells *block, size_t *at,
			       size_t last, uint32_t end, struct used used)
{
	size_t kept = 0, i = *at;

	for (; i < last && block->genes[i] < end; i++) {
		uint32_t row = s->row_of[block->genes[i]];

		used.rows[kept] = row;
		used.factors[kept] = (double)block->values[i];
		kept += row != ROW_NONE;
	}
	*at = i;
	for (i = 0; i < kept; i++) {
		double most = s->most[used.rows[i]];

		used.factors[i] =
			(used.factors[i] > most ? most : used.factors[i]) - s->least[used.rows[i]];
	}
	return kept;
}

#define NAMED(name) name
#define TARGET CLONES
#define VECTOR_BYTES 32
#include "model/predict/scorer_kernel.inc"
#undef NAMED
#undef TARGET
#undef VECTOR_BYTES

#ifdef WIDE_TARGET
#define NAMED(name) name##_64
#define TARGET WIDE_TARGET
#define VECTOR_BYTES 64
#include "model/predict/scorer_kernel.inc"
#undef NAMED
#undef TARGET
#undef VECTOR_BYTES
#endif

/* ---- a block ---- */

struct run {
	const struct scorer *s;
	const struct cells *block;
	size_t n_parts;
};

/* The values of one cell in one tile. */
static void score_tile(const struct scorer *s, size_t n, const struct used *used, lane *sums)
{
	for (size_t at = 0; at < s->n_lanes; at += s->group_lanes) {
		size_t n_lanes = MIN(s->n_lanes - at, s->group_lanes);

		BEST_WIDTH(add_group)(s->weights + at * s->n_present, used, n, sums + at, n_lanes);
	}
}

static void keep_scores(const struct scorer *s, const double *sums, double *out)
{
	if (s->n_rows == s->n_classes) {
		memcpy(out, sums, s->n_classes * sizeof(*out));
	} else {
		out[1] = sums[0];
		out[0] = -out[1];
	}
}

/* Tile by tile, so that its rows of weights stay near while every cell of the part needs them. */
static void score_part(void *job, size_t part)
{
	const struct run *run = job;
	const struct scorer *s = run->s;
	const struct cells *block = run->block;
	size_t first = part * PART_CELLS, n = MIN(PART_CELLS, block->n_cells - first);
	size_t at[PART_CELLS], longest = 0;
	struct used used;
	lane *sums = mem_vectors(n * s->n_lanes, sizeof(*sums));

	for (size_t i = 0; i < n; i++) {
		at[i] = block->starts[first + i];
		longest = MAX(longest, block->starts[first + i + 1] - at[i]);
		memcpy(sums + i * s->n_lanes, s->start, s->n_lanes * sizeof(*sums));
	}
	MEM_ARRAY(used.rows, longest + 1);
	MEM_ARRAY(used.factors, longest + 1);
	for (size_t tile = 0; tile < s->n_tiles; tile++) {
		for (size_t i = 0; i < n; i++) {
			size_t kept = pick_used(s, block, &at[i], block->starts[first + i + 1],
						s->tile_end[tile], used);

			score_tile(s, kept, &used, sums + i * s->n_lanes);
		}
	}
	for (size_t i = 0; i < n; i++) {
		const double *row = (const double *)(sums + i * s->n_lanes);

		keep_scores(s, row, s->scores + (first + i) * s->n_classes);
		if (s->n_axes)
			memcpy(s->axes + (first + i) * s->n_axes, row + s->n_rows,
			       s->n_axes * sizeof(*s->axes));
	}
	free(used.rows);
	free(used.factors);
	free(sums);
}

double *scorer_run(struct scorer *s, const struct cells *block, struct pool *pool)
{
	struct run run = {.s = s, .block = block};

	run.n_parts = (block->n_cells + PART_CELLS - 1) / PART_CELLS;
	MEM_GROW(s->scores, mem_product(block->n_cells, s->n_classes), s->cap_scores);
	MEM_GROW(s->axes, mem_product(block->n_cells, s->n_axes), s->cap_axes);
	pool_run(pool, run.n_parts, score_part, &run);
	return s->scores;
}
