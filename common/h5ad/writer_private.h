/* writer_private.h - what the files of the writer share, with those of h5ad/derive.
 *
 * Everything that is large goes through w->queue, which compresses on the pool, to w->behind, which
 * writes beside whoever goes on. Where a function returns -1, writer_failed puts the target's name
 * in front of what 'err' says; writer_abort is the caller's.
 */
#ifndef H5AD_WRITER_PRIVATE_H
#define H5AD_WRITER_PRIVATE_H

#include "base/names.h"
#include "base/outfile.h"
#include "h5ad/hdf5/series.h"
#include "h5ad/put.h"
#include "h5ad/sparse_out.h"
#include "h5ad/writer.h"

/* A matrix of cells that is being written. */
struct csr_writing {
	struct sparse_out *out; /* NULL when there is none */
	char *path;
	enum write_type type;
	int32_t *counts; /* a block's values, where they are stored as integers */
	size_t cap_counts;
};

struct writer {
	struct outfile *out;
	const char *target; /* for messages */
	hid_t file;
	struct encoding encoding;
	struct pool *pool;
	struct behind *behind; /* brings what is large to the file */
	struct series_queue *queue;
	struct csr_writing matrix;
	struct names left_out; /* parts that are not carried, "varm/PCs" */
	size_t narrow_max;     /* the largest row start of 32 bits; tests make it small */
};

/* The groups that a path such as "obsm/X_pca" or "raw/X" goes through, where they are missing. */
int writer_place(struct writer *w, const char *where, struct err *err) MUST_USE;

/* An object of 'in' at an absolute path, as it is, to 'where'. The groups above must be there. */
int copy_object(struct writer *w, const struct h5ad *in, const char *path, const char *where,
		struct err *err) MUST_USE;

/* The same for an object in a dialect before 0.8, rewritten in the current one (carry_old.c). */
int carry_old(struct writer *w, struct h5ad *in, const char *path, const char *where,
	      struct err *err) MUST_USE;

/* "csr_matrix" or "csc_matrix" when the object is a sparse matrix of any dialect, else NULL. */
const char *sparse_encoding(hid_t object);

/* The members of a group of AnnData that the output does not have yet (carry.c). */
int carry_group(struct writer *w, struct h5ad *in, const char *group, struct err *err) MUST_USE;
bool is_old_dialect(const struct h5ad *in);

/* Rows (or columns) wanted of something that has 'total'; NULL for all. */
struct take {
	const size_t *items;
	size_t n, total;
};

/* Arrays with rows, and columns where 'columns' is given, taken (take_array.c). */
int take_dense(struct writer *w, const struct h5ad *in, hid_t dataset, const char *where,
	       const struct take *rows, const struct take *columns, struct err *err) MUST_USE;
int take_sparse(struct writer *w, const struct h5ad *in, hid_t group, const char *where,
		const struct take *rows, const struct take *columns, struct err *err) MUST_USE;

/* Anything with rows, a frame too (carry_taken.c); 'where' is its path without the first slash. */
int take_member(struct writer *w, const struct h5ad *in, const char *where, const struct take *rows,
		const struct take *columns, struct err *err) MUST_USE;

void csr_writing_release(struct csr_writing *m);

/* Put the target's name in front of a message. Returns -1. */
int writer_failed(struct writer *w, struct err *err);

/* A float of 2 bytes, for which HDF5 has no name; and integers. To be closed, and not. */
hid_t type_half(void);
hid_t type_int(size_t width, bool is_unsigned);

/* Column 'c' at parent/name, as its kind and what is missing ask for. */
int put_column(hid_t parent, const char *name, const struct column *c, const struct encoding *e,
	       struct err *err) MUST_USE;

/* A whole frame at parent/name; columns of a file are read and forgotten one by one. */
int put_frame(hid_t parent, const char *name, struct frame *f, const struct encoding *e,
	      struct err *err) MUST_USE;

#endif
