/* sparse_out.h - a sparse matrix on its way into a file, line by line.
 *
 * A line is a row of a CSR matrix or a column of a CSC one. Values go in as they are stored, with
 * the places across the line they have. The arrays are datasets that grow (h5ad/hdf5/series.h), so
 * memory is a few chunks, whatever the matrix.
 *
 *	struct sparse_out *o = sparse_out_start(w, "obsp/distances", "csr_matrix", type, n, &err);
 *	for (line = 0; line < n_lines; line++)
 *		if (sparse_out_add(o, values, across, n_values, &err) || sparse_out_line(o, &err))
 *			goto failed;
 *	if (sparse_out_end(o, &err)) ...                // and it is freed
 * failed:
 *	sparse_out_free(o);
 *
 * Line starts are 32 bits wide as long as they fit, as scipy keeps them: a matrix whose indices and
 * starts differ in width is slow there. At 2^31 values they are widened, in the file. What is in
 * the file does not depend on how lines were cut into calls.
 *
 * The writer is borrowed; nothing else may be written to it between start and end.
 */
#ifndef H5AD_SPARSE_OUT_H
#define H5AD_SPARSE_OUT_H

#include <hdf5.h>

#include "h5ad/writer.h"

struct sparse_out;

/*
 * Begin a matrix at 'where' of the file, whose groups above must be there. 'encoding' is
 * "csr_matrix" or "csc_matrix"; 'type' is that of the values, at most 8 bytes wide, and must
 * outlive the matrix; 'n_across' is the number of columns of a CSR matrix, of rows of a CSC one.
 * NULL with 'err' when it cannot be made.
 */
struct sparse_out *sparse_out_start(struct writer *w, const char *where, const char *encoding,
				    hid_t type, size_t n_across, struct err *err) MUST_USE;

/* 'n' values of the line at hand. A line may come in several calls. */
int sparse_out_add(struct sparse_out *o, const void *values, const uint32_t *across, size_t n,
		   struct err *err) MUST_USE;

/* The line at hand is complete; it may be empty. */
int sparse_out_line(struct sparse_out *o, struct err *err) MUST_USE;

/* Whole lines: values [starts[i], starts[i + 1]) are line i; starts[0] is 0. */
int sparse_out_lines(struct sparse_out *o, const void *values, const uint32_t *across,
		     const size_t *starts, size_t n_lines, struct err *err) MUST_USE;

/* Write what is left and the shape: as many lines as came. Frees 'o', in any case. */
int sparse_out_end(struct sparse_out *o, struct err *err) MUST_USE;

/* After a failure. NULL is fine. */
void sparse_out_free(struct sparse_out *o);

#endif
