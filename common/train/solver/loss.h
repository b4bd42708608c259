/* loss.h - logistic losses of all cells and classes at once, from their scores.
 *
 * One-vs-rest: lane c is a problem of its own, with u = -score for the cells of class c and u =
 * score for all others; loss log(1 + exp(u)), weighted by weight_in[c] or weight_out[c]. Softmax:
 * one problem for all lanes; loss log(sum exp(score)) - score of the cell's class, weighted by the
 * class's weight_in; it is booked under the lane of the cell's class. Softmax of nested classes,
 * when 'within' says which: a cell that is called a T cell may be any kind of T cell, and its loss
 * is -log of the sum of the probabilities of all of them. That is not convex, but with classes that
 * are not nested it is softmax again.
 *
 * Scores, directions and residuals are lane matrices with a row per slot (products.h). Cells
 * with a negative label do not count and have residuals of 0. A class without a lane is nobody's
 * own. Sums are per lane, in double, block by block: the same for any number of threads.
 *
 *	loss_step(&loss, scores, step, along, losses);       // 'along' holds the residuals now
 *	loss_slope(&loss, scores, step, along, slope, curvature);
 */
#ifndef TRAIN_SOLVER_LOSS_H
#define TRAIN_SOLVER_LOSS_H

#include "base/pool.h"
#include "model/model.h"
#include "train/solver/block.h"
#include "train/solver/lanes.h"

struct loss {
	enum model_loss kind;
	const struct lanes *lanes;
	const int32_t *label;     /* per slot: its class, or -1 */
	const double *weight_in;  /* per class */
	const double *weight_out; /* per class */
	const uint8_t *within;    /* softmax: [class * n_classes + other]: cells of the class may be
				   * of the other; NULL: of none but their own */
	struct pool *pool;
	size_t n_blocks;
	bool wide; /* scores are double */
};

/*
 * Take a step: scores += step * direction (step is per lane), then replace 'direction' by the
 * residuals (derivatives of the loss by the score), and sum up the losses per lane.
 */
void loss_step(const struct loss *loss, void *scores, const double *step, void *direction,
	       double *losses);

/*
 * First and second derivatives, per lane, of the losses along scores + step * direction. For
 * softmax the step must be the same in all lanes, and the derivatives are the sums over lanes.
 */
void loss_slope(const struct loss *loss, const void *scores, const double *step,
		const void *direction, double *slope, double *curvature);

/* One row of LANE_STEP numbers u, at a cache line: share[i] = 1 / (1 + exp(-u)), and the losses
 * log(1 + exp(u)). */
void loss_row(const double *u, double *share, double *losses);

#endif
