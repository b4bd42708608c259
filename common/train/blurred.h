/* blurred.h - classes that these genes cannot tell apart, by models that had not seen the cells.
 *
 *	struct blurred b = blurred_count(&(struct blurred_calls){truth, called, n, n_classes});
 *	blurred_words(&b, classes, n_genes, &lines);     // nothing when every class is told
 *	blurred_release(&b);
 *
 * A class is blurred when fewer than half of its held-out cells, of BLURRED_LEAST or more, are
 * called by its name: its labels are finer than what the genes say, on a panel above all, and a
 * coarser column of labels would be right more often. Counts only; no chance in it.
 */
#ifndef TRAIN_BLURRED_H
#define TRAIN_BLURRED_H

#include "base/mem.h"
#include "base/text.h"

#define BLURRED_LEAST 10

struct blurred_calls {
	const uint32_t *truth, *called; /* per cell, class numbers */
	size_t n, n_classes;
};

/* Zeroed: nothing was counted. */
struct blurred {
	size_t n_classes;
	size_t *cells, *right; /* per class */
	uint32_t *taken_for;   /* the other class that most of its cells are called */
};

struct blurred blurred_count(const struct blurred_calls *calls);
void blurred_release(struct blurred *b);

/* A line that names the blurred classes, five at most, and what to do. */
void blurred_words(const struct blurred *b, char *const *classes, size_t n_genes,
		   struct text *lines);

#endif
