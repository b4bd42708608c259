/* harmonise.h - the labels of several references under one name each.
 *
 * A label whose id is sure enough becomes the ontology's name of it, so that "T cells" of one
 * reference and "T lymphocyte" of another meet; any other label stays what it is.
 *
 *	struct harmonise h = {.map = map, .onto = cl, .min_score = 0.7, .names = inputs,
 *			      .n_cells = sizes, .n_inputs = 2, .tell = say_line};
 *	struct column ids, one = harmonise_labels(&h, labels, &ids);
 *
 * What a person should look at is told, a line each: labels that met, labels of one reference
 * that became one, labels that stayed, and classes that another reference splits finer, since a
 * model that learns a class beside its own parts confuses them.
 */
#ifndef ONTO_HARMONISE_H
#define ONTO_HARMONISE_H

#include "h5ad/frame/frame.h"
#include "onto/labelmap.h"

struct harmonise {
	const struct labelmap *map;
	const struct onto *onto;
	double min_score;         /* ids with less are not used; ids without a score always are */
	const char *const *names; /* of the references */
	const size_t *n_cells;    /* rows of each, one reference after the other */
	size_t n_inputs;
	void (*tell)(const char *line);
};

/*
 * 'labels' is a category column with the rows of all references. *ids becomes another, without a
 * name, with the ids of the rows that took a term's name. The caller owns both.
 */
struct column harmonise_labels(const struct harmonise *h, const struct column *labels,
			       struct column *ids);

#endif
