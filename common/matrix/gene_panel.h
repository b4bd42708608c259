/* gene_panel.h - a list of genes somebody wants: a panel.
 *
 * Understands a plain list (one gene a line), a table with a column of genes (csv or tsv, as 10x
 * publishes its panels), and Xenium's gene_panel.json. Comments (#) and blank lines are skipped,
 * repeated genes taken once. "-" is standard input.
 *
 *	struct gene_panel panel;
 *	if (gene_panel_read("gene_panel.json", &panel, err))
 *		die_err(err);
 *	uint32_t id = gene_panel_find(&panel, "CD4");
 *	gene_panel_release(&panel);
 */
#ifndef MATRIX_GENE_PANEL_H
#define MATRIX_GENE_PANEL_H

#include "base/err.h"
#include "base/strtab.h"

struct gene_panel {
	struct strtab genes;  /* as listed, each once */
	struct strtab ids;    /* Ensembl ids that came along; may be empty */
	uint32_t *gene_of_id; /* the gene each id belongs to */
	size_t cap_ids;
};

/* A list without a single gene is an error. */
int gene_panel_read(const char *path, struct gene_panel *panel, struct err *err) MUST_USE;
void gene_panel_release(struct gene_panel *panel);

/* The number of a gene in 'genes', found by its name or its id; STRTAB_NONE when not wanted. */
uint32_t gene_panel_find(const struct gene_panel *panel, const char *gene);

/* Write the genes that were not seen (a flag per gene of the panel), a column called gene. */
int gene_panel_write_missing(const struct gene_panel *panel, const bool *seen, const char *path,
			     struct err *err) MUST_USE;

#endif
