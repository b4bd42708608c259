/* orthologs.h - pairs of gene names of two species (or of two naming systems).
 *
 * Read from a table of two columns, separated by tabs or commas, with or without a header (a header
 * is a pair that no model has), plain or gzip. Rows with an empty side are left out, repeated pairs
 * count once. The order of the file is kept.
 *
 *	struct orthologs *t = orthologs_read("human_mouse.tsv.gz", &err);
 *	for (size_t i = 0; t && i < t->n; i++)
 *		printf("%s is %s\n", t->names[0][i], t->names[1][i]);
 *	orthologs_free(t);
 */
#ifndef MATRIX_ORTHOLOGS_H
#define MATRIX_ORTHOLOGS_H

#include "base/err.h"
#include "base/mem.h"

struct orthologs {
	char **names[2]; /* the two sides, pair by pair */
	size_t n, cap[2];
	struct arena arena;
};

/* NULL on failure. */
struct orthologs *orthologs_read(const char *path, struct err *err) MUST_USE;
void orthologs_free(struct orthologs *t); /* NULL is fine */

#endif
