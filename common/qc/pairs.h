/* pairs.h - cells and sums of two cells, as one stream.
 *
 * Keeps the counts of some genes of all cells of a batch, and gives them out log-normalised, the
 * cells first and then the pairs drawn from them: what two cells in one droplet would have been.
 *
 *	struct pairs *p = pairs_new(n_cells, n_genes, 1e4);
 *	pairs_add_cells(p, block, map);         // every block of counted cells, in order
 *	pairs_draw(p, 2 * n_cells, seed);
 *	struct stream *all = pairs_stream(p, 0, 3 * n_cells);
 *
 * A cell's depth is that of all its genes (cells->counts), not only of those kept.
 */
#ifndef QC_PAIRS_H
#define QC_PAIRS_H

#include "matrix/stream.h"

struct pairs;

struct pairs *pairs_new(size_t n_cells, size_t n_genes, double target_sum);
void pairs_free(struct pairs *p); /* NULL is fine */

/* The next cells, counts with cells->counts beside them; 'map' is per gene its number or
 * UINT32_MAX. */
void pairs_add_cells(struct pairs *p, const struct cells *block, const uint32_t *map);

/* Draw 'n' pairs of different cells. */
void pairs_draw(struct pairs *p, size_t n, uint64_t seed);

/* Cells and pairs [first, first + n) of their row. Borrows 'p'. */
struct stream *pairs_stream(const struct pairs *p, size_t first, size_t n);

#endif
