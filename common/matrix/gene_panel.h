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
#include "base/text.h"
#include "matrix/gene_names.h"

struct gene_panel {
	struct strtab genes;  /* as listed, each once */
	struct strtab ids;    /* other names: ids that came along, approved symbols */
	uint32_t *gene_of_id; /* the gene each of them belongs to */
	size_t cap_ids;
	struct gene_tables *tables; /* names of today; borrowed, or NULL */
};

/* A list without a single gene is an error. */
int gene_panel_read(const char *path, struct gene_panel *panel, struct err *err) MUST_USE;
void gene_panel_release(struct gene_panel *panel);

/* Add one gene, and an id of it, which may be "". A gene without a name goes by its id. */
void gene_panel_add(struct gene_panel *panel, const char *gene, const char *id);

/*
 * From now on genes are found by their approved symbols too, the panel's and those asked for. A
 * symbol that the panel lists itself stays that gene's. 'tables' must outlive the panel.
 */
void gene_panel_approve(struct gene_panel *panel, struct gene_tables *tables);

/*
 * The number of a gene in 'genes', found by its name, its id or its approved symbol; STRTAB_NONE
 * when not wanted.
 */
uint32_t gene_panel_find(const struct gene_panel *panel, const char *gene);

/* Which of the panel's genes are among 'names': sets 'seen' (zeroed, one each); how many. */
size_t gene_panel_mark(const struct gene_panel *panel, char *const *names, size_t n, bool *seen);

/* The genes not seen, "A, B, C and 4 more": at most 'most' by name. Adds nothing when none is. */
void gene_panel_missing(const struct gene_panel *panel, const bool *seen, size_t most,
			struct text *out);

/* The same of several files: a row of gene and file for each that a file, by number, has not. */
int gene_panel_write_lacks(const struct gene_panel *panel, bool *const *seen,
			   const char *const *files, size_t n, const char *path,
			   struct err *err) MUST_USE;

/* Write the genes that were not seen (a flag per gene of the panel), a column called gene. */
int gene_panel_write_missing(const struct gene_panel *panel, const bool *seen, const char *path,
			     struct err *err) MUST_USE;

#endif
