/* build.h - a reference out of labelled cells that stream by.
 *
 *	struct build_rules rules = BUILD_RULES;
 *	struct reference *ref = build_space(input, &rules, pool, &err);       // genes, loadings,
 *	if (!ref || build_labels(ref, obs, columns, n, 0, &err) ||            // coordinates
 *	    build_clusters(ref, &batches, &donors, &rules, &report, pool, &err))
 *		die_err(&err);
 *
 * Four passes over the cells; memory is cells x (dimensions + clusters). Nothing depends on the
 * threads; what is drawn follows from the seed.
 */
#ifndef MAP_BUILD_H
#define MAP_BUILD_H

#include "expression/expression.h"
#include "map/harmony/batches.h"
#include "map/harmony/harmony.h"
#include "map/reference.h"

struct build_rules {
	size_t n_genes; /* most variable ones, unless 'genes' are named */
	char *const *genes;
	size_t n_named;
	size_t n_dims;
	size_t n_clusters;                     /* 0: one for every 30 cells, at most 100 */
	const struct harmony_options *harmony; /* NULL: soft k-means, nothing is corrected */
	bool neighbors;                        /* 30 of every cell, for anchors */
	uint64_t seed;
};

/* Choose genes, find components, place all cells. */
struct reference *build_space(struct input *input, const struct build_rules *rules,
			      struct pool *pool, struct err *err) MUST_USE;

/*
 * The columns of labels, labels of fewer than 'min_cells' cells taken as missing. Refuses a
 * column in which nothing is left, or a label with a single cell.
 */
int build_labels(struct reference *ref, struct frame *obs, const char *const *columns,
		 size_t n_columns, size_t min_cells, struct err *err) MUST_USE;

/*
 * Are there labels of fewer than BUILD_FEW cells in a column? Five folds leave such a label nothing
 * of its own to be calibrated by: 'said' is that in words, with the first of them and their cells.
 */
#define BUILD_FEW ((size_t)5)
bool build_few(const struct ref_labels *l, struct text *said);

/*
 * Clusters, correction, spreads, profiles, calibration, neighbours. 'report' tells how Harmony
 * went; release it. 'donors' (NULL: none) are the folds of the calibration.
 */
int build_clusters(struct reference *ref, const struct batches *batches,
		   const struct batches *donors, const struct build_rules *rules,
		   struct harmony_result *report, struct pool *pool, struct err *err) MUST_USE;

/*
 * Keep a tree (a file in Newick's form) of the first column's labels, which it must have all of,
 * and how far from the root's neighbours the atlas's own cells are.
 */
int build_tree(struct reference *ref, const char *path, struct pool *pool,
	       struct err *err) MUST_USE;

/* As build_clusters from memberships (n_cells x K) that are known, of a reference made elsewhere. */
int build_finish(struct reference *ref, const double *members, size_t K, const char *flavour,
		 const struct batches *donors, const struct build_rules *rules, struct pool *pool,
		 struct err *err) MUST_USE;

#endif
