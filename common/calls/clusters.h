/* clusters.h - which cluster each cell of a predictions table is in.
 *
 * From a TSV with the columns cell and cluster, in any order of rows, or from a column of the
 * predictions themselves.
 *
 *	struct clusters c;
 *	if (calls_table_index(calls, pool, &err) ||
 *	    clusters_read(&c, "clusters.tsv", calls, pool, &err))
 *		die_err(&err);
 *	puts(strtab_str(&c.names, c.of_cell[0]));
 *	clusters_release(&c);
 */
#ifndef CALLS_CLUSTERS_H
#define CALLS_CLUSTERS_H

#include "calls/calls_table.h"

struct clusters {
	struct strtab names;
	uint32_t *of_cell; /* per row of the calls */
	bool from_file;
};

/*
 * The calls have been indexed. 'where' is a file if there is one of that name, else a column.
 * Missing, extra and repeated cells are an error with counts.
 */
int clusters_read(struct clusters *c, const char *where, const struct calls_table *calls,
		  struct pool *pool, struct err *err) MUST_USE;
void clusters_release(struct clusters *c);

#endif
