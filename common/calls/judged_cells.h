/* judged_cells.h - the cells of a table of calls whose truth is known, side by side with it.
 *
 *	struct judged_words asked = {.label = "label", .truth = "cell_type"};
 *	struct judged_cells c = {0};
 *	if (judged_cells_read(&c, "calls.tsv", &asked, pool, &err))
 *		die_err(&err);
 *	e = evaluation_new(c.truth, c.predicted, c.confidence, c.n, &c.names, unknown);
 *	judged_cells_release(&c);
 *
 * A cell without a true label, or whose true label is a word that names no type, can be neither
 * right nor wrong: it is left out and counted. Arrays are per cell that is left, labels are numbers
 * of 'names'. Memory: 55 bytes a cell.
 */
#ifndef CALLS_JUDGED_CELLS_H
#define CALLS_JUDGED_CELLS_H

#include "calls/calls_table.h"

/* What is asked for: columns of the table; truth and by may be files too, a table by cell. */
struct judged_words {
	const char *label, *truth;
	const char *confidence;         /* NULL: probability, else confidence, if there is one */
	const char *novelty;            /* NULL: novelty, if there is one */
	const char *by;                 /* or NULL */
	const char *const *keep_labels; /* true labels, though they seem to name no type */
	size_t n_keep_labels;
};

struct judged_cells {
	struct calls_table *calls;
	struct strtab names;
	size_t n, n_without; /* cells with a true label, and without */
	uint32_t *place;     /* per cell of the table: its number here, or UINT32_MAX */
	uint32_t *truth, *predicted;
	double *confidence, *novelty; /* NULL when the table has none */
	bool *called;                 /* per name: some cell is called so, or nearly */
	uint32_t *gated[2]; /* the label before the gate and after; NULL when there was none */
	uint32_t *group;    /* of 'by', as numbers of 'group_names'; or NULL */
	struct strtab group_names;
};

/* 'j' is zeroed. Release in any case. */
int judged_cells_read(struct judged_cells *j, const char *path, const struct judged_words *asked,
		      struct pool *pool, struct err *err) MUST_USE;
void judged_cells_release(struct judged_cells *j);

/* Is a word that may name a column a file? "-", standard input, is. */
bool judged_is_file(const char *word);

#endif
