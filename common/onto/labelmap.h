/* labelmap.h - a map from labels to ontology ids, as cl-map writes it.
 *
 * For tools that bring the labels of several references together, or keep a class's id:
 *
 *	struct labelmap *map = labelmap_read("map.tsv", &err);
 *	const struct labelmap_row *row = labelmap_find(map, "Naive CD4 T");
 *	if (row && *row->id)
 *		puts(row->name);         // the canonical name two references meet at
 *
 * Columns label, id and name are needed; score is read when it is there. With several rows for a
 * label (--top) the first counts.
 */
#ifndef ONTO_LABELMAP_H
#define ONTO_LABELMAP_H

#include "base/err.h"
#include "base/strtab.h"
#include "onto/onto.h"

struct labelmap_row {
	const char *id, *name; /* "" when the label has no id; borrowed */
	double score;          /* NaN without a column */
};

struct labelmap {
	struct strtab labels;
	struct labelmap_row *rows; /* by label number */
	size_t cap;
	struct arena arena;
};

struct labelmap *labelmap_read(const char *path, struct err *err) MUST_USE;
void labelmap_free(struct labelmap *m); /* NULL is fine */

/* NULL when the map has no such label. */
const struct labelmap_row *labelmap_find(const struct labelmap *m, const char *label);

/*
 * The term of each of 'names' by the map in 'path', which needs no names: ONTO_NONE where it has no
 * id. Obsolete terms are followed to what replaced them. Ids that the ontology does not have are
 * all named in one error: NULL. The caller frees.
 */
uint32_t *labelmap_terms(const char *path, const struct onto *o, const struct strtab *names,
			 struct err *err) MUST_USE;

#endif
