/* enrichment.h - which terms the genes of a list share more often than chance has it.
 *
 * The background is the genes that were tested, all of them: genes without an annotation count. All
 * terms of eligible size are tested and corrected for, those that no gene of the list has too. So
 * the two usual errors of such tests cannot be made.
 *
 *	struct enrichment e;
 *	enrichment_make(&e, &go, &tested_genes, 5, 500);
 *	enrichment_test(&e, in_list, false, results);    // e.n_eligible of them
 *	enrichment_release(&e);
 *
 * Sets of a term hold the genes of all terms below it (go.h). Sizes are counted in the background.
 * p is the upper tail of the hypergeometric distribution; with 'two_sided' Fisher's two-sided p, as
 * goatools has it.
 */
#ifndef EVIDENCE_ENRICHMENT_H
#define EVIDENCE_ENRICHMENT_H

#include "evidence/go.h"

struct enrichment {
	const struct go *go; /* borrowed */
	size_t n_genes;      /* of the background */
	uint32_t *genes;     /* per term, behind one another: background genes */
	size_t *starts;      /* terms + 1 */
	uint32_t *eligible;  /* terms of fit size */
	size_t n_eligible;
	long double *log_factorial;
};

struct enriched {
	uint32_t term;
	size_t k, size; /* genes of the list, and of the background, in the term */
	double p, padj;
};

/* 'background' holds distinct names, resolved as the annotations' are. */
void enrichment_make(struct enrichment *e, struct go *go, const struct strtab *background,
		     size_t smallest, size_t largest);
void enrichment_release(struct enrichment *e);

/* 'in_list' is per gene of the background. Results are in the order of 'eligible'. */
void enrichment_test(const struct enrichment *e, const bool *in_list, bool two_sided,
		     struct enriched *results);

/*
 * Take out terms that say nothing new: a term below has the same genes of the list and a p that is
 * no worse. Returns how many stay, in order; 'results' are those listed, by p.
 */
size_t enrichment_prune(const struct enrichment *e, struct go *go, const bool *in_list,
			struct enriched *results, size_t n);

#endif
