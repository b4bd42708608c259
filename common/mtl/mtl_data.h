/* mtl_data.h - cells of an h5ad as a multi-task mapper takes them.
 *
 * Expression is chosen and judged as everywhere (expression/expression.h); genes of the file are
 * laid over the model's by name. With a binary recipe a value is 1 where it is above 0.
 *
 *	struct mtl_data d = {.rules = {.slot = "auto"}};
 *	if (mtl_data_open(&d, "cells.h5ad", threads, err) || mtl_data_genes(&d, "5000", err))
 *		die_err(err);
 *	store = mtl_data_store(&d, binary, limit, err);       // for training
 *	mtl_data_release(&d);                                 // also after a failure
 */
#ifndef MTL_MTL_DATA_H
#define MTL_MTL_DATA_H

#include "expression/expression.h"
#include "vae/count_store.h"

struct mtl_data {
	struct input_rules rules; /* the caller's; counts are scaled to 10,000 whatever they say */

	/* What was found: all of it is released with this. */
	struct h5ad *in;
	struct pool *pool;
	struct input *input;
	struct names genes; /* of the model, in the file's order */
	uint32_t *map;      /* per gene of the file: the model's number, or STRTAB_NONE */
	size_t n_found;
};

/* The file's expression, chosen and judged. */
int mtl_data_open(struct mtl_data *d, const char *path, size_t threads, struct err *err) MUST_USE;

/* Choose: "all", the N most variable, or those of a panel's file that are there. */
int mtl_data_genes(struct mtl_data *d, const char *which, struct err *err) MUST_USE;

/* Take a model's instead: 'map' and 'n_found' say which are there. */
void mtl_data_match(struct mtl_data *d, const struct names *genes);

/* All cells, over the genes chosen. */
struct count_store *mtl_data_store(struct mtl_data *d, bool binary, size_t limit,
				   struct err *err) MUST_USE;
void mtl_data_release(struct mtl_data *d);

/* Some cells of a block over a model's genes, as rows for mtl_forward. Zeroed is empty. */
struct mtl_rows {
	size_t cap, cap_cells;
	size_t *starts;
	uint32_t *column;
	real *value;
};
struct rows mtl_rows_of(struct mtl_rows *r, const struct mtl_data *d, const struct cells *block,
			size_t from, size_t n, bool binary);
void mtl_rows_release(struct mtl_rows *r);

#endif
