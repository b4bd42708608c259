/* take_array.c - rows and columns taken from arrays that go from file to file.
 *
 * Arrays are read in slabs of a few megabytes and written as they come; of sparse ones the row
 * starts are held, 8 bytes a row.
 */
#include "base/util.h"

#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/bounded.h"
#include "h5ad/writer_private.h"

#define SLAB_BYTES ((size_t)4 << 20)
#define SLAB_STORED ((size_t)1 << 18)

static size_t item(const struct take *t, size_t i)
{
	return t->items ? t->items[i] : i;
}

static int unreadable(const struct h5ad *in, const char *where, struct err *err)
{
	return h5_failed(err, "%s of %s cannot be read", where, in->h5.path);
}

/* ---- dense -------------------------------------------------------------------------------- */

struct dense_taking {
	hid_t dataset, space, type;
	int rank;
	hsize_t dims[H5S_MAX_RANK];
	size_t size, row_bytes;
	size_t first, n_slab; /* rows that 'slab' holds, and may hold */
	size_t n_held;
	char *slab;
	bool vlen;
};

static void reclaim(struct dense_taking *d)
{
	hsize_t dims[H5S_MAX_RANK];

	if (!d->vlen || d->n_held == 0)
		return;
	memcpy(dims, d->dims, sizeof(dims));
	dims[0] = d->n_held;
	hid_t space = H5Screate_simple(d->rank, dims, NULL);
	H5Dvlen_reclaim(d->type, space, H5P_DEFAULT, d->slab);
	H5Sclose(space);
}

static int read_slab(struct dense_taking *d, size_t first)
{
	const hsize_t offset[H5S_MAX_RANK] = {first};
	hsize_t count[H5S_MAX_RANK];

	reclaim(d);
	d->n_held = 0;
	memcpy(count, d->dims, sizeof(count));
	count[0] = MIN(d->n_slab, d->dims[0] - first);
	hid_t memory = H5Screate_simple(d->rank, count, NULL);
	H5Sselect_hyperslab(d->space, H5S_SELECT_SET, offset, NULL, count, NULL);
	herr_t got = h5_read_bounded(d->dataset, d->type, memory, d->space, d->slab);
	h5_close(memory);
	if (got < 0)
		return -1;
	d->first = first;
	d->n_held = count[0];
	return 0;
}

static int copy_row(struct dense_taking *d, size_t row, const struct take *columns, char *to)
{
	if ((row < d->first || row >= d->first + d->n_held) && read_slab(d, row))
		return -1;
	const char *from = d->slab + (row - d->first) * d->row_bytes;
	if (!columns) {
		memcpy(to, from, d->row_bytes);
		return 0;
	}
	size_t size = d->row_bytes / columns->total;
	for (size_t i = 0; i < columns->n; i++)
		memcpy(to + i * size, from + item(columns, i) * size, size);
	return 0;
}

static int take_rows(struct dense_taking *d, struct put_rows *p, const struct h5ad *in,
		     const struct take *rows, const struct take *columns, struct err *err)
{
	size_t batch = d->vlen ? 1 : p->batch; /* strings live in the slab they were read with */
	char *out = mem_alloc(MAX(1, mem_product(batch, p->row_bytes)), 1);
	int ret = 0;

	for (size_t at = 0; at < rows->n && ret == 0; at += batch) {
		size_t n = MIN(batch, rows->n - at);
		for (size_t i = 0; i < n && ret == 0; i++) {
			if (copy_row(d, item(rows, at + i), columns, out + i * p->row_bytes))
				ret = unreadable(in, p->name, err);
		}
		if (ret == 0)
			ret = put_rows_add(p, out, n, err);
	}
	free(out);
	return ret;
}

static int check_extent(const struct h5ad *in, const char *where, const hsize_t *dims, int rank,
			const struct take *rows, const struct take *columns, struct err *err)
{
	if (rank < 1 || dims[0] != rows->total)
		return err_set(err, "%s: %s: has %llu rows, expected %zu", in->h5.path, where,
			       rank < 1 ? 0ULL : (unsigned long long)dims[0], rows->total);
	if (columns && (rank < 2 || dims[1] != columns->total))
		return err_set(err, "%s: %s: has %llu columns, expected %zu", in->h5.path, where,
			       rank < 2 ? 0ULL : (unsigned long long)dims[1], columns->total);
	return 0;
}

int take_dense(struct writer *w, const struct h5ad *in, hid_t dataset, const char *where,
	       const struct take *rows, const struct take *columns, struct err *err)
{
	struct dense_taking d = {.dataset = dataset};
	struct put_rows p = {.dataset = H5I_INVALID_HID};
	hsize_t dims[H5S_MAX_RANK] = {0};
	int ret = -1;

	d.space = H5Dget_space(dataset);
	d.type = H5Dget_type(dataset);
	d.rank = H5Sget_simple_extent_ndims(d.space);
	H5Sget_simple_extent_dims(d.space, d.dims, NULL);
	d.vlen = H5Tis_variable_str(d.type) > 0 || H5Tdetect_class(d.type, H5T_VLEN) > 0;
	d.row_bytes = H5Tget_size(d.type);
	for (int i = 1; i < d.rank; i++)
		d.row_bytes = mem_product(d.row_bytes, d.dims[i]);
	if (check_extent(in, where, d.dims, d.rank, rows, columns, err) ||
	    h5_check_stored(&in->h5, dataset, where, err))
		goto done;
	d.n_slab = MIN(MAX(1, SLAB_BYTES / MAX(1, d.row_bytes)), MAX(1, d.dims[0]));
	d.slab = mem_alloc(MAX(1, mem_product(d.n_slab, d.row_bytes)), 1);
	memcpy(dims, d.dims, sizeof(dims));
	dims[0] = rows->n;
	if (columns)
		dims[1] = columns->n;
	if (put_rows_start(&p, w->file, where, d.type, d.rank, dims, &w->encoding, err) ||
	    (p.row_bytes > 0 && take_rows(&d, &p, in, rows, columns, err)))
		goto done;
	ret = put_rows_end(&p, H5Tget_class(d.type) == H5T_STRING ? "string-array" : "array", err);
done:
	put_rows_release(&p);
	reclaim(&d);
	free(d.slab);
	H5Tclose(d.type);
	H5Sclose(d.space);
	return ret;
}

/* ---- sparse ------------------------------------------------------------------------------- */

struct sparse {
	const struct h5ad *in;
	const char *where;
	hid_t data, indices;
	hid_t type; /* of the values, as stored */
	size_t size;
	size_t n_lines, n_stored; /* rows of CSR, columns of CSC */
	int64_t *starts;
	size_t *place; /* new place of what crosses the lines, SIZE_MAX when it is left out; or NULL
			*/
	size_t n_across;
	char *values; /* a slab, as stored; and its places across the lines, as stored and new */
	int64_t *stored;
	uint32_t *across;
	size_t cap_values, cap_stored, cap_across;
};

static int read_range(hid_t dataset, hid_t type, size_t first, size_t n, void *out)
{
	const hsize_t offset[1] = {first}, count[1] = {n};
	hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, count, NULL);

	H5Sselect_hyperslab(space, H5S_SELECT_SET, offset, NULL, count, NULL);
	herr_t got = n ? H5Dread(dataset, type, memory, space, H5P_DEFAULT, out) : 0;
	h5_close(memory);
	h5_close(space);
	return got < 0 ? -1 : 0;
}

static size_t length_of(hid_t dataset)
{
	uint64_t dims[2] = {0, 0};

	return h5_shape(dataset, dims) == 1 ? dims[0] : 0;
}

/* Open the three arrays and check the starts of the lines. */
static int open_sparse(struct sparse *s, hid_t group, struct err *err)
{
	hid_t starts = H5Dopen2(group, "indptr", H5P_DEFAULT);
	int ret = -1;

	s->data = H5Dopen2(group, "data", H5P_DEFAULT);
	s->indices = H5Dopen2(group, "indices", H5P_DEFAULT);
	if (s->data < 0 || s->indices < 0 || starts < 0) {
		unreadable(s->in, s->where, err);
		goto done;
	}
	s->type = H5Dget_type(s->data);
	s->size = H5Tget_size(s->type);
	s->n_stored = length_of(s->data);
	if (length_of(s->indices) != s->n_stored || length_of(starts) != s->n_lines + 1 ||
	    s->size > 8) {
		err_set(err, "%s: %s: its arrays do not fit together", s->in->h5.path, s->where);
		goto done;
	}
	if (h5_check_stored(&s->in->h5, starts, s->where, err))
		goto done;
	MEM_ARRAY(s->starts, s->n_lines + 1);
	if (read_range(starts, H5T_NATIVE_INT64, 0, s->n_lines + 1, s->starts)) {
		unreadable(s->in, s->where, err);
		goto done;
	}
	ret = s->starts[0] == 0 && (size_t)s->starts[s->n_lines] == s->n_stored ? 0 : -1;
	for (size_t i = 0; i < s->n_lines && ret == 0; i++)
		ret = s->starts[i] <= s->starts[i + 1] ? 0 : -1;
	if (ret)
		err_set(err, "%s: %s: indptr is damaged", s->in->h5.path, s->where);
done:
	h5_close(starts);
	return ret;
}

static void release_sparse(struct sparse *s)
{
	h5_close(s->data);
	h5_close(s->indices);
	h5_close(s->type);
	free(s->starts);
	free(s->place);
	free(s->values);
	free(s->stored);
	free(s->across);
}

/* Stored values [first, first + n) of a line: those that stay, under their new places. */
static int copy_stored(struct sparse *s, size_t first, size_t n, struct sparse_out *out,
		       struct err *err)
{
	size_t kept = 0;

	MEM_GROW(s->stored, n, s->cap_stored);
	MEM_GROW(s->across, n, s->cap_across);
	MEM_GROW(s->values, n * s->size, s->cap_values);
	if (read_range(s->data, s->type, first, n, s->values) ||
	    read_range(s->indices, H5T_NATIVE_INT64, first, n, s->stored))
		return unreadable(s->in, s->where, err);
	for (size_t i = 0; i < n; i++) {
		if (s->stored[i] < 0 || (size_t)s->stored[i] >= s->n_across)
			return err_set(err, "%s: %s: index %lld is out of range", s->in->h5.path,
				       s->where, (long long)s->stored[i]);
		size_t to = s->place ? s->place[s->stored[i]] : (size_t)s->stored[i];
		if (to == SIZE_MAX)
			continue;
		s->across[kept] = (uint32_t)to;
		memmove(s->values + kept * s->size, s->values + i * s->size, s->size);
		kept++;
	}
	return sparse_out_add(out, s->values, s->across, kept, err);
}

static int copy_line(struct sparse *s, size_t line, struct sparse_out *out, struct err *err)
{
	size_t end = (size_t)s->starts[line + 1];

	for (size_t at = (size_t)s->starts[line]; at < end; at += SLAB_STORED) {
		if (copy_stored(s, at, MIN(SLAB_STORED, end - at), out, err))
			return -1;
	}
	return sparse_out_line(out, err);
}

static int copy_lines(struct sparse *s, struct sparse_out *out, const struct take *lines,
		      struct err *err)
{
	for (size_t i = 0; i < lines->n; i++) {
		if (copy_line(s, item(lines, i), out, err)) {
			sparse_out_free(out);
			return -1;
		}
	}
	return sparse_out_end(out, err);
}

static size_t *places(const struct take *across)
{
	size_t *place;

	if (!across || !across->items)
		return NULL;
	MEM_ARRAY(place, across->total);
	for (size_t i = 0; i < across->total; i++)
		place[i] = SIZE_MAX;
	for (size_t i = 0; i < across->n; i++)
		place[across->items[i]] = i;
	return place;
}

int take_sparse(struct writer *w, const struct h5ad *in, hid_t group, const char *where,
		const struct take *rows, const struct take *columns, struct err *err)
{
	const char *encoding = sparse_encoding(group);
	bool by_row = encoding && str_eq(encoding, "csr_matrix");
	size_t shape[2];
	int ret = -1;

	if (!encoding)
		return err_set(err, "%s: %s: its encoding cannot be read", in->h5.path, where);
	if (h5_attr_sizes(group, "shape", shape, 2))
		return err_set(err, "%s: %s: has no shape", in->h5.path, where);
	const hsize_t dims[2] = {shape[0], shape[1]};
	if (check_extent(in, where, dims, 2, rows, columns, err))
		return -1;
	struct take all = {NULL, shape[1], shape[1]};
	columns = columns ? columns : &all;
	struct sparse s = {.in = in, .where = where, .data = -1, .indices = -1, .type = -1};
	s.n_lines = by_row ? shape[0] : shape[1];
	s.n_across = by_row ? shape[1] : shape[0];
	if (s.n_across > INT32_MAX)
		return err_set(err, "%s: %s: is too wide", in->h5.path, where);
	if (!open_sparse(&s, group, err)) {
		const struct take *lines = by_row ? rows : columns;
		const struct take *across = by_row ? columns : rows;
		s.place = places(across);
		struct sparse_out *out =
			sparse_out_start(w, where, encoding, s.type, across->n, err);
		ret = out ? copy_lines(&s, out, lines, err) : -1;
	}
	release_sparse(&s);
	return ret;
}
