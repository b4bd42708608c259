/* writer_matrix.c - CSR matrices, a block at a time. */
#include "base/util.h"

#include <math.h>

#include "h5ad/writer_private.h"

static hid_t value_type(enum write_type type)
{
	return type == WRITE_COUNTS ? H5T_STD_I32LE : H5T_IEEE_F32LE;
}

static hid_t index_type(size_t n_genes)
{
	return n_genes > INT32_MAX ? H5T_STD_I64LE : H5T_STD_I32LE;
}

static int add_start(struct csr_writing *m, size_t start, struct err *err)
{
	const int32_t narrow = (int32_t)start;
	const int64_t wide = (int64_t)start;

	return series_add(&m->starts, m->wide ? (const void *)&wide : (const void *)&narrow, 1,
			  err);
}

int writer_matrix(struct writer *w, const char *slot, size_t n_genes, enum write_type type,
		  struct err *err)
{
	struct csr_writing *m = &w->matrix;

	if (m->group >= 0)
		BUG("matrix '%s' begun inside '%s'", slot, m->path);
	*m = (struct csr_writing){.group = H5I_INVALID_HID, .type = type, .n_genes = n_genes};
	m->path = mem_str(str_eq(slot, "raw") ? "raw/X" : slot);
	if (writer_place(w, m->path, err))
		return writer_failed(w, err);
	m->group = put_group(w->file, m->path, "csr_matrix", "0.1.0", err);
	if (m->group < 0)
		return writer_failed(w, err);
	m->data = series_start(w->queue, m->group, "data", value_type(type));
	m->indices = series_start(w->queue, m->group, "indices", index_type(n_genes));
	m->starts = series_start(w->queue, m->group, "indptr", H5T_STD_I32LE);
	return add_start(m, 0, err) ? writer_failed(w, err) : 0;
}

/*
 * Row starts are 32 bits wide as long as they fit, as scipy keeps them: a matrix whose indices and
 * row starts differ in width is slow there. At 2^31 values those written so far are copied.
 */
static int widen_starts(struct writer *w, struct err *err)
{
	struct csr_writing *m = &w->matrix;
	size_t n = m->n_cells + 1, step = (size_t)1 << 16;
	int64_t *values;
	int ret = -1;

	if (series_end(&m->starts, err) || behind_drain(w->behind, err) ||
	    H5Lmove(m->group, "indptr", m->group, "narrow", H5P_DEFAULT, H5P_DEFAULT) < 0)
		return h5_failed(err, "'%s/indptr' cannot be widened", m->path);
	MEM_ARRAY(values, step);
	m->starts = series_start(w->queue, m->group, "indptr", H5T_STD_I64LE);
	m->wide = true;
	hid_t narrow = H5Dopen2(m->group, "narrow", H5P_DEFAULT), space = H5Dget_space(narrow);
	for (size_t at = 0; at < n; at += step) {
		const hsize_t offset[1] = {at}, count[1] = {MIN(step, n - at)};
		hid_t memory = H5Screate_simple(1, count, NULL);
		H5Sselect_hyperslab(space, H5S_SELECT_SET, offset, NULL, count, NULL);
		herr_t got = H5Dread(narrow, H5T_STD_I64LE, memory, space, H5P_DEFAULT, values);
		H5Sclose(memory);
		if (got < 0 || series_add(&m->starts, values, count[0], err))
			goto done;
	}
	ret = H5Ldelete(m->group, "narrow", H5P_DEFAULT) < 0 ? -1 : 0;
done:
	H5Sclose(space);
	H5Dclose(narrow);
	free(values);
	return ret ? h5_failed(err, "'%s/indptr' cannot be widened", m->path) : 0;
}

/* Starts of the cells that end within the first 'stored' values of the block. */
static int add_starts(struct writer *w, const struct cells *block, size_t stored, size_t *cell,
		      struct err *err)
{
	struct csr_writing *m = &w->matrix;
	size_t base = m->n_stored;

	for (; *cell < block->n_cells && block->starts[*cell + 1] <= stored; (*cell)++) {
		size_t start = base + block->starts[*cell + 1];
		if (start > w->narrow_max && !m->wide && widen_starts(w, err))
			return -1;
		if (add_start(m, start, err))
			return -1;
		m->n_cells++;
	}
	return 0;
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

static int not_a_count(const struct cells *block, size_t from, struct err *err)
{
	size_t at = from;

	while (fabsf(block->values[at]) < 2147483648.0f &&
	       block->values[at] == truncf(block->values[at]))
		at++;
	return err_set(err, "cell %zu, gene %u: %g is not a count that fits 32 bits",
		       block->first + cell_of(block, at), block->genes[at],
		       (double)block->values[at]);
}

/* Values [from, from + n) of the block as they are stored. */
static const void *stored_values(struct csr_writing *m, const struct cells *block, size_t from,
				 size_t n, struct err *err)
{
	if (m->type == WRITE_FLOAT)
		return block->values + from;
	if (n * sizeof(int32_t) > m->cap_scratch) {
		m->cap_scratch = n * sizeof(int32_t);
		m->scratch = mem_resize(m->scratch, n, sizeof(int32_t));
	}
	if (to_counts(block->values + from, m->scratch, n))
		return m->scratch;
	not_a_count(block, from, err);
	return NULL;
}

static int add_indices(struct csr_writing *m, const uint32_t *genes, size_t n, struct err *err)
{
	if (m->indices.size == sizeof(*genes))
		return series_add(&m->indices, genes, n, err);
	for (size_t i = 0; i < n; i++) {
		const int64_t gene = genes[i];
		if (series_add(&m->indices, &gene, 1, err))
			return -1;
	}
	return 0;
}

static int add_values(struct writer *w, const struct cells *block, size_t at, size_t n,
		      struct err *err)
{
	struct csr_writing *m = &w->matrix;
	const void *values = stored_values(m, block, at, n, err);

	if (!values || series_add(&m->data, values, n, err))
		return -1;
	return add_indices(m, block->genes + at, n, err);
}

int writer_cells(struct writer *w, const struct cells *block, struct err *err)
{
	struct csr_writing *m = &w->matrix;
	size_t n = cells_stored(block), cell = 0, take;

	if (add_starts(w, block, 0, &cell, err))
		return writer_failed(w, err);
	for (size_t at = 0; at < n; at += take) {
		take = MIN(n - at, series_room(&m->data));
		if (add_values(w, block, at, take, err) ||
		    add_starts(w, block, at + take, &cell, err))
			return writer_failed(w, err);
	}
	m->n_stored += n;
	return 0;
}

int writer_matrix_end(struct writer *w, struct err *err)
{
	struct csr_writing *m = &w->matrix;
	const size_t shape[2] = {m->n_cells, m->n_genes};

	if (series_end(&m->data, err) || series_end(&m->indices, err) ||
	    series_end(&m->starts, err) || put_attr_sizes(m->group, "shape", shape, 2, err))
		return writer_failed(w, err);
	csr_writing_release(m);
	return 0;
}

void csr_writing_release(struct csr_writing *m)
{
	series_release(&m->data);
	series_release(&m->indices);
	series_release(&m->starts);
	if (m->group >= 0)
		H5Gclose(m->group);
	free(m->path);
	free(m->scratch);
	*m = (struct csr_writing){.group = H5I_INVALID_HID};
}

int writer_sparse(struct writer *w, const char *where, const struct cells *rows, size_t n_columns,
		  struct err *err)
{
	if (writer_matrix(w, where, n_columns, WRITE_FLOAT, err) || writer_cells(w, rows, err) ||
	    writer_matrix_end(w, err))
		return -1;
	return 0;
}
