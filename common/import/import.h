/* import.h - a matrix that came as text: its names, and its cells as a stream.
 *
 * Reads delimited tables (csv, tsv, txt, tab; cells x genes or genes x cells) and Matrix Market
 * files with their gene and cell lists (the folders 10x Cell Ranger writes, or any three files).
 * Plain or gzip. The matrix passes through a spool (matrix/spool.h), so memory does not grow with
 * it, and everything about it is known, and checked, before the first cell comes out.
 *
 *	struct import in;
 *	if (import_table(path, ORIENT_AUTO, &in, err))
 *		die_err(err);
 *	while (stream_next(in.cells_stream, &block, err) > 0)
 *		...
 *	import_release(&in);
 *
 * import/tenx.h gives the same struct for 10x HDF5 files.
 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "base/names.h"
#include "matrix/stream.h"

/* What the lines of the file are. */
enum orient { ORIENT_AUTO, ORIENT_CELLS, ORIENT_GENES };

/* Which features of a 10x file become genes. */
struct feature_choice {
	const char *type; /* "Gene Expression", ...; "all"; NULL: gene expression if there is any */
	const char *genome; /* NULL: all, when there is one or names tell them apart */
	bool names_are_ids; /* call genes by their ids, not their symbols */
};

struct import {
	struct names cells, genes; /* as in the file: may repeat */
	/* What a 10x file says about each gene: n is 0, or the number of genes. */
	struct names ids, symbols, types, genomes;
	struct stream *stream;
	char decision[200]; /* how the file was understood, one phrase */
};

/* A delimited table. */
int import_table(const char *path, enum orient rows, struct import *in, struct err *err) MUST_USE;

/*
 * A Matrix Market file. 'path' is the file or the folder it is in; the lists are 'genes' and
 * 'cells', or found beside it when NULL: features.tsv, genes.tsv and barcodes.tsv, plain or
 * .gz, with whatever precedes "matrix.mtx" in the matrix's own name.
 */
int import_mtx(const char *path, const char *genes, const char *cells, enum orient rows,
	       const struct feature_choice *choice, struct import *in, struct err *err) MUST_USE;

void import_release(struct import *in);

/*
 * For readers: which features to keep. Fills 'map' (a new index per feature, or STRTAB_NONE) and
 * the lists of 'in'; 'all' holds what the file says, with genes being its symbols. The caller
 * frees '*map'.
 */
int import_choose_features(const struct import *all, const struct feature_choice *choice,
			   const char *path, uint32_t **map, struct import *in,
			   struct err *err) MUST_USE;

/* For readers: names must be UTF-8, as the text of an h5ad is. */
int import_check_text(const char *path, size_t line, const char *s, size_t len,
		      struct err *err) MUST_USE;

/*
 * For readers: the number at s[0..len), in any form C's strtod knows but hexadecimal, as numpy
 * would store it in float32. False when it is not a finite number and nothing else.
 */
bool import_number(const char *s, size_t len, float *value);

#endif
