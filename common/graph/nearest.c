/* nearest.c - see nearest.h. */
#include "base/util.h"

#include "graph/nearest.h"

static bool is_farther(struct near_candidate a, struct near_candidate b)
{
	return a.distance > b.distance || (a.distance == b.distance && a.point > b.point);
}

static void sift_down(struct nearest *h)
{
	struct near_candidate top = h->heap[0];
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < h->n; at = child) {
		if (child + 1 < h->n && is_farther(h->heap[child + 1], h->heap[child]))
			child++;
		if (!is_farther(h->heap[child], top))
			break;
		h->heap[at] = h->heap[child];
	}
	h->heap[at] = top;
}

void nearest_offer(struct nearest *h, struct near_candidate c)
{
	size_t at = h->n;

	if (h->n == h->room) {
		if (!is_farther(h->heap[0], c))
			return;
		h->heap[0] = c;
		sift_down(h);
		return;
	}
	for (h->n++; at && is_farther(c, h->heap[(at - 1) / 2]); at = (at - 1) / 2)
		h->heap[at] = h->heap[(at - 1) / 2];
	h->heap[at] = c;
}
