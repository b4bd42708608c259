/* writer_matrix.c - CSR matrices, a block at a time. */
#include "base/util.h"

#include <math.h>

#include "h5ad/writer_private.h"

static hid_t value_type(enum write_type type)
{
	return type == WRITE_COUNTS ? H5T_STD_I32LE : H5T_IEEE_F32LE;
}

int writer_matrix(struct writer *w, const char *slot, size_t n_genes, enum write_type type,
		  struct err *err)
{
	struct csr_writing *m = &w->matrix;

	if (m->out)
		BUG("matrix '%s' begun inside '%s'", slot, m->path);
	*m = (struct csr_writing){.type = type};
	m->path = mem_str(str_eq(slot, "raw") ? "raw/X" : slot);
	if (writer_place(w, m->path, err))
		return writer_failed(w, err);
	m->out = sparse_out_start(w, m->path, "csr_matrix", value_type(type), n_genes, err);
	return m->out ? 0 : writer_failed(w, err);
}

/* The cell of stored value number 'at' of the block. */
static size_t cell_of(const struct cells *block, size_t at)
{
	size_t low = 0, high = block->n_cells;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		*(block->starts[middle] <= at ? &low : &high) = middle;
	}
	return low;
}

CLONES static bool to_counts(const float *restrict values, int32_t *restrict counts, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t bits;
		float x;

		memcpy(&bits, &values[i], sizeof(bits));
		bits &= -((bits & INT32_MAX) < 0x4f000000); /* 0 for what is beyond 2^31 */
		memcpy(&x, &bits, sizeof(x));
		counts[i] = (int32_t)x;
		bad |= (float)counts[i] != values[i];
	}
	return !bad;
}

static int not_a_count(const struct cells *block, struct err *err)
{
	size_t at = 0;

	while (fabsf(block->values[at]) < 2147483648.0f &&
	       block->values[at] == truncf(block->values[at]))
		at++;
	return err_set(err, "cell %zu, gene %u: %g is not a count that fits 32 bits",
		       block->first + cell_of(block, at), block->genes[at],
		       (double)block->values[at]);
}

/* Point '*values' at the block's values as they are stored. */
static int stored_values(struct csr_writing *m, const struct cells *block, const void **values,
			 struct err *err)
{
	size_t n = cells_stored(block);

	*values = block->values;
	if (m->type == WRITE_FLOAT)
		return 0;
	MEM_GROW(m->counts, n, m->cap_counts);
	*values = m->counts;
	return to_counts(block->values, m->counts, n) ? 0 : not_a_count(block, err);
}

int writer_cells(struct writer *w, const struct cells *block, struct err *err)
{
	const void *values;

	if (stored_values(&w->matrix, block, &values, err) ||
	    sparse_out_lines(w->matrix.out, values, block->genes, block->starts, block->n_cells,
			     err))
		return writer_failed(w, err);
	return 0;
}

int writer_matrix_end(struct writer *w, struct err *err)
{
	struct sparse_out *out = w->matrix.out;

	w->matrix.out = NULL;
	csr_writing_release(&w->matrix);
	return sparse_out_end(out, err) ? writer_failed(w, err) : 0;
}

void csr_writing_release(struct csr_writing *m)
{
	sparse_out_free(m->out);
	free(m->path);
	free(m->counts);
	*m = (struct csr_writing){.out = NULL};
}

int writer_sparse(struct writer *w, const char *where, const struct cells *rows, size_t n_columns,
		  struct err *err)
{
	if (writer_matrix(w, where, n_columns, WRITE_FLOAT, err) || writer_cells(w, rows, err) ||
	    writer_matrix_end(w, err))
		return -1;
	return 0;
}
