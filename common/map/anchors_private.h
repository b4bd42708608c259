/* anchors_private.h - what finding anchors and scoring maps share. */
#ifndef MAP_ANCHORS_PRIVATE_H
#define MAP_ANCHORS_PRIVATE_H

#include "map/anchors.h"

/*
 * Anchors by the query cell they have: those of cell 'at' are list[starts[at]..starts[at + 1]), in
 * order. The cells with any are 'cells', in the order of their first anchor.
 */
struct anchor_index {
	uint32_t *list;
	size_t *starts;
	uint32_t *cells;
	size_t n_cells;
};

struct anchor_index anchor_index_of(const uint32_t *query, size_t n_anchors, size_t n_query);
void anchor_index_release(struct anchor_index *x);

/*
 * Walk a cell's neighbours, nearest first: of each all anchors of the query cell it stands for,
 * weighted by distance and score, until k are met. Met again (two neighbours may stand for one
 * cell) an anchor takes the weight of the farther, as in Seurat. 'of' (k, UINT32_MAX behind the
 * last) and 'weights' are filled and sum to 1.
 */
void anchor_walk(const struct anchor_index *x, const double *scores, const uint32_t *stands_for,
		 const double *distances, size_t k, uint32_t *of, double *weights);

/* 'scores' by 'shared': from the first hundredth of the counts to the ninth tenth; all equal: 1. */
void anchors_scale_scores(struct anchors *a);

double *anchor_gather(const double *from, const uint32_t *rows, size_t n, size_t dims);

#endif
