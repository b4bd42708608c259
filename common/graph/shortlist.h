/* shortlist.h - points that may be among a query's k nearest.
 *
 * Of every candidate two bounds of its nearness are known (larger is nearer; see panels.h). The
 * mark is the k-th largest of the lower bounds met: a point whose upper bound is below it cannot be
 * among the k nearest. Candidates are added as they come, and now and then those below the mark are
 * thrown out, so that each costs little and no heap is kept.
 *
 *	struct shortlist s = shortlist_of(room_for_94, 94, 15);
 *	if (upper >= s.mark && shortlist_add(&s, (struct shortlisted){upper, lower, row}))
 *		shortlist_tighten(&s, 94 floats);         // it is full
 *
 * When nearly all are too close together to be told apart, tightening frees little: then it is the
 * caller who measures better, and keeps k (shortlist_is_crowded).
 */
#ifndef GRAPH_SHORTLIST_H
#define GRAPH_SHORTLIST_H

#include "base/util.h"

struct shortlisted {
	float upper, lower; /* bounds of the nearness */
	uint32_t row;
};

struct shortlist {
	struct shortlisted *list; /* borrowed */
	size_t n, room, k;
	float mark; /* never falls */
};

/* How many candidates a list of k has room for, to be tightened seldom. */
size_t shortlist_room(size_t k);
struct shortlist shortlist_of(struct shortlisted *list, size_t room, size_t k);

/* True when the list is full, and has to be tightened before the next one. */
bool shortlist_add(struct shortlist *s, struct shortlisted one) MUST_USE;

/* Raise the mark as far as it goes and throw out what is below it. 'scratch' is 'room' floats. */
void shortlist_tighten(struct shortlist *s, float *scratch);
bool shortlist_is_crowded(const struct shortlist *s);

#endif
