/* labels.h - the distinct labels of a table or of an h5ad file's obs.
 *
 * What there is to map: each label once, with the tissue it comes from when there is a column of
 * them, in the order of first appearance. A column of a million cells costs its distinct labels.
 *
 *	struct labels l;
 *	if (labels_read_h5ad(&l, "atlas.h5ad", "auto", NULL, "tissue", &err))
 *		die_err(&err);
 *	for (size_t i = 0; i < l.keys.n; i++)
 *		use(l.texts[i], l.tissues[i]);
 *	labels_release(&l);
 */
#ifndef ONTO_MATCH_LABELS_H
#define ONTO_MATCH_LABELS_H

#include "base/err.h"
#include "base/strtab.h"

struct labels {
	struct strtab keys; /* label, or label TAB tissue */
	char **texts;       /* keys.n of each; tissues are NULL where there is none */
	char **tissues;
	char **ids; /* that came with the cells: NULL without, "" when they are several */
	size_t cap_texts, cap_tissues, cap_ids;
	const char *column; /* of obs, that "auto" stood for; or NULL */
	size_t n_rows;      /* rows, or cells, that had a label */
	size_t n_not_utf8;  /* labels with bytes that were replaced by U+FFFD */
	struct arena arena;
};

/*
 * 'column' NULL: "label", or the first. 'tissue' is the name of a column, or what all labels come
 * from, or NULL. Bytes that are no UTF-8 are replaced and counted.
 */
int labels_read_tsv(struct labels *l, const char *path, const char *column, const char *tissue,
		    struct err *err) MUST_USE;

/*
 * 'column' is needed here, or "auto" (h5ad/frame/label_column.h). Cells without a value are passed
 * over. 'ids' is a column of the labels' ids, or NULL: a label has the one that all its cells have,
 * of those that have any.
 */
int labels_read_h5ad(struct labels *l, const char *path, const char *column, const char *ids,
		     const char *tissue, struct err *err) MUST_USE;

void labels_release(struct labels *l);

#endif
