/* h5ad.h - an annotated matrix file, of any dialect, as one view.
 *
 * Opens what AnnData 0.6 to 0.12 wrote and shows obs and var as frames, the matrix slots ("X",
 * "raw", "layers/NAME") as streams, and everything else as elements that can be copied whole.
 * Every shape, row start, index and code is checked before use. A file that would make HDF5 look
 * outside itself (external links or storage, virtual datasets, plugin filters) is refused by path.
 * "-" is standard input, spooled to an unlinked temporary file, as a gzipped file (.h5ad.gz) is.
 *
 *	struct h5ad *in = h5ad_open(path, &err);
 *	const struct slot *slot = h5ad_slot(in, "X", &err);
 *	struct stream *cells = h5ad_stream(in, slot, NULL, pool, &err);
 *
 * Not for several threads at once; streams read ahead on their own.
 */
#ifndef H5AD_H5AD_H
#define H5AD_H5AD_H

#include "base/pool.h"
#include "h5ad/frame/frame.h"
#include "h5ad/storage/pick.h"
#include "matrix/stream.h"

struct h5ad;

enum slot_storage { SLOT_CSR, SLOT_CSC, SLOT_DENSE };

struct slot {
	const char *name; /* "X", "raw", "layers/NAME" */
	enum slot_storage storage;
	const char *type; /* "float32", "int64", ... */
	bool integers;    /* an integer type */
	size_t n_cells, n_genes;
	size_t n_stored;         /* of sparse storage; n_cells * n_genes for dense */
	const char *compression; /* "none", "gzip", "gzip+shuffle", "lzf", ... */
	const char *path;        /* inside the file: "/X", "/raw/X", "/raw.X" */
};

struct h5ad *h5ad_open(const char *path, struct err *err) MUST_USE;

/*
 * NULL is fine. Leaves a notice (base/notice.h) when streams gave doubles above 2^24 that a 32-bit
 * float does not hold: counts, if they are that, have lost their last digits. (An integer type's
 * are refused.)
 */
void h5ad_close(struct h5ad *f);

const char *h5ad_path(const struct h5ad *f);    /* as given; "stdin" for "-" */
const char *h5ad_dialect(const struct h5ad *f); /* "0.6", "0.7", "0.8+" */
size_t h5ad_n_cells(const struct h5ad *f);
size_t h5ad_n_genes(const struct h5ad *f); /* of X and layers; raw may have more */

/*
 * Borrowed, the same pointer each time, never NULL: columns and keys are read when they are asked
 * for. h5ad_raw_var: NULL, and said so, without raw.
 */
struct frame *h5ad_obs(struct h5ad *f);
struct frame *h5ad_var(struct h5ad *f);
struct frame *h5ad_raw_var(struct h5ad *f, struct err *err) MUST_USE;

/* The var frame that goes with a slot: raw has its own. */
struct frame *h5ad_slot_var(struct h5ad *f, const struct slot *slot);

/* The slots there are, X first, then raw, then layers in name order. */
size_t h5ad_n_slots(const struct h5ad *f);
const struct slot *h5ad_slot_at(const struct h5ad *f, size_t i);

/* A slot by name; the error lists those there are. */
const struct slot *h5ad_slot(const struct h5ad *f, const char *name, struct err *err) MUST_USE;

/*
 * The cells of a slot. 'pick' is read during the call only for its pointers, whose arrays must
 * outlive the stream. 'pool' decodes; it must outlive the stream too.
 */
struct stream *h5ad_stream(struct h5ad *f, const struct slot *slot, const struct pick *pick,
			   struct pool *pool, struct err *err) MUST_USE;

/* Names in the file's obsm, varm, obsp, varp, layers, uns; for h5-info and for copying. */
size_t h5ad_n_members(const struct h5ad *f, const char *group);
const char *h5ad_member(const struct h5ad *f, const char *group, size_t i);

/*
 * A finite number at uns/'path', with slashes; false when there is none: what programs write there
 * is theirs, and older files simply lack it.
 */
bool h5ad_uns_number(const struct h5ad *f, const char *path, double *value);

/* The whole file as it is, to another: "-" is stdout. For a filter that has nothing to change. */
int h5ad_copy_file(struct h5ad *f, const char *target, struct err *err) MUST_USE;

/* A dense obsm array as doubles, row by row; the caller frees. */
int h5ad_obsm(struct h5ad *f, const char *name, double **values, size_t *n_columns,
	      struct err *err) MUST_USE;

/* A cells x cells matrix of obsp as a slot, for h5ad_stream; the error lists those there are. */
int h5ad_obsp_slot(struct h5ad *f, const char *name, struct slot *slot, struct err *err) MUST_USE;

#endif
