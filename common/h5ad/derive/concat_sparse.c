/* concat_sparse.c - sparse matrices of obsm under each other, an input at a time, by row. */
#include "base/util.h"

#include "h5ad/derive/concat_private.h"

/* The matrix of an input. It is small beside X, and read whole. */
struct whole {
	const struct h5ad *in;
	const char *where;
	bool by_row;
	size_t n_rows, n_columns, n, size;
	int64_t *starts, *across; /* as stored: of rows, of columns if by_row */
	char *values;
};

static void whole_release(struct whole *m)
{
	free(m->starts);
	free(m->across);
	free(m->values);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* All 'n' of a member, or however many there are when '*n' is SIZE_MAX. */
static void *read_member(const struct whole *m, hid_t group, const char *name, hid_t type,
			 size_t *n, struct err *err)
{
	hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
	uint64_t dims[2] = {0, 0};
	void *values = NULL;

	if (dataset < 0 || h5_shape(dataset, dims) != 1 || (*n != SIZE_MAX && dims[0] != *n)) {
		err_set(err, "%s: %s: its arrays do not fit together", m->in->h5.path, m->where);
	} else if (h5_check_stored(&m->in->h5, dataset, m->where, err) == 0) {
		*n = dims[0];
		values = mem_alloc(MAX(1, *n), H5Tget_size(type));
		if (*n && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
			h5_failed(err, "%s of %s cannot be read", m->where, m->in->h5.path);
			free(values);
			values = NULL;
		}
	}
	h5_close(dataset);
	return values;
}

static int check_whole(const struct whole *m, struct err *err)
{
	size_t n_lines = m->by_row ? m->n_rows : m->n_columns;
	int64_t n_across = (int64_t)(m->by_row ? m->n_columns : m->n_rows);

	if (m->starts[0] != 0 || (size_t)m->starts[n_lines] != m->n)
		return err_set(err, "%s: %s: indptr is damaged", m->in->h5.path, m->where);
	for (size_t i = 0; i < n_lines; i++)
		if (m->starts[i] > m->starts[i + 1])
			return err_set(err, "%s: %s: indptr is damaged", m->in->h5.path, m->where);
	for (size_t i = 0; i < m->n; i++)
		if (m->across[i] < 0 || m->across[i] >= n_across)
			return err_set(err, "%s: %s: index %lld is out of range", m->in->h5.path,
				       m->where, (long long)m->across[i]);
	return 0;
}

/* Turn a matrix stored by column into one stored by row. */
static void turn(struct whole *m)
{
	int64_t *starts = mem_zero(m->n_rows + 1, sizeof(*starts)), *columns;
	char *values = mem_alloc(MAX(1, m->n), m->size);

	MEM_ARRAY(columns, MAX(1, m->n));
	for (size_t i = 0; i < m->n; i++)
		starts[m->across[i] + 1]++;
	for (size_t row = 0; row < m->n_rows; row++)
		starts[row + 1] += starts[row];
	for (size_t column = 0; column < m->n_columns; column++) {
		for (int64_t i = m->starts[column]; i < m->starts[column + 1]; i++) {
			int64_t to = starts[m->across[i]]++;
			columns[to] = (int64_t)column;
			memcpy(values + (size_t)to * m->size, m->values + (size_t)i * m->size,
			       m->size);
		}
	}
	memmove(starts + 1, starts, m->n_rows * sizeof(*starts)); /* each has moved on by a row */
	starts[0] = 0;
	whole_release(m);
	m->starts = starts;
	m->across = columns;
	m->values = values;
	m->by_row = true;
}

static int read_whole(struct whole *m, hid_t group, hid_t type, struct err *err)
{
	size_t n_starts = (m->by_row ? m->n_rows : m->n_columns) + 1;

	m->size = H5Tget_size(type);
	m->n = SIZE_MAX;
	m->starts = read_member(m, group, "indptr", H5T_NATIVE_INT64, &n_starts, err);
	m->values = m->starts ? read_member(m, group, "data", type, &m->n, err) : NULL;
	m->across =
		m->values ? read_member(m, group, "indices", H5T_NATIVE_INT64, &m->n, err) : NULL;
	if (!m->across || check_whole(m, err))
		return -1;
	if (!m->by_row)
		turn(m);
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Values of a row that the result has columns for: all, unless it was cut. */
static size_t keep_columns(struct whole *m, size_t row, size_t n_columns, uint32_t *across)
{
	size_t first = (size_t)m->starts[row], end = (size_t)m->starts[row + 1], kept = 0;

	for (size_t i = first; i < end; i++) {
		if ((size_t)m->across[i] >= n_columns)
			continue;
		across[kept] = (uint32_t)m->across[i];
		memmove(m->values + (first + kept) * m->size, m->values + i * m->size, m->size);
		kept++;
	}
	return kept;
}

static int add_rows(struct sparse_out *o, struct whole *m, size_t n_columns, struct err *err)
{
	uint32_t *across;
	int ret = 0;

	MEM_ARRAY(across, MAX(1, m->n));
	for (size_t row = 0; row < m->n_rows && ret == 0; row++) {
		size_t n = keep_columns(m, row, n_columns, across);
		const char *values = m->values + (size_t)m->starts[row] * m->size;
		ret = sparse_out_add(o, values, across, n, err) || sparse_out_line(o, err) ? -1 : 0;
	}
	free(across);
	return ret;
}

static int add_empty_rows(struct sparse_out *o, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (sparse_out_line(o, err))
			return -1;
	return 0;
}

static int add_input(const struct member_stack *s, size_t i, hid_t type, struct sparse_out *o,
		     struct err *err)
{
	size_t n_rows = h5ad_n_cells(s->c->inputs[i]), shape[2];
	const char *encoding;
	int ret;

	if (s->objects[i] < 0)
		return add_empty_rows(o, n_rows, err);
	encoding = sparse_encoding(s->objects[i]);
	if (!encoding || h5_attr_sizes(s->objects[i], "shape", shape, 2))
		return err_set(err, "%s: %s: its encoding or shape cannot be read",
			       s->in[i].view.h5.path, s->where);
	struct whole m = {.in = &s->in[i].view,
			  .where = s->where,
			  .by_row = str_eq(encoding, "csr_matrix"),
			  .n_rows = n_rows,
			  .n_columns = shape[1]};
	ret = read_whole(&m, s->objects[i], type, err);
	if (ret == 0)
		ret = add_rows(o, &m, s->n_columns, err);
	whole_release(&m);
	return ret;
}

static int write_sparse(const struct member_stack *s, hid_t type, struct writer *out,
			struct err *err)
{
	struct sparse_out *o = NULL;
	int ret = -1;

	if (writer_place(out, s->where, err) == 0)
		o = sparse_out_start(out, s->where, "csr_matrix", type, s->n_columns, err);
	if (o)
		ret = 0;
	for (size_t i = 0; i < s->c->n && ret == 0; i++)
		ret = add_input(s, i, type, o, err);
	if (ret == 0)
		ret = sparse_out_end(o, err);
	else
		sparse_out_free(o);
	return ret ? writer_failed(out, err) : 0;
}

/* ---- do they go together? ----------------------------------------------------------------- */

static hid_t data_type(hid_t group)
{
	hid_t data = H5Dopen2(group, "data", H5P_DEFAULT);
	hid_t type = data < 0 ? H5I_INVALID_HID : H5Dget_type(data);

	h5_close(data);
	return type;
}

/* The type of all values, or -1 when the matrices do not go together; how wide they are. */
static hid_t common_type(struct member_stack *s)
{
	hid_t type = H5I_INVALID_HID;
	bool first = true, fit = true;

	for (size_t i = 0; i < s->c->n && fit; i++) {
		size_t shape[2];
		if (s->objects[i] < 0)
			continue;
		hid_t more = data_type(s->objects[i]);
		hid_t both = more < 0 ? H5I_INVALID_HID : concat_type(first ? more : type, more);
		h5_close(more);
		h5_close(type);
		type = both;
		fit = both >= 0 && !h5_attr_sizes(s->objects[i], "shape", shape, 2) &&
		      shape[0] == h5ad_n_cells(s->c->inputs[i]) && shape[1] <= INT32_MAX;
		if (fit && (first || (shape[1] < s->n_columns) != s->c->outer))
			s->n_columns = shape[1];
		s->widest = fit ? MAX(s->widest, shape[1]) : 0;
		first = false;
	}
	if (fit)
		return type;
	h5_close(type);
	return H5I_INVALID_HID;
}

int concat_sparse(struct member_stack *s, struct writer *out, struct err *err)
{
	hid_t type = common_type(s);
	int ret = 1;

	if (type >= 0) {
		if (s->widest > s->n_columns)
			concat_cut_columns(s, s->n_columns);
		ret = write_sparse(s, type, out, err);
	}

	h5_close(type);
	return ret;
}
