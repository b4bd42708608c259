/* nearest.h - the nearest points seen so far, so many and no more.
 *
 * A heap with the farthest on top. Equal distances go by number: the smaller is nearer.
 *
 *	struct nearest h = {room_for_26, 0, 26};
 *	for (...)
 *		nearest_offer(&h, (struct near_candidate){distance, point});
 */
#ifndef GRAPH_NEAREST_H
#define GRAPH_NEAREST_H

#include "base/util.h"

struct near_candidate {
	float distance; /* squared */
	uint32_t point;
};

struct nearest {
	struct near_candidate *heap;
	size_t n, room;
};

/* Keep a candidate if there is room, or if it is nearer than the farthest, which goes. */
void nearest_offer(struct nearest *h, struct near_candidate c);

#endif
