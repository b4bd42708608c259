/* novelty_scores.c - see novelty_scores.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "calls/novelty_scores.h"

struct ranked {
	double novelty;
	bool unseen;
};

static int falling(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->novelty, y = ((const struct ranked *)b)->novelty;

	return (x < y) - (x > y);
}

/* Down the ranks, a group of equal numbers at a time. */
static void walk(struct novelty_scores *s, const struct ranked *cells, size_t n)
{
	double found = 0, wrong = 0, unseen = (double)s->n_unseen, seen = (double)s->n_seen;

	s->auroc = s->aupr = 0;
	s->fpr95 = NAN;
	for (size_t i = 0, next; i < n; i = next) {
		double here = 0, false_here = 0;

		for (next = i; next < n && cells[next].novelty == cells[i].novelty; next++) {
			here += cells[next].unseen;
			false_here += !cells[next].unseen;
		}
		s->auroc += false_here * (found + here / 2) / (unseen * seen);
		found += here;
		wrong += false_here;
		s->aupr += here / unseen * found / (found + wrong);
		if (isnan(s->fpr95) && found >= 0.95 * unseen)
			s->fpr95 = wrong / seen;
	}
}

struct novelty_scores novelty_scores_of(const double *novelty, const bool *unseen, size_t n)
{
	struct novelty_scores s = {.auroc = NAN, .aupr = NAN, .fpr95 = NAN};
	struct ranked *cells = mem_alloc(n, sizeof(*cells));
	size_t there = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(novelty[i]))
			continue;
		cells[there++] = (struct ranked){novelty[i], unseen[i]};
		s.n_unseen += unseen[i];
		s.n_seen += !unseen[i];
	}
	qsort(cells, there, sizeof(*cells), falling);
	if (s.n_unseen && s.n_seen)
		walk(&s, cells, there);
	free(cells);
	return s;
}
