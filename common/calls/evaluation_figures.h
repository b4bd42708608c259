/* evaluation_figures.h - all that was measured of a file of calls, as names and numbers.
 *
 * One list for the table, the JSON and the manifest, so that none of them lacks a figure or calls
 * it another name. Parts that were not measured have no figures; figures that are not defined are
 * NaN.
 *
 *	struct figure figures[N_FIGURES];
 *	size_t n = evaluation_figures(&(struct judgement){.scores = e}, figures);
 *	for (size_t i = 0; i < n; i++)
 *		json_double(&out, figures[i].name, figures[i].value);
 */
#ifndef CALLS_EVALUATION_FIGURES_H
#define CALLS_EVALUATION_FIGURES_H

#include "calls/class_scores.h"
#include "calls/evaluation.h"
#include "calls/novelty_scores.h"
#include "calls/onto_scores.h"

#define N_FIGURES 34 /* at most */

struct figure {
	const char *name; /* a constant */
	double value;
};

struct judgement {
	const struct evaluation *scores;
	size_t n_without;                     /* cells without a true label: not in the scores */
	const struct evaluation *gates[2];    /* before a gate and after it; NULL without one */
	const struct novelty_scores *novelty; /* NULL without them */
	const struct class_scores *classes;   /* of all classes' numbers; NULL without them */
	const struct evaluation *common;      /* in the true labels' words; NULL without ids */
	const struct lenient *lenient;        /* by the ontology; NULL without one */
};

/* In the order they are told in, those in the true labels' words before those of text; how many. */
size_t evaluation_figures(const struct judgement *j, struct figure out[N_FIGURES]);

#endif
