/* label_space.h - the types that a set of tested genes can tell apart, and how it does.
 *
 * A type is in the space when at least three genes that mark it were tested. Terms above several of
 * them are there as well, with the lists below united: a label of any granularity can be checked.
 * A gene counts by how few types list it (IDF); a type counts once with all that is below it.
 *
 *	struct label_space s;
 *	label_space_make(&s, &table, onto, lineages, &evidence.genes);
 *	z = label_space_z(&s, type, values);            // evidence of one cluster, s.n_genes
 *	label_space_release(&s);
 *
 * z is how far the weighted sum of evidence over a type's genes lies above what the same numbers,
 * shuffled over the genes, would give, in standard deviations of the shuffled sum. A gene that
 * marks the type and is lower here counts against it; one that speaks against the type counts only
 * when it is higher. Both moments are exact and in closed form, so nothing is drawn.
 */
#ifndef EVIDENCE_LABEL_SPACE_H
#define EVIDENCE_LABEL_SPACE_H

#include "evidence/marker_table.h"

#define SPACE_FEWEST_GENES 3

struct space_gene {
	uint32_t gene;
	float weight; /* below 0 for what speaks against the type */
};

struct space_type {
	const char *name, *id;
	uint32_t term;
	bool derived; /* only of what is below it: no list of its own */
	struct space_gene *genes;
	size_t n_genes, n_positive;
	/* Of the weights, of genes for the type and against it. */
	double sum_for, squares_for, sum_against, squares_against;
};

struct label_space {
	struct space_type *types; /* those with lists first, by name */
	size_t n_types, n_listed, n_genes;
	double *idf;        /* per gene, 0 to 1; NaN for genes no type lists */
	uint32_t *types_of; /* the listed types of gene g: types_of[starts[g] .. starts[g + 1]) */
	size_t *starts;
	const struct onto *onto; /* borrowed */
	const bool *lineages;    /* per term; borrowed */
};

/* Everything given is borrowed until label_space_release. */
void label_space_make(struct label_space *s, const struct marker_table *t, const struct onto *onto,
		      const bool *lineages, const struct strtab *genes);
void label_space_release(struct label_space *s);

/* The evidence of one cluster, ready for all types. */
struct cluster_evidence {
	const float *values;
	/* Over all genes, of the population: of the evidence, and of what is above 0 of it. */
	double mean, variance, mean_up, variance_up, covariance;
	size_t n_positive;
};
struct cluster_evidence cluster_evidence_of(const float *values, size_t n_genes);

double label_space_z(const struct label_space *s, size_t type, const struct cluster_evidence *e);

/* Genes with evidence among those that mark the type. */
size_t label_space_support(const struct label_space *s, size_t type,
			   const struct cluster_evidence *e);

/* The type of a term, or SIZE_MAX; or of a name, for those without a term. */
size_t label_space_find(const struct label_space *s, uint32_t term, const char *name);

/* Is one of two types above the other, or the same? Types without a term are alone. */
bool label_space_kin(const struct label_space *s, size_t a, size_t b);

/* Does some lineage hold both? Their deepest common term then, if it is in one; else ONTO_NONE. */
uint32_t label_space_common(const struct label_space *s, uint32_t a, uint32_t b);

#endif
