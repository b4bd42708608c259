/* gene_lists.h - lists of genes to explain, and the genes they were chosen from.
 *
 * From a table of markers the genes of a cluster that hold (padj, higher in it) are its list, the
 * first so many; all genes tested are the background. From a table of two columns, list and gene,
 * the lists are given and the background must be, too.
 *
 *	struct gene_lists l;
 *	struct list_rules rules = {.most = 100, .largest_padj = .05};
 *	if (gene_lists_read(&l, "markers.tsv", &rules, &names, &err))
 *		die_err(&err);
 *	use(l.in_list + list * l.genes.n);          // a flag per gene of the background
 *	gene_lists_release(&l);
 *
 * Symbols are resolved as those of annotations are. A markers' table whose clusters list different
 * genes was cut: it is no background, and is refused. Genes of a list that are not in a background
 * given are counted and left out.
 */
#ifndef EVIDENCE_GENE_LISTS_H
#define EVIDENCE_GENE_LISTS_H

#include "base/strtab.h"
#include "matrix/gene_names.h"

struct list_rules {
	size_t most; /* genes a list; 0: all */
	double largest_padj;
	const char *background; /* a file of genes, or NULL: those of the table */
};

struct gene_lists {
	struct strtab lists, genes; /* 'genes' is the background */
	bool *in_list;              /* lists x genes */
	size_t *sizes;
	size_t n_outside; /* genes of lists that are not in the background */
};

int gene_lists_read(struct gene_lists *l, const char *path, const struct list_rules *rules,
		    const struct gene_tables *names, struct err *err) MUST_USE;
void gene_lists_release(struct gene_lists *l);

#endif
