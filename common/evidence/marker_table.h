/* marker_table.h - which genes mark which cell types, from tables people keep.
 *
 * Reads the table that ships (refs/markers), and what users have of their own, told apart by the
 * header: PanglaoDB, CellMarker, ScType (as TSV), any table with the columns label and gene, and
 * GMT. Symbols are resolved exactly, by the approved name, an old name or an alias that means one
 * gene; never by likeness. Names without a Cell Ontology id go through cl-map's ladder.
 *
 *	struct marker_table t = {0};
 *	struct marker_filter filter = {.species = "9606"};
 *	if (marker_table_read(&t, "refs/markers/core.tsv", &filter, &names, matcher, &err))
 *		die_err(&err);
 *	for (size_t i = 0; i < t.n_facts; i++)
 *		use(&t.facts[i]);
 *	marker_table_release(&t);
 *
 * Several files add up; a fact that two of them state counts once. Nothing is dropped in silence:
 * rows filtered out, symbols not understood and types without an id are counted. A type without an
 * id stays, under its own name. A header that is none of these is an error that says what is read.
 */
#ifndef EVIDENCE_MARKER_TABLE_H
#define EVIDENCE_MARKER_TABLE_H

#include "base/strtab.h"
#include "matrix/gene_names.h"
#include "onto/match/match.h"

struct marker_fact {
	uint32_t type, gene;
	int sign; /* 1: marks the type; -1: speaks against it */
};

struct marker_type {
	const char *name, *id; /* id "" without a term; borrowed from the table */
	uint32_t term;         /* in the matcher's ontology, or ONTO_NONE */
};

struct marker_table {
	struct strtab genes; /* as resolved */
	struct strtab keys;  /* of the types: the id, else the name */
	struct marker_type *types;
	size_t cap_types;
	struct strtab seen; /* ids and names of rows, and the types they are */
	uint32_t *type_of_seen;
	size_t cap_seen;
	struct marker_fact *facts; /* distinct, by type, gene and sign, after marker_table_finish */
	size_t n_facts, cap_facts;
	size_t n_rows, n_filtered, n_unresolved, n_without_id;
	const char *unresolved; /* the first symbol that was not understood, or NULL */
	struct arena arena;
};

struct marker_filter {
	const char *organ, *uberon; /* NULL: any. A fact that names none passes always */
	const char *species;        /* an NCBI taxon */
};

/*
 * Add the facts of 'path'. 'names' resolves symbols; 'matcher' finds terms of names, and outlives
 * the table. A filter that leaves nothing of a file is no error here: see n_filtered.
 */
int marker_table_read(struct marker_table *t, const char *path, const struct marker_filter *filter,
		      const struct gene_tables *names, const struct matcher *matcher,
		      struct err *err) MUST_USE;

/* After the last file: sort, and count what is there twice once. */
void marker_table_finish(struct marker_table *t);
void marker_table_release(struct marker_table *t);

/* The name a symbol of these data or tables stands for; itself when nothing is known of it. */
const char *marker_symbol(const struct gene_tables *names, const char *symbol);

#endif
