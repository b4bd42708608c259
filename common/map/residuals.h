/* residuals.h - cells placed by sctransform's residuals of their counts.
 *
 * Azimuth's references (and all of Seurat's SCT road) hold a model of what each gene should count in a
 * cell of so many counts. A cell's value of a gene is how far its count is from that, in standard
 * deviations: r = (y - mu) / sqrt(max(mu + dispersion mu^2, least)), less the gene's mean over the
 * atlas, clipped. What a cell does not store is then no constant, so that placing costs all genes that
 * are shared, for every cell. What sctransform also does first, clipping r at the square root of the
 * number of query cells, is left out: a cell would depend on how many others are in its file.
 *
 *	if (ref->genes.residuals.slope)                       // else map/projection.h
 *		n_empty = residuals_place(projection, block, 0, block->n_cells, points);
 *
 * Blocks are of counts, over the file's genes, with 'counts' summed over all of them, the genes that
 * the reference lacks too. A cell without counts lies where one of no surprise would.
 */
#ifndef MAP_RESIDUALS_H
#define MAP_RESIDUALS_H

#include "map/projection.h"

/*
 * Place the cells [from, end) of a block; 'points' begins with the first of them, and is the caller's.
 * Returns how many have no value of a shared gene. Any number of cells at a time gives the same bytes.
 */
size_t residuals_place(const struct projection *p, const struct cells *block, size_t from,
		       size_t end, double *points);

#endif
