/* markers.h - which genes mark a group of cells: scanpy's tests, from one pass over the cells.
 *
 * Takes sums that were added up elsewhere (group_moments.h, rank_sums.h) and makes the numbers of
 * scanpy's rank_genes_groups of them: score, p, log2 fold change, shares of expressing cells; and
 * the AUC, which compares clusters of any size.
 *
 *	struct marker_rules rules = {.method = MARKERS_WILCOXON, .reference = MARKERS_REST};
 *	struct markers m;
 *	markers_compute(&m, &rules, &moments, ranks, pool);
 *	markers_adjust(&m, group, padj);
 *	markers_order(&m, group, order);                // by falling score, then by gene
 *	printf("%s %g\n", genes[order[0]], markers_at(&m, group, order[0])->score);
 *	markers_release(&m);
 *
 * A gene that is constant has score 0 and p 1, as scanpy has it. Fold changes are of expm1 of the
 * means of log values (scanpy's), or with 'linear_fc' of the means of expm1. The tests take cells
 * for independent, which cells of a donor are not: p ranks genes, and is no error rate.
 */
#ifndef EVIDENCE_MARKERS_H
#define EVIDENCE_MARKERS_H

#include "expression/group_moments.h"
#include "expression/rank_sums.h"

enum marker_method { MARKERS_T, MARKERS_T_OVERESTIMATED, MARKERS_WILCOXON };

#define MARKERS_REST SIZE_MAX

struct marker_rules {
	enum marker_method method;
	size_t reference; /* a group's number, or MARKERS_REST */
	bool tie_correct, bonferroni, rank_absolute, linear_fc;
	double log_base;      /* of the values: e or what uns/log1p says */
	const bool *left_out; /* per gene: not tested; NULL for none */
	size_t n_groups, n_genes;
};

struct marker {
	double score, p;
	double pct_rest, mean_rest;
	float log2fc, auc; /* auc NaN without ranks */
};

struct markers {
	struct marker_rules rules;
	const struct group_moments *moments; /* borrowed */
	struct marker *of;                   /* groups x genes */
};

/*
 * 'ranks' may be NULL unless the method is Wilcoxon's. Both must be of the same cells and groups.
 * Borrows 'moments' until markers_release.
 */
void markers_compute(struct markers *m, const struct marker_rules *rules,
		     const struct group_moments *moments, const struct rank_sums *ranks,
		     struct pool *pool);
void markers_release(struct markers *m);

static inline const struct marker *markers_at(const struct markers *m, size_t group, size_t gene)
{
	return &m->of[group * m->rules.n_genes + gene];
}

/* p of one group's tests, corrected over the genes tested; NaN for those left out. */
void markers_adjust(const struct markers *m, size_t group, double *padj);

/* The genes tested in the order they are listed; returns how many. 'order' has n_genes. */
size_t markers_order(const struct markers *m, size_t group, uint32_t *order);

#endif
