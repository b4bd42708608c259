/* embed.h - cells of a neighbour graph laid out in the plane, as UMAP lays them out.
 *
 * In each of so many rounds every cell is drawn towards neighbours, each as often as the edge
 * between them is strong, and pushed away from cells drawn at random, by less and less. A round
 * reads where all cells were after the last one and writes where each goes: what a cell does
 * depends on nothing that another does in the same round, so any number of threads gives the same
 * bytes. (UMAP's own moves cells one after the other, and several at once race.)
 *
 *	struct embed_rules rules = EMBED_RULES;
 *	float *at = start_from_graph(&graph, rules.seed, pool);       // layout/start.h
 *	embed(at, &graph, &forces, &rules, pool, &progress);
 *
 * Coordinates stay finite: a step is at most 4 in each direction.
 */
#ifndef LAYOUT_EMBED_H
#define LAYOUT_EMBED_H

#include "base/pool.h"
#include "base/progress.h"
#include "layout/forces.h"
#include "matrix/cells.h"

struct embed_rules {
	size_t n_rounds;  /* 0: 500 up to 10,000 cells, else 200, as UMAP */
	size_t negatives; /* cells pushed from for each draw */
	uint64_t seed;
};

/* What UMAP and scanpy take. */
#define EMBED_RULES                                      \
	{                                                \
		.n_rounds = 0, .negatives = 5, .seed = 0 \
	}

size_t embed_rounds(const struct embed_rules *rules, size_t n_cells);

/*
 * Move 'at', n_cells x 2, from where they start. 'graph' is symmetric, its weights are above 0
 * (graph_check); edges too weak to be drawn once in all rounds count for nothing. 'progress' may be
 * NULL.
 */
void embed(float *at, const struct cells *graph, const struct forces *forces,
	   const struct embed_rules *rules, struct pool *pool, struct progress *progress);

#endif
