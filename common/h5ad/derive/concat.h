/* concat.h - several files as one: genes joined, cells under each other.
 *
 *	struct concat c = {.inputs = files, .n = 2, .keys = keys, .pool = pool, ...};
 *	if (concat_plan(&c, err) || concat_write(&c, out, err))
 *		die_err(err);
 *	concat_release(&c);
 *
 * Follows anndata.concat with merge="same": obs columns of all inputs (outer: of any), var columns
 * and dense varm that agree in all, obsm, layers and raw that all have (obsm, outer: any). uns
 * is not kept. Genes come in anndata's order: inner, that of the first input; outer, sorted by
 * name unless all inputs have the same in one order.
 */
#ifndef H5AD_DERIVE_CONCAT_H
#define H5AD_DERIVE_CONCAT_H

#include "h5ad/writer.h"
#include "matrix/genes.h"

/* An obs column that is another column in each input. */
struct unified {
	char *name;
	struct names columns; /* one per input */
};

struct concat {
	/* The caller's choices. concat_release closes the inputs and frees all but the panel. */
	struct h5ad **inputs;
	size_t n;
	struct names keys;
	struct unified *unified;
	size_t n_unified;
	const struct gene_panel *panel; /* NULL: all genes */
	const char *label, *source;     /* obs columns, 'label' may be "A,B"; NULL: none */
	const char *index_unique;       /* NULL: cell names stay as they are */
	bool outer, mixed;
	bool mixed_species; /* genes of several species are no reason to refuse */
	double min_kept;    /* share of any input's genes that an inner join must keep */
	struct pool *pool;

	/* What was found. */
	bool **listed; /* per input, which of the panel's genes it has; NULL without a panel */
	struct gene_join genes;
	struct gene_loss *losses; /* per input; NULL for an outer join */
	size_t n_cells;
	struct strtab columns; /* of obs, without those that the choices above add */
	struct frame *obs;
	const char *repeated;  /* a name that two cells have, or NULL */
	char **verdicts;       /* per input, once written: "counts", ...; NULL if not judged */
	struct names left_out; /* parts that could not be joined */
};

/* ---- the choices, from words ---- */

/* "A,B,C": as many as there are inputs, none twice; NULL: "0", "1", ... */
int concat_name_keys(struct names *keys, const char *list, size_t n_inputs,
		     struct err *err) MUST_USE;

/* "DEST=COL1,COL2,...": a column for each input, or one for all. */
int unified_parse(struct unified *u, const char *text, size_t n_inputs, struct err *err) MUST_USE;

/* A column called "auto" becomes the input's own column of cell types, which is told. */
int concat_find_labels(struct concat *c, void (*tell)(const char *path, const char *column),
		       struct err *err) MUST_USE;

/* ---- the work ---- */

/* Join genes. No gene in common, genes of two species, an inner join that keeps too few, or a gene
 * or column that is not there, is an error. */
int concat_plan(struct concat *c, struct err *err) MUST_USE;

/* The input without which the others have most genes in common, of an inner join of several. */
size_t concat_costliest(const struct concat *c);

/* Join obs. A caller that wants to change it calls this; else it is done while X is written. */
int concat_obs(struct concat *c, struct err *err) MUST_USE;

/* Write everything; the caller finishes. Inputs whose verdicts differ are refused. */
int concat_write(struct concat *c, struct writer *out, struct err *err) MUST_USE;
void concat_release(struct concat *c);

/* ---- what to say of it ---- */

/* A row for each gene of the panel that an input, by its path, has not; after concat_plan. */
int concat_write_missing(const struct concat *c, const char *path, struct err *err) MUST_USE;

/* How many of the groups, of a column of the result, only one of the inputs has. */
size_t concat_apart(const struct concat *c, const struct column_groups *groups);

/* Groups, the largest first, the caller frees. */
size_t *concat_by_size(const struct column_groups *groups);

#endif
