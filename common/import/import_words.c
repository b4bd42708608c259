/* import_words.c - see import_words.h. */
#include "base/util.h"

#include <strings.h>

#include "base/text.h"
#include "import/import_words.h"

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(s, words[i]))
			return true;
	return false;
}

bool says_genes(const char *corner)
{
	static const char *const words[] = {
		"gene",    "genes",   "gene_id",  "gene_ids",    "geneid",  "gene_name",
		"symbol",  "symbols", "genename", "gene_symbol", "feature", "features",
		"ensembl", "hugo",    "hgnc",     "gene symbol", "gene id", "gene name",
	};

	return is_one_of(corner, words, ARRAY_LEN(words));
}

bool says_cells(const char *corner)
{
	static const char *const words[] = {
		"cell",    "cells",    "cell_id",      "cell_ids", "cellid",     "cell_name",
		"barcode", "barcodes", "cell_barcode", "cell id",  "cell_names",
	};

	return is_one_of(corner, words, ARRAY_LEN(words));
}

/* Genes that every cell expresses: CellTypist knows genes from cells by them. */
static bool is_marker(const char *name)
{
	static const char *const words[] = {"GAPDH", "ACTB", "CALM1", "PTPRC", "MALAT1"};

	return is_one_of(name, words, ARRAY_LEN(words));
}

static bool is_ensembl(const char *name)
{
	return (str_starts(name, "ENSG") || str_starts(name, "ENSMUSG")) && strlen(name) >= 15;
}

bool names_gene(const char *name)
{
	return is_marker(name) || is_ensembl(name);
}
