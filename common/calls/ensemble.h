/* ensemble.h - several models' calls of the same cells, side by side.
 *
 *	struct panel *p = panel_gather(paths, n, weights, pool, &err);
 *	for (size_t cell = 0; cell < panel_n_cells(p); cell++)
 *		v = panel_decide(p, PANEL_MAX, cell);
 *	panel_free(p);
 *
 * Cells are in the order of the first table; the others may list them in any order, but must list
 * the same ones.
 */
#ifndef CALLS_ENSEMBLE_H
#define CALLS_ENSEMBLE_H

#include "calls/calls_table.h"

enum panel_rule {
	PANEL_MAX,  /* the call with the highest confidence, the first model's on ties */
	PANEL_MEAN, /* the label with the highest confidence summed over models */
	PANEL_VOTE, /* the label most models give; then as PANEL_MEAN */
};

struct panel {
	size_t n_models;
	struct calls_table **calls;
	uint32_t **rows;   /* per model: its row of each cell; NULL for the first */
	uint32_t **labels; /* per model: its label numbers as numbers of 'label_names' */
	double *weights;   /* per model */
	struct strtab label_names;
};

struct panel_call {
	uint32_t label;
	double confidence;
	size_t model, row;   /* whose call it is: the most confident that gives the label */
	size_t agree;        /* models that give the label */
	double disagreement; /* 0: all say the same, 1: no two do */
};

/* 'weights' is a TSV with the columns model (as in the tables, or a path) and weight, or NULL. */
struct panel *panel_gather(const char *const *paths, size_t n, const char *weights,
			   struct pool *pool, struct err *err) MUST_USE;
void panel_free(struct panel *p);

size_t panel_n_cells(const struct panel *p);

/* A model's row of a cell; its confidence there by its weight, 0 when it gives none. */
size_t panel_row(const struct panel *p, size_t model, size_t cell);
double panel_confidence(const struct panel *p, size_t model, size_t cell);

struct panel_call panel_decide(const struct panel *p, enum panel_rule rule, size_t cell);

#endif
