/* sample.h - which cells to keep: strata, quotas and a draw that anyone can repeat.
 *
 * A draw ranks the cells of a stratum by a hash of (seed, cell name) and takes the first ones.
 * So the choice depends on the seed and the names alone: not on the order of cells, and a cell
 * that is appended moves at most one other out of its stratum.
 *
 *	struct sample_plan plan = {.mode = SAMPLE_EQUAL, .n = 10000, .seed = 42};
 *	struct sample drawn = sample_draw(&plan, names, n_cells, classes, n_classes, NULL, 0);
 *	for (size_t i = 0; i < drawn.n; i++)
 *		use(drawn.cells[i]);
 *	sample_release(&drawn);
 */
#ifndef MATRIX_SAMPLE_H
#define MATRIX_SAMPLE_H

#include "base/mem.h"

enum sample_mode {
	SAMPLE_PROPORTIONAL, /* ceil(n * share) of every class, then trimmed to n at random */
	SAMPLE_EQUAL,        /* n / classes of every class, then filled to n at random */
	SAMPLE_CAP,          /* at most 'cap' of every class; n lowers the cap, not under 'floor' */
};

struct sample_plan {
	enum sample_mode mode;
	size_t n;         /* cells wanted; 0 for "all that the cap allows" */
	size_t cap;       /* at most so many of a class; 0 for no limit */
	size_t floor;     /* keep so many of a class at least, as far as it has them */
	size_t min_cells; /* classes with fewer cells are left out */
	uint64_t seed;
};

struct sample {
	size_t *cells; /* rising strictly */
	size_t n;
	size_t *available, *chosen; /* per class */
};

/*
 * Draw. 'classes' gives each cell's class from 0, or -1 to leave the cell out. 'groups' (a donor,
 * say) may be NULL; else a class's quota is shared out evenly over its groups, so that no group
 * fills it alone; cells of group -1 are a group of their own.
 */
struct sample sample_draw(const struct sample_plan *plan, char *const *names, size_t n_cells,
			  const int32_t *classes, size_t n_classes, const int32_t *groups,
			  size_t n_groups);
void sample_release(struct sample *s);

#endif
