/* line_search.h - the lowest point along a line, from first and second derivatives.
 *
 * For convex functions: Newton's steps, kept inside the bracket that the signs of the derivatives
 * give. The caller evaluates; many searches run side by side.
 *
 *	struct line_search s = search_start(slope_at_0, 1);
 *	do
 *		evaluate(s.step, &slope, &curvature);
 *	while (search_next(&s, slope, curvature));
 *	use(s.best);
 */
#ifndef TRAIN_SOLVER_LINE_SEARCH_H
#define TRAIN_SOLVER_LINE_SEARCH_H

#include "base/util.h"

struct line_search {
	double step;      /* to evaluate next */
	double best;      /* the answer: 0 when the function does not fall from 0 */
	double low, high; /* the slope is negative at 'low', and not at 'high' (may be infinite) */
	double target;    /* a slope as small as this is good enough */
	double best_slope;
	unsigned turns;
	bool finished;
};

struct line_search search_start(double slope, double first_step);

/* Take the derivatives at s->step. Returns whether to go on. */
bool search_next(struct line_search *s, double slope, double curvature);

#endif
