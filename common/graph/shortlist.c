/* shortlist.c - see shortlist.h. */
#include "base/util.h"

#include <float.h>

#include "graph/shortlist.h"

#define LEAST_SPARE ((size_t)64)

size_t shortlist_room(size_t k)
{
	return k + MAX(k, LEAST_SPARE);
}

struct shortlist shortlist_of(struct shortlisted *list, size_t room, size_t k)
{
	return (struct shortlist){.list = list, .room = room, .k = k, .mark = -FLT_MAX};
}

bool shortlist_add(struct shortlist *s, struct shortlisted one)
{
	s->list[s->n++] = one;
	if (s->k == 1)
		s->mark = MAX(s->mark, one.lower);
	return s->n == s->room;
}

/* The k-th largest, k from 1; the order of 'x' is lost. */
static float kth_largest(float *x, size_t n, size_t k)
{
	ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, want = (ptrdiff_t)k - 1;

	while (low < high) {
		ptrdiff_t i = low, j = high;
		float pivot = x[want];

		while (i <= j) {
			while (x[i] > pivot)
				i++;
			while (x[j] < pivot)
				j--;
			if (i <= j) {
				float swapped = x[i];

				x[i++] = x[j];
				x[j--] = swapped;
			}
		}
		if (j < want)
			low = i;
		if (i > want)
			high = j;
	}
	return x[want];
}

void shortlist_tighten(struct shortlist *s, float *scratch)
{
	size_t n = 0;
	float mark;

	if (s->n < s->k)
		return;
	for (size_t i = 0; i < s->n; i++)
		scratch[i] = s->list[i].lower;
	mark = kth_largest(scratch, s->n, s->k);
	s->mark = MAX(s->mark, mark);
	for (size_t i = 0; i < s->n; i++) {
		s->list[n] = s->list[i];
		n += s->list[i].upper >= s->mark;
	}
	s->n = n;
}

bool shortlist_is_crowded(const struct shortlist *s)
{
	return s->n > s->k + (s->room - s->k) / 2;
}
