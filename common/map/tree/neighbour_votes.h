/* neighbour_votes.h - what a cell's neighbours say it is.
 *
 * Every neighbour votes for its label with a weight that falls with its distance; the label with
 * the largest share wins, the first by name of equals. Kernels (d: distance):
 *
 *	uniform   1
 *	inverse   1 / d; neighbours at 0, if there are any, alone count
 *	adaptive  exp(-(d / h)^2), h the cell's median distance: whatever the unit of d
 *	hlca      exp(-d s^2 / 4), s the deviation of the cell's distances: as scArches has it
 *	sharp     exp(-8 (d / h)^2): in tens of dimensions all neighbours are nearly as far, and only
 *	          so steep a fall tells the near from the others
 *
 *	vote_weigh(VOTE_ADAPTIVE, distances, k, weights);
 *	struct vote v = vote_count(neighbors, weights, k, labels->of_cell, labels->n, shares);
 */
#ifndef MAP_TREE_NEIGHBOUR_VOTES_H
#define MAP_TREE_NEIGHBOUR_VOTES_H

#include "base/util.h"

enum vote_kernel { VOTE_UNIFORM, VOTE_INVERSE, VOTE_ADAPTIVE, VOTE_HLCA, VOTE_SHARP };

#define VOTE_NONE UINT32_MAX

struct vote {
	uint32_t label, second; /* VOTE_NONE when nobody votes, or for one label only */
	double share, margin;   /* the winner's; what it has more than the second */
	double entropy;         /* of the shares, in nats */
};

/* 'distances' rise. Weights are not normalised. */
void vote_weigh(enum vote_kernel kernel, const double *distances, size_t k, double *weights);

/*
 * 'label_of' is per point of the reference, -1 for none: those do not vote. 'shares' (n_labels)
 * is filled: sums to 1, or all 0 when nobody votes.
 */
struct vote vote_count(const uint32_t *neighbors, const double *weights, size_t k,
		       const int32_t *label_of, size_t n_labels, double *shares);

/* The vote that shares make. */
struct vote vote_of_shares(const double *shares, size_t n_labels);

#endif
