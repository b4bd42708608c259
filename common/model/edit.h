/* edit.h - models made from models: fewer classes, other genes' names; markers and differences.
 *
 *	struct model *few = model_subset(m, keep, &err);                // keep[class]
 *	struct model *mouse = model_convert(m, table, -1, CONVERT_ONE_TO_ONE, &err);
 *	size_t *best = model_markers(m, 0, false);                      // of the first class
 */
#ifndef MODEL_EDIT_H
#define MODEL_EDIT_H

#include "matrix/orthologs.h"
#include "model/model.h"

/* Set chosen[class] to 'value' for the classes named; one that the model has not is an error. */
int model_choose(const struct model *m, const char *const *names, size_t n, bool value,
		 bool *chosen, struct err *err) MUST_USE;

/*
 * The classes with keep[class] set, two or more, in their order. As CellTypist's subset the kept
 * classes' rows are unchanged: a subset of two has two rows. NULL when fewer than two are kept.
 */
struct model *model_subset(const struct model *m, const bool *keep, struct err *err) MUST_USE;

/* What to do when a gene of the model has several orthologs, or several genes share one. */
enum convert_how {
	CONVERT_ONE_TO_ONE, /* leave all of them out */
	CONVERT_AVERAGE,    /* a new gene is the average of those that map to it */
	CONVERT_FIRST,      /* a new gene is the first in the table that maps to it */
};

/*
 * The model with the names of the table's other side, as CellTypist's convert: one to one keeps the
 * order of the table, the others sort the new names. 'from' is the table's side (0 or 1) that has
 * the model's names, or -1 for the one with more of them. NULL when no gene is left.
 */
struct model *model_convert(const struct model *m, const struct orthologs *table, int from,
			    enum convert_how how, struct err *err) MUST_USE;

/*
 * The genes of a class by falling coefficient (by its size when 'by_size'), of equals the first.
 * The caller frees.
 */
size_t *model_markers(const struct model *m, size_t class, bool by_size);

#endif
