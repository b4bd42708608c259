/* rds_table.h - R data frames (and Bioconductor DataFrames) as frames.
 *
 *	struct rds_table t;
 *	if (rds_table_open(&t, file, value, err))
 *		return -1;
 *	rds_table_fill(&t, frame, rows, &skipped);
 *
 * Factors become categories (NA is missing, the order kept), logicals booleans, integers and
 * integer64 integers, numbers floats, characters strings; Date and POSIXct ISO text (times in
 * UTC); Rle is spelled out. Matrices, lists and other things inside a column are left out and
 * named.
 */
#ifndef IMPORT_RDS_RDS_TABLE_H
#define IMPORT_RDS_RDS_TABLE_H

#include "h5ad/frame/frame.h"
#include "import/rds/value.h"

struct rds_table {
	const struct rds *file;
	const struct rds_value *columns; /* a list with names */
	const struct rds_value *keys;    /* row names, a string vector, or NULL when automatic */
	size_t n_rows;
};

bool rds_is_table(const struct rds *file, const struct rds_value *v);

/* Borrows from 'file'; nothing to release. */
int rds_table_open(struct rds_table *t, const struct rds *file, const struct rds_value *v,
		   struct err *err) MUST_USE;

/*
 * One column named 'name' of any vector of 'n_rows', rows[i] being the row for i, STRTAB_NONE for
 * none; 'rows' NULL takes them as they are. False when it is not a plain column.
 */
bool rds_column(const struct rds *file, const struct rds_value *v, const char *name,
		const uint32_t *rows, size_t n, size_t n_rows, struct column *out);

/* Add every column to 'f'. The names of those left out are listed in 'skipped'. */
void rds_table_fill(const struct rds_table *t, struct frame *f, const uint32_t *rows,
		    struct text *skipped);

/*
 * For each of 'n' names its place in a string vector, STRTAB_NONE where it is not there. NULL
 * when they are the same in the same order. The caller frees.
 */
uint32_t *rds_match(const struct rds *file, const struct rds_value *in, char *const *names,
		    size_t n, size_t *n_found);

#endif
