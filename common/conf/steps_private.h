/* steps_private.h - how the rows of steps.tsv become steps.
 *
 * A scope is a config, and what of it a step is of. Words of the table are filled in within it:
 *
 *	struct scope x = {.c = config, .steps = steps, .row = row, .err = err};
 *	x.bound[NOUN_QUERY] = 1;               // the first query; 0 is none
 *	scope_fill(&x, "queries/{query}.genes.h5ad", &words);
 *
 * While words are filled in, a file from elsewhere has STEP_SOURCE before it.
 */
#ifndef CONF_STEPS_PRIVATE_H
#define CONF_STEPS_PRIVATE_H

#include "conf/steps.h"

#define STEP_SOURCE '\3'

struct scope {
	const struct config *c;
	struct steps *steps; /* whose arena holds what is made */
	const struct step_row *row;
	size_t n_shards;
	bool far_clusters;
	size_t bound[N_NOUNS]; /* the number of the one it is of, from 1; 0: of none */
	const struct step_words
		*inputs; /* per word of the inputs, for {1}; NULL before they are known */
	size_t n_inputs;
	const struct step_words *outputs, *options;
	struct err *err;
};

/* steps_rows.c: the table. */
int steps_read_rows(struct steps *s, struct err *err) MUST_USE;

/* "steps.tsv:12: ..." Returns -1. */
PRINTF_LIKE(2, 3) int scope_error(const struct scope *x, const char *format, ...);

/* How many references, queries, models or shards there are, and the name of one, from 1. */
size_t noun_count(const struct scope *x, enum noun noun);
const char *noun_name(const struct scope *x, enum noun noun, size_t i);

/* Do all of the conditions hold? 1, 0 or -1. */
int scope_holds(struct scope *x, const char *when);

/* A word of the table as what it stands for: no word, one, or several. */
int scope_fill(struct scope *x, const char *word, struct step_words *out) MUST_USE;

/* Do what 'each' does for every word of a cell of the table; "-" is none. */
int words_of_cell(struct scope *x, const char *cell, int each(struct scope *, const char *, void *),
		  void *arg) MUST_USE;

void step_words_add(struct step_words *w, const char *s);
const char *scope_keep(struct scope *x, const char *s);

#endif
