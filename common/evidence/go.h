/* go.h - the Gene Ontology as a graph, and which genes are annotated to its terms.
 *
 * Terms come from the table that ships (refs/go) or from go-basic.obo; annotations from the table,
 * a GAF 2.2 file, or gene2go. Propagation follows the relations chosen: a gene of a term is one of
 * all terms above it.
 *
 *	struct go go = {0};
 *	if (go_read_terms(&go, "go-basic.obo.gz", GO_IS_A | GO_PART_OF, &err) ||
 *	    go_read_annotations(&go, "goa_human.gaf.gz", &rules, &names, &err))
 *		die_err(&err);
 *	n = go_above(&go, term, false, found);       // the term and all above it
 *	go_release(&go);
 *
 * A circle among the relations chosen is an error that names a term; so is has_part, which points
 * down: go.obo has it, go-basic.obo does not. Rows with NOT and with the evidence ND (no data) are
 * left out and counted. Terms are known by alternative ids too; rows of unknown terms are counted.
 */
#ifndef EVIDENCE_GO_H
#define EVIDENCE_GO_H

#include "base/strtab.h"
#include "base/text.h"
#include "matrix/gene_names.h"

enum go_relation {
	GO_IS_A = 1,
	GO_PART_OF = 2,
	GO_REGULATES = 4,
	GO_POSITIVELY = 8,
	GO_NEGATIVELY = 16
};

struct go_term {
	const char *id, *name, *slims; /* slims joined by bars */
	char aspect;                   /* P, F or C; '?' */
	uint32_t *parents;             /* by the relations chosen, is_a first */
	size_t n_parents, n_is_a;
	uint32_t depth; /* the longest way up by is_a */
};

struct go {
	struct go_term *terms;
	size_t n_terms, cap_terms;
	struct strtab ids; /* alternative ones too */
	uint32_t *of_id;
	size_t cap_ids;
	struct strtab genes;
	struct go_pair {
		uint32_t gene, term;
	} * pairs; /* direct, distinct after go_finish, by gene and term */
	size_t n_pairs, cap_pairs;
	size_t n_rows, n_negated, n_no_data, n_unknown, n_filtered;
	uint32_t *seen, stamp; /* of go_above */
	struct arena arena;
};

/* "is_a,part_of" and so on to bits. */
int go_relations(const char *words, unsigned *relations, struct err *err) MUST_USE;

int go_read_terms(struct go *go, const char *path, unsigned relations, struct err *err) MUST_USE;

struct annotation_rules {
	const char *taxon;             /* of gene2go and GAF rows: "9606" */
	const char *include, *exclude; /* evidence codes "IDA,IMP", or NULL */
};

/* Symbols are resolved by 'names'; those of gene2go are NCBI's numbers and stay. */
int go_read_annotations(struct go *go, const char *path, const struct annotation_rules *rules,
			const struct gene_tables *names, struct err *err) MUST_USE;

/* A term on its own, as a set of a GMT file is. */
uint32_t go_add_set(struct go *go, const char *name);
void go_add_pair(struct go *go, uint32_t term, const char *gene);

/* After the last annotation: sort, and count pairs that came twice once. */
void go_finish(struct go *go);
void go_release(struct go *go);

/* The term's number, by any of its ids; STRTAB_NONE. */
uint32_t go_find(const struct go *go, const char *id);

/*
 * The term and all above it, each once; 'found' has room for n_terms. With 'is_a_only' by is_a
 * alone. Not for several threads at once.
 */
size_t go_above(struct go *go, uint32_t term, bool is_a_only, uint32_t *found);

/*
 * The terms of a slim that stand for a term: all at or above it by is_a, or with 'direct' only
 * those not above another. Joined by bars into 'out'. 'in_slim' is a flag per term.
 */
void go_slim_of(struct go *go, uint32_t term, const bool *in_slim, bool direct, struct text *out);
bool *go_slim(const struct go *go, const char *name, struct err *err) MUST_USE;

#endif
