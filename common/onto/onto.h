/* onto.h - an ontology's terms as a table and a graph.
 *
 * Holds facts only: ids, labels, synonyms by scope, is_a parents, cross references, subsets,
 * obsolete terms and what replaces them. onto_read.h reads it from OBO or from the embedded table
 * (ontology/cl.tsv), which onto_write makes from an OBO file.
 *
 *	struct onto *cl = onto_read("ontology/cl.tsv", NULL, &err);
 *	uint32_t t = onto_find(cl, "CL:0000084");
 *	puts(cl->terms[t].label);                       // "T cell"
 *
 * Terms are numbered in id order, so numbers compare as ids do and nothing depends on the order
 * of the file. is_a has no cycles: reading refuses them and names the terms. Parents that are
 * not in the table (imported terms) are kept by id only.
 */
#ifndef ONTO_ONTO_H
#define ONTO_ONTO_H

#include "base/mem.h"
#include "base/strtab.h"
#include "onto/obo.h"

#define ONTO_NONE UINT32_MAX

/* Strings of one kind: borrowed from the ontology's arena. */
struct onto_strings {
	char **items;
	size_t n;
};

struct onto_term {
	const char *id, *label;
	struct onto_strings synonyms[OBO_SCOPES]; /* by enum obo_scope */
	struct onto_strings parent_ids, xrefs, subsets, replaced_by, consider;
	uint32_t *parents; /* term numbers, rising; those in the table only */
	size_t n_parents;
	uint32_t depth; /* edges of the longest way up to a root; 0 for roots */
	bool obsolete;
};

struct onto {
	struct onto_term *terms;
	size_t n_terms;
	char *version; /* from the source; "" when unknown */
	struct strtab ids;
	uint32_t *of_id; /* strtab id to term number */
	struct arena arena;
};

void onto_free(struct onto *o); /* NULL is fine */

/* Write the table, in id order. Returns -1 with 'err' when the stream fails. */
int onto_write(const struct onto *o, FILE *out, const char *path, struct err *err) MUST_USE;

/* The number of an id, or ONTO_NONE. */
uint32_t onto_find(const struct onto *o, const char *id);

/*
 * What to answer for a term: itself, or for an obsolete one what replaced it (followed to the
 * end). ONTO_NONE when it is obsolete without a replacement in this table.
 */
uint32_t onto_current(const struct onto *o, uint32_t term);

/* Is 'above' the term itself or one of its ancestors? */
bool onto_is_a(const struct onto *o, uint32_t term, uint32_t above);

/* The term and all its ancestors, rising numbers. Returns how many; the caller frees '*out'. */
size_t onto_ancestors(const struct onto *o, uint32_t term, uint32_t **out);

/*
 * The deepest common ancestor of the listed terms (a term counts as its own ancestor): of several,
 * the one with most depth, then the lowest id. ONTO_NONE when they share none.
 */
uint32_t onto_common(const struct onto *o, const uint32_t *terms, size_t n);

/* Edges on the shortest way from one term to the other through a common ancestor, or -1. */
int onto_distance(const struct onto *o, uint32_t a, uint32_t b);

/*
 * The ancestors of a term (or itself) at depth 'level', nearest the term first, then lowest id.
 * A term less deep than the level is its own answer. Never ONTO_NONE.
 */
uint32_t onto_at_level(const struct onto *o, uint32_t term, uint32_t level);

/* The nearest of the listed terms that is the term or above it; deepest, then lowest id, wins. */
uint32_t onto_nearest_of(const struct onto *o, uint32_t term, const bool *listed);

#endif
