/* line_search.c - see line_search.h. */
#include "base/util.h"

#include <math.h>

#include "train/solver/line_search.h"

#define GOOD_ENOUGH 0.01 /* of the slope at 0: what further turns gain is lost in the next pass */
#define MOST_TURNS 25
#define STRETCH 8 /* how far beyond a falling point to look at most */

struct line_search search_start(double slope, double first_step)
{
	struct line_search s = {.step = first_step, .high = INFINITY, .best_slope = INFINITY};

	s.target = GOOD_ENOUGH * fabs(slope);
	s.finished = !(slope < 0);
	return s;
}

bool search_next(struct line_search *s, double slope, double curvature)
{
	double next = s->step - slope / curvature;

	if (s->finished)
		return false;
	if (fabs(slope) < s->best_slope && s->step > 0) {
		s->best = s->step;
		s->best_slope = fabs(slope);
	}
	if (slope < 0)
		s->low = s->step;
	else
		s->high = s->step;
	s->turns++;
	s->finished = (fabs(slope) <= s->target && s->step > 0) || s->turns >= MOST_TURNS;
	if (!(next > s->low && next < s->high)) {
		if (isfinite(s->high))
			next = (s->low + s->high) / 2;
		else
			next = s->low > 0 ? s->low * STRETCH : 1;
	} else if (s->low > 0 && next > s->low * STRETCH && !isfinite(s->high)) {
		next = s->low * STRETCH;
	}
	s->step = next;
	return !s->finished;
}
