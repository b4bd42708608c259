/* ensemble.h - several models' calls of the same cells, side by side.
 *
 *	struct ensemble *p = ensemble_gather(paths, n, weights, pool, &err);
 *	if (ensemble_compare(p, COMPARE_AUTO, &n_without, pool, &err))
 *		die_err(&err);
 *	for (size_t cell = 0; cell < ensemble_n_cells(p); cell++)
 *		v = ensemble_decide(p, ENSEMBLE_MAX, cell);
 *	ensemble_free(p);
 *
 * Cells are in the order of the first table; the others may list them in any order, but must list
 * the same ones.
 *
 * Confidences are of two kinds that are no one scale. One-versus-rest models say how much more a
 * cell looks like its class than like the rest, each class by itself: near 1 for most cells,
 * rightly or not. Joint models share 1 out between their classes. What can be compared is how
 * likely a call is right: the column probability where a model is calibrated, else probability_raw,
 * which is made of the decisions (trust/calibration.h).
 */
#ifndef CALLS_ENSEMBLE_H
#define CALLS_ENSEMBLE_H

#include "calls/calls_table.h"

enum ensemble_rule {
	ENSEMBLE_MAX,  /* the call with the highest confidence, the first model's on ties */
	ENSEMBLE_MEAN, /* the label with the highest confidence summed over models */
	ENSEMBLE_VOTE, /* the label most models give; then as ENSEMBLE_MEAN */
};

enum ensemble_compared {
	COMPARE_AUTO,        /* confidence while all models are one-versus-rest and none is
			      * calibrated, as CellTypist's are compared; else probability */
	COMPARE_CONFIDENCE,  /* whatever the models are */
	COMPARE_PROBABILITY, /* a table that has none is an error */
};

struct ensemble {
	size_t n_models;
	struct calls_table **calls;
	uint32_t **rows;      /* per model: its row of each cell; NULL for the first */
	uint32_t **labels;    /* per model: its label numbers as numbers of 'label_names' */
	double *weights;      /* per model */
	double **sure;        /* per model and row: what is compared */
	const char **sure_by; /* per model: the column that is; a constant */
	bool is_mixed;        /* models of several kinds: their confidences are no one scale */
	struct strtab label_names;
};

struct ensemble_call {
	uint32_t label;
	double confidence;   /* of ENSEMBLE_MAX the call's own, unless models are mixed; else what
			      * is compared (with the other rules a mean) */
	size_t model, row;   /* whose call it is: the most confident that gives the label */
	size_t agree;        /* models that give the label */
	double disagreement; /* 0: all say the same, 1: no two do */
};

/* 'weights' is a TSV with the columns model (as in the tables, or a path) and weight, or NULL. */
struct ensemble *ensemble_gather(const char *const *paths, size_t n, const char *weights,
				 struct pool *pool, struct err *err) MUST_USE;
void ensemble_free(struct ensemble *p);

/* "MODEL=WEIGHT", the model's name or its table's path. 1: no table is of that model. */
int ensemble_weigh(struct ensemble *p, const char *weight, struct err *err) MUST_USE;

/*
 * What calls are compared by; before that it is confidence. In COMPARE_AUTO a table without any
 * probability stays with its confidence, and *n_without counts such.
 */
int ensemble_compare(struct ensemble *p, enum ensemble_compared by, size_t *n_without,
		     struct pool *pool, struct err *err) MUST_USE;

size_t ensemble_n_cells(const struct ensemble *p);

/* A model's row of a cell; what is compared there by its weight, 0 when it gives none. */
size_t ensemble_row(const struct ensemble *p, size_t model, size_t cell);
double ensemble_confidence(const struct ensemble *p, size_t model, size_t cell);

struct ensemble_call ensemble_decide(const struct ensemble *p, enum ensemble_rule rule,
				     size_t cell);

/*
 * A value on the scale of the call's own confidence (a need of it, that of its second label) on the
 * scale of v->confidence: as it is, unless models are mixed; then it keeps its ratio to it, so that
 * what was below a need stays below.
 */
double ensemble_rescaled(const struct ensemble *p, const struct ensemble_call *v, double value);

#endif
