/* scorer_private.h - what scorer.c prepares and scorer_run.c works with. */
#ifndef MODEL_PREDICT_SCORER_PRIVATE_H
#define MODEL_PREDICT_SCORER_PRIVATE_H

#include "model/predict/scorer.h"

#define LANE 8 /* doubles of one cache line */
#define ROW_NONE UINT32_MAX
#define GROUP_LANES 6 /* lines of classes whose sums stay in registers */

typedef double lane __attribute__((vector_size(LANE * sizeof(double)), may_alias));

/*
 * Weights are those of a value as it is stored: W / scale. A value beyond 'most' is clipped there,
 * and what it adds counts from 'least', which is 0 but where an absent value is clipped, too.
 */
struct scorer {
	size_t n_classes, n_rows, n_axes;
	size_t n_lanes;     /* lines that rows of coefficients and axes take up together */
	size_t group_lanes; /* of a group, all alike but for the last: GROUP_LANES at most */
	size_t n_genes;     /* of the file */
	size_t n_present;
	enum model_loss loss;
	double clip;
	uint32_t *row_of;     /* per gene of the file: its row of weights, or ROW_NONE */
	double *most, *least; /* per row of weights */
	lane *weights;        /* groups of classes, each: rows x lanes of the group */
	lane *start;          /* intercept + W z0, per lane */
	size_t n_tiles;       /* of rows */
	uint32_t *tile_end;   /* per tile: the first gene of the file after it */
	double *scores;       /* of the last block */
	size_t cap_scores;
	double *axes; /* of the last block */
	size_t cap_axes;
	struct coverage coverage;
};

#endif
