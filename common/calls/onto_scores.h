/* onto_scores.h - scores that know the ontology: a near miss is not a miss.
 *
 *	lenient    a predicted term that is the true one or a descendant of it counts as right
 *	hierarchical precision, recall and F (Kiritchenko): over all cells, how much of the
 *	           ancestors of the predicted term are ancestors of the true one, and the reverse
 */
#ifndef CALLS_ONTO_SCORES_H
#define CALLS_ONTO_SCORES_H

#include "onto/onto.h"

struct lenient {
	const struct onto *onto;
	size_t n_cells, n_right;
	double shared, predicted, truth; /* sums of the sizes of ancestor sets */
};

/* 'n' cells truly of 'truth' that were called 'predicted'; either may be ONTO_NONE. */
void lenient_add(struct lenient *l, uint32_t truth, uint32_t predicted, size_t n);

double lenient_accuracy(const struct lenient *l);
double lenient_precision(const struct lenient *l);
double lenient_recall(const struct lenient *l);
double lenient_f(const struct lenient *l);

#endif
