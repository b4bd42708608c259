/* gene_names.h - what a gene is called: approved symbols from ids, old symbols and aliases.
 *
 * Two tables, plain or gzip TSV, decide (refs/genes has the ones that come with the program):
 *   map      "Gene stable ID", "HGNC symbol": Ensembl ids and their symbols
 *   aliases  "symbol", "approved" (several are separated by |), and perhaps "kind" (previous or
 *            alias) and "is_approved_symbol": symbols that genes had or are also called
 *
 *	struct gene_tables tables = {0};
 *	if (gene_tables_map(&tables, map, err) || gene_tables_aliases(&tables, aliases, err))
 *		die_err(err);
 *	struct gene_name now = gene_name_of(&tables, "ENSG00000010610.12");
 *	puts(now.name);                        // CD4
 *	gene_tables_release(&tables);
 */
#ifndef MATRIX_GENE_NAMES_H
#define MATRIX_GENE_NAMES_H

#include "base/err.h"
#include "base/strtab.h"

struct names; /* base/names.h */

enum gene_rule {
	GENE_KEPT,       /* a symbol, as far as anyone knows */
	GENE_ENSEMBL,    /* an Ensembl id in the map */
	GENE_VERSIONED,  /* the same, once its version was taken off */
	GENE_PREVIOUS,   /* a symbol the gene had before */
	GENE_ALIAS,      /* another symbol of the gene */
	GENE_AMBIGUOUS,  /* an old symbol of several genes: kept */
	GENE_TAKEN,      /* an old symbol of a gene that is there under its own: kept */
	GENE_UNMAPPED,   /* an Ensembl gene the map does not have, or has no symbol for: kept */
	GENE_TRANSCRIPT, /* an Ensembl transcript: kept */
	GENE_MOUSE,      /* a mouse id: kept */
	GENE_SPECIES,    /* an Ensembl id of another species: kept */
	GENE_N_RULES
};

struct gene_name {
	const char *name; /* the name to have: of the tables, or the one that was asked about */
	enum gene_rule rule;
};

struct gene_tables {
	struct strtab ids;      /* Ensembl ids */
	uint32_t *symbol_of_id; /* in 'symbols' */
	size_t cap_ids;
	struct strtab symbols; /* symbols of the map, and approved ones */
	struct strtab aliases;
	struct gene_alias *alias; /* per alias */
	size_t cap_aliases;
};

int gene_tables_map(struct gene_tables *t, const char *path, struct err *err) MUST_USE;
int gene_tables_aliases(struct gene_tables *t, const char *path, struct err *err) MUST_USE;
void gene_tables_release(struct gene_tables *t);

/* Both: NULL is the table that comes with the program, "none" is none. */
int gene_tables_read(struct gene_tables *t, const char *map, const char *aliases,
		     struct err *err) MUST_USE;

/* The name a gene should have. */
struct gene_name gene_name_of(const struct gene_tables *t, const char *name);

/*
 * Names through the tables, in place, and the rule for each. An old symbol stays where the gene is
 * there under its approved one too, unless rows of one gene become one ('merge'): it must not push
 * that name aside. Names may then be there twice.
 */
void gene_names_apply(const struct gene_tables *tables, bool merge, struct names *list,
		      enum gene_rule *rules);

/* "kept", "ensembl", "ensembl-version", "previous-symbol", ... for reports. */
const char *gene_rule_name(enum gene_rule rule);

/* What became of the names of genes: 'after' of gene i is after[place[i]], or with NULL after[i]. */
struct gene_renames {
	char *const *before;
	char *const *after;
	const uint32_t *place;
	const enum gene_rule *rules;
	size_t n;
};

/* A TSV with a row per gene: gene, after, rule. */
int gene_renames_write(const struct gene_renames *r, const char *path, struct err *err) MUST_USE;

/* Does this look like an Ensembl gene or transcript id, of any species? */
bool looks_ensembl(const char *name);

/* Does the name stand for no symbol: digits alone, or a human Ensembl gene or transcript? */
bool gene_is_no_symbol(const char *name);

/*
 * Are these a mouse's genes: mouse Ensembl ids, or symbols written the mouse way (Cd4) whose
 * capitals are human ones? More than half of the names must be.
 */
bool genes_are_mouse(const struct gene_tables *t, char *const *names, size_t n);

#endif
