/* onto_scores.c - see onto_scores.h. */
#include "base/util.h"

#include "calls/onto_scores.h"

static size_t n_shared(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t i = 0, j = 0, shared = 0;

	while (i < n && j < m) {
		shared += a[i] == b[j];
		if (a[i] < b[j])
			i++;
		else if (a[i] > b[j])
			j++;
		else
			i++, j++;
	}
	return shared;
}

void lenient_add(struct lenient *l, uint32_t truth, uint32_t predicted, size_t n)
{
	uint32_t *above_truth = NULL, *above_predicted = NULL;
	size_t n_truth = 0, n_predicted = 0;

	l->n_cells += n;
	if (truth != ONTO_NONE)
		n_truth = onto_ancestors(l->onto, truth, &above_truth);
	if (predicted != ONTO_NONE)
		n_predicted = onto_ancestors(l->onto, predicted, &above_predicted);
	if (truth != ONTO_NONE && predicted != ONTO_NONE) {
		l->n_right += onto_is_a(l->onto, predicted, truth) ? n : 0;
		l->shared += (double)n *
			     (double)n_shared(above_truth, n_truth, above_predicted, n_predicted);
	}
	l->truth += (double)n * (double)n_truth;
	l->predicted += (double)n * (double)n_predicted;
	free(above_truth);
	free(above_predicted);
}

static double ratio(double part, double all)
{
	return all > 0 ? part / all : 0;
}

double lenient_accuracy(const struct lenient *l)
{
	return ratio((double)l->n_right, (double)l->n_cells);
}

double lenient_precision(const struct lenient *l)
{
	return ratio(l->shared, l->predicted);
}

double lenient_recall(const struct lenient *l)
{
	return ratio(l->shared, l->truth);
}

double lenient_f(const struct lenient *l)
{
	return ratio(2 * l->shared, l->predicted + l->truth);
}
