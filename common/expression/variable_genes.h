/* variable_genes.h - which genes tell cells apart.
 *
 * scanpy's path as CellTypist runs it: genes in fewer than five cells are left out; of the others
 * the most variable are taken, by dispersions of the unlogged values, normalised within 20 bins of
 * mean (Seurat's flavour).
 *
 *	struct gene_moments m;
 *	gene_moments_read(&m, cells, pool, &err);       // one pass over log1p values
 *	n = variable_genes(&m, 2500, chosen);
 *	gene_moments_release(&m);
 */
#ifndef EXPRESSION_VARIABLE_GENES_H
#define EXPRESSION_VARIABLE_GENES_H

#include "expression/gene_moments.h"

/*
 * Mark the genes chosen: 'n_top' of them, more when several tie for the last place, fewer when
 * there are fewer. Returns how many.
 */
size_t variable_genes(const struct gene_moments *m, size_t n_top, bool *chosen);

#endif
