/* gather.h - a cohort's cells, read once and packed for training.
 *
 *	struct gathered g;
 *	if (gather_genes(&g, input, &panel, err) || gather_cells(&g, input, &cohort, ...))
 *		die_err(err);
 *	train_run(&trained, &g.design, true, g.label, ...);
 *	gathered_release(&g);
 */
#ifndef TRAIN_GATHER_H
#define TRAIN_GATHER_H

#include "expression/expression.h"
#include "matrix/gene_panel.h"
#include "train/cohort/cohort.h"
#include "train/depths.h"
#include "train/solver/design.h"
#include "train/solver/training_news.h"
#include "train/thinned.h"

struct gathered {
	char **genes; /* names of the design's genes; borrowed from the input */
	size_t n_genes;
	uint32_t *gene_map; /* of the input's genes; NULL: all are used */
	size_t n_listed;    /* genes of the panel, 0 without one */
	bool *listed_seen;  /* which of them the input has; NULL without a panel */
	uint8_t *levels;    /* per cell of the cohort */
	uint8_t *empty; /* the same: a copy that has lost all; NULL when cells are as they are */
	struct design *design;
	int32_t *truth;          /* per slot: its class, -1 for holes */
	int32_t *label;          /* the same, but -1 for held-out cells too */
	uint8_t *held;           /* per slot */
	struct thinned *thinned; /* some of the cells, with fewer counts */
};

/* Which genes: all of the input, or those of a panel (names and order are the input's), or NULL. A
 * panel without a gene of the input is refused. Zeroes 'g' first. */
int gather_genes(struct gathered *g, const struct input *in, const struct gene_panel *panel,
		 struct err *err) MUST_USE;

/* How cells are read. */
struct gather_rules {
	size_t n_rows; /* of the file's obs */
	size_t memory; /* at most so many bytes of packed cells stay in memory */
	uint64_t seed;
	struct depths *depths;           /* the cohort has as many copies as these; n 0: one */
	const struct listener *listener; /* hears how many have been read */
};

/* Which cells: those of the cohort. */
int gather_cells(struct gathered *g, struct input *in, const struct cohort *c,
		 const struct gather_rules *rules, struct pool *pool, struct err *err) MUST_USE;

void gathered_release(struct gathered *g);

#endif
