/* rename.h - new names for the genes of a file.
 *
 *	struct rename r;
 *	if (rename_plan(in, "auto", &tables, RENAME_UNIQUE, pool, &r, err) ||
 *	    rename_write(in, &r, &tables, out, pool, err))
 *		die_err(err);
 *	rename_release(&r);
 *
 * Names start from a var column when var's own are no symbols (digits, Ensembl ids), go through
 * the tables (matrix/gene_names.h), and are made unique, or the rows of one gene become one.
 */
#ifndef H5AD_DERIVE_RENAME_H
#define H5AD_DERIVE_RENAME_H

#include "base/names.h"
#include "h5ad/writer.h"
#include "matrix/gene_names.h"

enum rename_duplicates {
	RENAME_UNIQUE, /* -1, -2, ... as anndata's var_names_make_unique */
	RENAME_SUM,    /* their rows added up */
	RENAME_FIRST,  /* the first row */
	RENAME_MAX,    /* the row with the largest sum over X, the first of equals */
};

struct rename {
	struct names before; /* var's names */
	size_t n;
	const char *column; /* the var column names started from, or NULL; borrowed */
	enum gene_rule *rules;
	size_t n_by_rule[GENE_N_RULES];
	struct names after;   /* one per new gene */
	uint32_t *place;      /* per gene, its place in 'after'; NULL when all stay */
	size_t *rows;         /* per new gene, the row of var that describes it; NULL as above */
	uint32_t *matrix_map; /* as place, but STRTAB_NONE for rows that go */
	size_t n_made_unique;
};

/*
 * The names that genes start from, one a row of var, before the tables: var's own or a column's, by
 * the rule of 'column' below. 'used' becomes the column's name, or NULL.
 */
int rename_start(struct frame *var, const char *column, struct names *start, const char **used,
		 struct err *err) MUST_USE;

/*
 * Decide. 'column' is "auto" (feature_name and its like, if var's names are no symbols), "none",
 * or a name, which must be there and is used whatever the names are.
 */
int rename_plan(struct h5ad *in, const char *column, const struct gene_tables *tables,
		enum rename_duplicates duplicates, struct pool *pool, struct rename *r,
		struct err *err) MUST_USE;

/*
 * Write the file with its new names. Matrices are carried as they are unless rows become one. raw
 * has its own genes: they are named by the same rules and made unique.
 */
int rename_write(struct h5ad *in, const struct rename *r, const struct gene_tables *tables,
		 struct writer *out, struct pool *pool, struct err *err) MUST_USE;

void rename_release(struct rename *r);

#endif
