/* tally.h - how good calls are: accuracy, and precision, recall and F1 of every class.
 *
 * In memory and by numbers, for training; evaluation.h judges tables of calls, by names. What a
 * class's figures are is said here once, for both.
 *
 *	struct tally s = tally_new(n_classes);
 *	tally_add(&s, truth, call);
 *	tally_finish(&s);
 *	printf("%g", s.macro_f1);
 *
 * A class without true cells does not count in the means. Precision of a class never called is 0.
 */
#ifndef CALLS_TALLY_H
#define CALLS_TALLY_H

#include "base/json.h"
#include "base/mem.h"

/* Of one class; 0 where there is nothing to divide by. */
struct class_figures {
	double precision, recall, f1;
};

/* From the cells called right, called so at all, and truly so. */
struct class_figures class_figures(size_t right, size_t called, size_t truth);

/* part / whole, or 0 of nothing. */
double share_of(size_t part, size_t whole);

struct tally {
	size_t n_classes, n_cells;
	size_t *truth, *called, *right; /* per class: cells */
	struct class_figures *figures;  /* per class, after tally_finish */
	double accuracy, macro_f1, balanced_accuracy;
};

struct tally tally_new(size_t n_classes);
void tally_add(struct tally *s, size_t truth, size_t call);
void tally_finish(struct tally *s);
void tally_release(struct tally *s);

/* As an object under 'key' of a JSON text. */
void tally_json(const struct tally *s, char *const *classes, const char *key, struct json *j);

#endif
