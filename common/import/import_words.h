/* import_words.h - words that tell what the rows and columns of a table are.
 *
 * Case does not matter, except in Ensembl ids.
 *
 *	bool by_cell = says_cells(header[0]) || names_gene(header[1]);    // rows are cells
 */
#ifndef IMPORT_IMPORT_WORDS_H
#define IMPORT_IMPORT_WORDS_H

#include <stdbool.h>

/* Does the field above the names of rows say that they are genes, or cells? */
bool says_genes(const char *corner);
bool says_cells(const char *corner);

/* Is this surely a gene: an Ensembl id, or one that CellTypist knows genes from cells by? */
bool names_gene(const char *name);

#endif
