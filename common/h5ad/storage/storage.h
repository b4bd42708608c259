/* storage.h - the three storages of a matrix, behind one verb.
 *
 * A storage fills pieces: runs of consecutive rows in CSR, checked, renamed and sorted, as large as
 * its storage makes convenient. storage_stream.c keeps one piece ahead and cuts blocks from them.
 * Storages are used by one thread at a time and share their work out on the pool.
 *
 *	struct storage *rows = csr_storage(&task, err);
 *	if (!rows)
 *		return NULL;
 *	return storage_stream(rows, &task);          // owns it; blocks of task.limits
 */
#ifndef H5AD_STORAGE_STORAGE_H
#define H5AD_STORAGE_STORAGE_H

#include <hdf5.h>

#include "base/pool.h"
#include "h5ad/storage/pick.h"
#include "matrix/stream.h"

struct storage {
	/* The next piece, of at least one row: 1; 0 at the end, -1 with 'err'. The number of the
	 * first row is left to the caller. */
	int (*fill)(struct storage *storage, struct cells *piece, struct err *err);
	void (*free)(struct storage *storage);
	size_t n_rows, n_columns, n_stored; /* of what will come; n_stored 0 when not known */
};

/* What a storage is to read. Rows and columns, because CSC storage is read as CSR of genes. */
struct task {
	hid_t file;
	const char *file_name;
	const char *path; /* of the slot: "/X" */
	size_t n_rows, n_columns;
	const char *row, *column; /* what messages call them: "cell", "gene" */
	struct pick pick;         /* rows and columns; zeroed for all */
	struct stream_limits limits;
	struct pool *pool;
	size_t *n_rounded; /* large doubles that became another float are added; or NULL */
};

struct storage *csr_storage(const struct task *task, struct err *err) MUST_USE;
struct storage *csc_storage(const struct task *task, struct err *err) MUST_USE;
struct storage *dense_storage(const struct task *task, struct err *err) MUST_USE;

/*
 * What is best read by column, as rows: 'columns' opens the storage whose rows those columns are.
 * In two passes, and by a scratch file where the whole is more than limits.transpose.
 */
typedef struct storage *storage_open(const struct task *task, struct err *err);
struct storage *turned_storage(const struct task *task, storage_open *columns,
			       struct err *err) MUST_USE;

/* The stream of what a storage fills; owns it. 'task' is for its limits and pool. */
struct stream *storage_stream(struct storage *storage, const struct task *task);

/* Rows that 'task' asks for, and the number in the file of the i-th of them. */
static inline size_t task_n_rows(const struct task *task)
{
	return task->pick.cells ? task->pick.n_cells : task->n_rows;
}

static inline size_t task_row(const struct task *task, size_t i)
{
	return task->pick.cells ? task->pick.cells[i] : i;
}

static inline size_t task_n_columns(const struct task *task)
{
	return task->pick.gene_map ? task->pick.n_genes : task->n_columns;
}

/*
 * Check every row of a piece, sort it where need be, and rename columns as the task says. 'rows'
 * has each row's number in the file, for messages; NULL numbers them within the piece.
 */
int piece_finish(struct cells *piece, const size_t *rows, const struct task *task,
		 struct err *err) MUST_USE;

/* What the parts of a piece had to round, to the file's count. */
void task_count_rounded(const struct task *task, const size_t *rounded, size_t n);

/* The error for an integer that a float cannot hold. */
int inexact_integer(const struct task *task, size_t row, size_t column, struct err *err);

/* Of errors per part: pass the first on, free them all. Returns -1 if there was one. */
int errs_first(struct err **errs, size_t n, struct err *err) MUST_USE;

#endif
