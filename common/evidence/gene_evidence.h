/* gene_evidence.h - how strongly each gene speaks in each cluster: a number from -1 to 1.
 *
 * Read from a table of markers, of this program or another's. Evidence is 2 AUC - 1 where the test
 * holds (padj <= .05, the fold change of the same sign), else 0: above 0 for genes that are higher
 * in the cluster, below for those that are lower, such as CD3D in NK cells. For tables without an
 * AUC it is pct - pct_rest, which is the same of "detected or not". Neither grows with the number
 * of cells, as p does, nor explodes at absence, as fold changes do.
 *
 *	struct gene_evidence e;
 *	if (gene_evidence_read(&e, "markers.tsv", &names, &err))
 *		die_err(&err);
 *	double here = e.values[cluster * e.genes.n + gene];
 *	gene_evidence_release(&e);
 *
 * The universe is the genes that the table lists, by approved symbols. Ribosomal and mitochondrial
 * genes and MALAT1 mark the state of a library and are left out of it. Where clusters list
 * different genes ('cut') the universe is not all that was tested.
 */
#ifndef EVIDENCE_GENE_EVIDENCE_H
#define EVIDENCE_GENE_EVIDENCE_H

#include "base/strtab.h"
#include "matrix/gene_names.h"

struct gene_evidence {
	struct strtab clusters, genes; /* in the order of the table */
	float *values;                 /* clusters x genes */
	size_t n_rows, n_left_out;
	bool cut; /* some cluster does not list all genes */
	bool auc; /* else by shares of expressing cells */
};

int gene_evidence_read(struct gene_evidence *e, const char *path, const struct gene_tables *names,
		       struct err *err) MUST_USE;
void gene_evidence_release(struct gene_evidence *e);

static inline double gene_evidence_at(const struct gene_evidence *e, size_t cluster, size_t gene)
{
	return (double)e->values[cluster * e->genes.n + gene];
}

#endif
