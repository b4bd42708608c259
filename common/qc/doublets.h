/* doublets.h - which cells are two cells, by simulated neighbours.
 *
 * Scrublet's way (Wolock, Lopez and Klein 2019): pairs of the cells at hand are added up, and a
 * cell among whose nearest neighbours many are such pairs is likely to be a pair itself. Genes are
 * the most variable ones, coordinates their principal components; twice as many pairs as cells;
 * k = sqrt(n) / 2 neighbours, scaled up to both sets; the score is the posterior of being a
 * doublet at the expected rate. Doublets of one type with itself look like that type and are not
 * found, by this or any such method.
 *
 *	struct doublets d = {.rate = 0.06, .seed = 42};
 *	if (doublets_find(&d, file, slot, rows, n_rows, pool, &err) == 0)
 *		use(d.score[i], d.threshold);
 *	doublets_release(&d);
 *
 * Cells of one batch at a time: cells of two samples never met in a droplet. Memory is the counts
 * of the variable genes and the coordinates, about 2 KB a cell. Same cells and seed, same scores.
 */
#ifndef QC_DOUBLETS_H
#define QC_DOUBLETS_H

#include "h5ad/h5ad.h"

#define DOUBLETS_FEWEST 50 /* cells of a batch; of fewer nothing is said */

struct doublets {
	double rate; /* the caller's: share of doublets that is expected */
	uint64_t seed;
	double *score;    /* per row given, 0 to 1 */
	double threshold; /* that parts the pairs' own scores best; NaN when they are all alike */
	size_t n_genes;
};

/* 'slot' holds counts; 'rows' rise. Batches under DOUBLETS_FEWEST cells get NaN. */
int doublets_find(struct doublets *d, struct h5ad *file, const struct slot *slot,
		  const size_t *rows, size_t n_rows, struct pool *pool, struct err *err) MUST_USE;
void doublets_release(struct doublets *d);

#endif
