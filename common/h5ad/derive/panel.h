/* panel.h - a panel from wherever it is written down: words, a list, a table, Xenium's JSON, h5ad.
 *
 *	struct gene_panel panel;
 *	if (panel_open(&panel, "xenium.h5ad", err))
 *		die_err(err);
 *	keep(gene_panel_find(&panel, "ATP5IF1"));      // listed there as ATPIF1
 *	panel_release(&panel);
 *
 * An h5ad's genes are its panel: the names of var, or, where these are ids or numbers, the column
 * that gene-normalize would start from, ids kept beside them. Every panel's genes are found by
 * their approved symbols too, and a file's old symbols by theirs (matrix/gene_names.h), so that a
 * panel of 2019 loses no gene to references whose names are of today.
 */
#ifndef H5AD_DERIVE_PANEL_H
#define H5AD_DERIVE_PANEL_H

#include "matrix/gene_panel.h"

/*
 * Read it and the project's tables of names. "-" is a list from standard input; what has commas and
 * is no file's name is the genes themselves, "CD3D,CD3E".
 */
int panel_open(struct gene_panel *panel, const char *path, struct err *err) MUST_USE;

/* With the tables of names, which gene_panel_release leaves. A zeroed panel is fine. */
void panel_release(struct gene_panel *panel);

#endif
