/* select.h - part of a file as a file of its own.
 *
 *	struct selection part = {.cells = rows, .n_cells = n};
 *	struct writer *w = writer_open(path, "none", pool, err);
 *	if (!w || selection_write(in, &part, w, pool, err) || writer_finish(w, err))
 *		die_err(err);
 *
 * X, the layers and raw stream through with the picks pushed down to the chunks; obs and var are
 * taken; what follows cells or genes follows. As in anndata, raw keeps all its genes, and
 * categories without a cell go.
 */
#ifndef H5AD_DERIVE_SELECT_H
#define H5AD_DERIVE_SELECT_H

#include "h5ad/writer.h"

/* Rows and columns of the file, each rising strictly. NULL means all. */
struct selection {
	const size_t *cells;
	size_t n_cells;
	const size_t *genes;
	size_t n_genes;
	bool repack; /* whole matrices are written anew, in the writer's compression */
};

/* Write the part of everything 'in' has. The caller opens and finishes the writer. */
int selection_write(struct h5ad *in, const struct selection *part, struct writer *w,
		    struct pool *pool, struct err *err) MUST_USE;

/* Rows of a frame as a new one; NULL on failure. The caller frees. */
struct frame *frame_take(struct frame *f, const size_t *rows, size_t n, struct err *err) MUST_USE;

/* What is wrong with the form of a condition, or NULL. */
const char *where_problem(const char *condition);

/* The same for several conditions on the obs of a file. */
int where_apply_all(struct h5ad *f, const char *const *conditions, size_t n, bool *keep,
		    struct text *unmet, struct err *err) MUST_USE;

/*
 * Take the cells away from 'keep' that have fewer than 'least' values other than zero in X, among
 * 'n_genes' of its 'genes' (NULL: all).
 */
int keep_rich_cells(struct h5ad *in, const size_t *genes, size_t n_genes, size_t least, bool *keep,
		    struct pool *pool, struct err *err) MUST_USE;

#endif
