/* climb.h - an answer at the level that is sure.
 *
 * lr-predict --climb tells of each call what is above its label, the most specific term first, with
 * the probability of each:
 *	above = "0.31 CL:0000791 mature alpha-beta T cell|0.93 CL:0000084 T cell|0.99 - lymphoid"
 * A call that is not sure enough climbs to the first that is.
 *
 *	struct climbed to = {0};
 *	if (climb(above, 0.4, &to, err) > 0)
 *		puts(to.label.s);                         // "T cell"; to.id.s is its id, or ""
 *	climbed_release(&to);
 */
#ifndef CALLS_CLIMB_H
#define CALLS_CLIMB_H

#include "base/err.h"
#include "base/text.h"
#include "base/util.h"

struct climbed {
	struct text label, id;
	double probability;
};

/* 1: found; 0: nothing above is likely enough; -1: 'above' is not as it should be, says err. */
int climb(const char *above, double least, struct climbed *to, struct err *err) MUST_USE;
void climbed_release(struct climbed *to);

/* Does a reason of the gate say that the cell has an answer, one above its label? */
static inline bool is_climbed(const char *reason)
{
	return str_starts(reason, "CLIMB");
}

#endif
