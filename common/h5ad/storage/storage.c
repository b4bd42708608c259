/* storage.c - what all storages share: checking, sorting and renaming rows. */
#include "base/util.h"

#include "h5ad/storage/storage.h"

#define ROWS_A_PART ((size_t)64)

struct finishing {
	struct cells *piece;
	const size_t *rows;
	const struct task *task;
	size_t *kept;      /* per row: what is left after renaming; NULL without a map */
	struct err **errs; /* per part, NULL where all is well */
};

static size_t row_number(const struct finishing *f, size_t row)
{
	return f->rows ? f->rows[row] : row;
}

static int bad_column(const struct finishing *f, size_t row, struct err *err)
{
	const struct cells *piece = f->piece;
	const struct task *t = f->task;
	size_t i = piece->starts[row];

	while (piece->genes[i] < t->n_columns)
		i++;
	if (piece->genes[i] > INT32_MAX)
		return err_set(err, "%s: %s: %s %zu: a %s index is negative or far too large",
			       t->file_name, t->path, t->row, row_number(f, row), t->column);
	return err_set(err, "%s: %s: %s %zu: %s index %u, but there are %zu %ss", t->file_name,
		       t->path, t->row, row_number(f, row), t->column, piece->genes[i],
		       t->n_columns, t->column);
}

static int bad_value(const struct finishing *f, size_t row, struct err *err)
{
	const struct cells *piece = f->piece;
	const struct task *t = f->task;
	size_t i = piece->starts[row];

	while (piece->values[i] - piece->values[i] == 0) /* NaN and infinity are not */
		i++;
	return err_set(err, "%s: %s: %s %zu, %s %u: the value is %s", t->file_name, t->path, t->row,
		       row_number(f, row), t->column, piece->genes[i],
		       piece->values[i] != piece->values[i] ? "NaN"
							    : "infinite, or too large for a float");
}

static int finish_row(const struct finishing *f, size_t row, struct cell_room *room,
		      struct err *err)
{
	const struct task *t = f->task;
	size_t from = f->piece->starts[row], n = f->piece->starts[row + 1] - from;
	uint32_t *genes = f->piece->genes + from;
	float *values = f->piece->values + from;
	unsigned wrong = cell_look(genes, values, n, t->n_columns);

	if (wrong & CELL_BAD_GENE)
		return bad_column(f, row, err);
	if (wrong & CELL_NOT_FINITE)
		return bad_value(f, row, err);
	if (wrong & CELL_UNSORTED) {
		cell_sort(genes, values, n, room);
		uint32_t twice = cell_duplicate(genes, n);
		if (twice != UINT32_MAX)
			return err_set(err, "%s: %s: %s %zu has %s %u twice", t->file_name, t->path,
				       t->row, row_number(f, row), t->column, twice);
	}
	if (f->kept)
		f->kept[row] = cell_rename(genes, values, n, t->pick.gene_map, room);
	return 0;
}

static void finish_part(void *job, size_t part)
{
	struct finishing *f = job;
	struct cell_room room = {.pairs = NULL};
	struct err err = ERR_INIT;
	size_t row = part * ROWS_A_PART, end = MIN(row + ROWS_A_PART, f->piece->n_cells);

	while (row < end && !finish_row(f, row, &room, &err))
		row++;
	if (err_is_set(&err))
		f->errs[part] = mem_copy(&err, 1, sizeof(err));
	cell_room_release(&room);
}

void task_count_rounded(const struct task *task, const size_t *rounded, size_t n)
{
	for (size_t i = 0; task->n_rounded && i < n; i++)
		*task->n_rounded += rounded[i];
}

int inexact_integer(const struct task *task, size_t row, size_t column, struct err *err)
{
	return err_set(err,
		       "%s: %s: %s %zu, %s %zu: the integer stored there is above 16777216 and a "
		       "32-bit float cannot hold it exactly",
		       task->file_name, task->path, task->row, row, task->column, column);
}

int errs_first(struct err **errs, size_t n, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		if (errs[i] && !ret)
			ret = err_set(err, "%s", errs[i]->text);
		free(errs[i]);
		errs[i] = NULL;
	}
	return ret;
}

int piece_finish(struct cells *piece, const size_t *rows, const struct task *task, struct err *err)
{
	size_t n_parts = (piece->n_cells + ROWS_A_PART - 1) / ROWS_A_PART;
	struct finishing f = {.piece = piece, .rows = rows, .task = task};

	MEM_ZERO(f.errs, n_parts);
	if (task->pick.gene_map)
		MEM_ARRAY(f.kept, piece->n_cells);
	pool_run(task->pool, n_parts, finish_part, &f);
	int ret = errs_first(f.errs, n_parts, err);
	if (!ret && f.kept)
		cells_close_up(piece, f.kept);
	piece->n_genes = task_n_columns(task);
	free(f.kept);
	free(f.errs);
	return ret;
}
