/* depths.c - see depths.h. */
#include "base/util.h"

#include <math.h>

#include "base/counter_rng.h"
#include "base/names.h"
#include "base/text.h"
#include "matrix/depth.h"
#include "train/depths.h"

enum { DRAW_DEPTH = 11 };

int depths_parse(struct depths *d, const char *words, struct err *err)
{
	struct names list = names_of_list(words);
	int ret = 0;

	d->n = 0;
	for (size_t i = 0; i < list.n && !ret; i++) {
		double share, last = i ? d->shares[i - 1] : INFINITY;

		if (i == MOST_DEPTHS)
			ret = err_set(err, "%s: %d depths at most", words, MOST_DEPTHS);
		else if (!parse_double(list.s[i], &share) || !(share > 0 && share <= 1))
			ret = err_set(err, "%s: %s is no share above 0, up to 1", words, list.s[i]);
		else if (!(share < last) || (i == 0 && share < 1))
			ret = err_set(err, "%s: depths begin with 1 and fall", words);
		else
			d->shares[d->n++] = share;
	}
	names_release(&list);
	return ret;
}

void depths_release(struct depths *d)
{
	cells_release(&d->copies);
}

/* Of so many counts, how many are kept. */
static double keep(struct rng *rng, double counts, double share)
{
	double kept = 0;

	if (share >= 1)
		return counts;
	for (double i = 0; i < counts; i++)
		kept += rng_unit(rng) < share;
	return kept;
}

/* One copy of a cell at the end of the others; 'unit' is what one count has become in it. */
static void add_copy(struct depths *d, const struct cells *block, size_t cell,
		     const uint32_t *gene_map, double unit, size_t depth, uint64_t row)
{
	struct cells *to = &d->copies;
	size_t first = to->starts[to->n_cells], at = first;
	struct rng rng = rng_seeded(draw_bits(d->seed, DRAW_DEPTH + depth, row));
	double total = 0;

	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		double counts, value = (double)block->values[i];

		if (!(value > 0) || (gene_map && gene_map[block->genes[i]] == UINT32_MAX))
			continue;
		counts = keep(&rng, rint(expm1(value) / unit), d->shares[depth]);
		if (!(counts > 0))
			continue;
		to->genes[at] = block->genes[i];
		to->values[at++] = (float)counts;
		total += counts;
	}
	for (size_t i = first; i < at; i++)
		to->values[i] = (float)log1p((double)to->values[i] * d->target_sum / total);
	to->counts[to->n_cells++] = total;
	to->starts[to->n_cells] = at;
}

const struct cells *depths_block(struct depths *d, const struct cells *block,
				 const uint32_t *gene_map, const size_t *rows)
{
	struct cells *to = &d->copies;

	cells_reserve(to, block->n_cells * d->n, cells_stored(block) * d->n);
	MEM_GROW(to->counts, block->n_cells * d->n, to->cap_counts);
	to->n_cells = 0;
	to->n_genes = block->n_genes;
	to->starts[0] = 0;
	for (size_t cell = 0; cell < block->n_cells; cell++) {
		double unit = depth_unit(block, cell, d->target_sum);

		for (size_t depth = 0; depth < d->n; depth++)
			add_copy(d, block, cell, gene_map, unit, depth, rows[cell]);
	}
	return to;
}
