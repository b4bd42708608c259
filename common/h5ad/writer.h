/* writer.h - writing an annotated matrix file.
 *
 * Writes the one dialect that anndata 0.8 and later read. The matrix goes in as blocks and is
 * never held whole; everything else is a frame, or is carried over from another file. The target
 * appears when writer_finish says so (base/outfile.h). No timestamps: same calls, same bytes.
 *
 *	struct writer *w = writer_open("out.h5ad", "gzip:4", pool, &err);
 *	writer_matrix(w, "X", n_genes, WRITE_FLOAT, &err);
 *	while (stream_next(cells, &block, &err) > 0)
 *		writer_cells(w, block, &err);
 *	writer_matrix_end(w, &err);
 *	writer_carry(w, in, "obs", &err); ...
 *	if (writer_finish(w, &err)) die_err(&err);
 *
 * After a failure call writer_abort. Several matrices may be written, one after the other.
 */
#ifndef H5AD_WRITER_H
#define H5AD_WRITER_H

#include "base/pool.h"
#include "h5ad/h5ad.h"

struct writer;

/* How values are stored: float32; or int32, where a value that does not fit is an error. */
enum write_type { WRITE_FLOAT, WRITE_COUNTS };

/*
 * Compression is "none", "gzip" (level 4), "gzip:1" to "gzip:9", or "lzf". 'pool' encodes; it must
 * outlive the writer. HDF5 is only ever called from the caller's thread.
 */
struct writer *writer_open(const char *path, const char *compression, struct pool *pool,
			   struct err *err) MUST_USE;

/*
 * Begin a CSR matrix at "X", "raw" (its var is written with writer_frame "raw/var") or
 * "layers/NAME". Nothing else may be written before writer_matrix_end. The number of cells is
 * what came. Indices are 32 bits wide; so are row starts, up to 2^31 stored values.
 */
int writer_matrix(struct writer *w, const char *slot, size_t n_genes, enum write_type type,
		  struct err *err) MUST_USE;
int writer_cells(struct writer *w, const struct cells *block, struct err *err) MUST_USE;
int writer_matrix_end(struct writer *w, struct err *err) MUST_USE;

/* Write a frame as "obs", "var" or "raw/var". Columns of a file's frame are read one at a time. */
int writer_frame(struct writer *w, const char *where, struct frame *f, struct err *err) MUST_USE;

/*
 * Carry a part of 'in' over unchanged: "obs", "var", "obsm", "layers", "uns", "raw", "X",
 * "layers/counts", ... Parts in an older dialect are rewritten in the current one. A part that
 * 'in' does not have is no error.
 */
int writer_carry(struct writer *w, struct h5ad *in, const char *part, struct err *err) MUST_USE;

/* Do not carry a member, "varm/PCs": what it was made from is no longer so. */
void writer_leave_out(struct writer *w, const char *member);

/* Carry every part of 'in' that has not been written yet. */
int writer_carry_rest(struct writer *w, struct h5ad *in, struct err *err) MUST_USE;

/*
 * Carry the parts that follow cells and genes with rows or columns taken: obsm, obsp, varm, varp
 * and uns. NULL means all of that side.
 */
int writer_carry_taken(struct writer *w, struct h5ad *in, const size_t *cells, size_t n_cells,
		       const size_t *genes, size_t n_genes, struct err *err) MUST_USE;

/* A dense array (obsm/NAME), a CSR matrix (obsp/NAME), and small uns values. */
int writer_dense(struct writer *w, const char *where, const float *values, size_t n_rows,
		 size_t n_columns, struct err *err) MUST_USE;
/* The same of rows that need not be in memory: 'rows' gives [first, first + n), or NULL. */
typedef const float *writer_rows(void *arg, size_t first, size_t n, struct err *err);
int writer_dense_of(struct writer *w, const char *where, size_t n_rows, size_t n_columns,
		    writer_rows *rows, void *arg, struct err *err) MUST_USE;
int writer_doubles(struct writer *w, const char *where, const double *values, size_t n_rows,
		   size_t n_columns, struct err *err) MUST_USE; /* no columns: a vector */
int writer_sparse(struct writer *w, const char *where, const struct cells *rows, size_t n_columns,
		  struct err *err) MUST_USE;
int writer_text(struct writer *w, const char *where, const char *value, struct err *err) MUST_USE;
int writer_dict(struct writer *w, const char *where, struct err *err) MUST_USE; /* an empty one */
int writer_number(struct writer *w, const char *where, double value, bool integer,
		  struct err *err) MUST_USE;

int writer_bool(struct writer *w, const char *where, bool value, struct err *err) MUST_USE;

/*
 * A structured array as pandas and scanpy make them: 'n_rows' records of fields of one kind, each
 * named by 'fields'. 'values' are rows x fields: char pointers, floats or doubles. HDF5 has room
 * for about 1400 fields; more are an error.
 */
enum record_kind { RECORD_TEXT, RECORD_FLOAT, RECORD_DOUBLE };
int writer_records(struct writer *w, const char *where, char *const *fields, size_t n_fields,
		   size_t n_rows, enum record_kind kind, const void *values,
		   struct err *err) MUST_USE;

/* Complete the file: checked close, sync, rename. Frees 'w' in any case. */
int writer_finish(struct writer *w, struct err *err) MUST_USE;
void writer_abort(struct writer *w); /* NULL is fine */

#endif
