/* sparse_out.c - sparse matrices into a file, line by line. */
#include "base/util.h"

#include "h5ad/h5ad_private.h"
#include "h5ad/sparse_out.h"
#include "h5ad/writer_private.h"

struct sparse_out {
	struct writer *w;
	hid_t group;
	char *where;
	bool by_row;
	size_t n_lines, n_across, n_stored;
	struct series data, indices, starts;
	bool wide; /* line starts have outgrown 32 bits */
};

/* ---- line starts -------------------------------------------------------------------------- */

static int put_start(struct sparse_out *o, size_t start, struct err *err)
{
	const int32_t narrow = (int32_t)start;
	const int64_t wide = (int64_t)start;

	return series_add(&o->starts, o->wide ? (const void *)&wide : (const void *)&narrow, 1,
			  err);
}

/* Copy the starts written so far to a wider dataset, some at a time. */
static int copy_starts(struct sparse_out *o, hid_t narrow, struct err *err)
{
	size_t n = o->n_lines + 1, step = (size_t)1 << 16;
	hid_t space = H5Dget_space(narrow);
	int64_t *values;
	int ret = 0;

	MEM_ARRAY(values, step);
	for (size_t at = 0; at < n && ret == 0; at += step) {
		const hsize_t offset[1] = {at}, count[1] = {MIN(step, n - at)};
		hid_t memory = H5Screate_simple(1, count, NULL);
		H5Sselect_hyperslab(space, H5S_SELECT_SET, offset, NULL, count, NULL);
		herr_t got = H5Dread(narrow, H5T_STD_I64LE, memory, space, H5P_DEFAULT, values);
		H5Sclose(memory);
		if (got < 0 || series_add(&o->starts, values, count[0], err))
			ret = -1;
	}
	free(values);
	h5_close(space);
	return ret;
}

static int widen_starts(struct sparse_out *o, struct err *err)
{
	int ret = -1;

	if (series_end(&o->starts, err) || behind_drain(o->w->behind, err) ||
	    H5Lmove(o->group, "indptr", o->group, "narrow", H5P_DEFAULT, H5P_DEFAULT) < 0)
		return h5_failed(err, "'%s/indptr' cannot be widened", o->where);
	o->starts = series_start(o->w->queue, o->group, "indptr", H5T_STD_I64LE);
	o->wide = true;
	hid_t narrow = H5Dopen2(o->group, "narrow", H5P_DEFAULT);
	if (narrow >= 0 && !copy_starts(o, narrow, err))
		ret = H5Ldelete(o->group, "narrow", H5P_DEFAULT) < 0 ? -1 : 0;
	h5_close(narrow);
	return ret ? h5_failed(err, "'%s/indptr' cannot be widened", o->where) : 0;
}

static int end_line_at(struct sparse_out *o, size_t start, struct err *err)
{
	if (start > o->w->narrow_max && !o->wide && widen_starts(o, err))
		return -1;
	o->n_lines++;
	return put_start(o, start, err);
}

int sparse_out_line(struct sparse_out *o, struct err *err)
{
	return end_line_at(o, o->n_stored, err);
}

/* ---- values ------------------------------------------------------------------------------- */

static int put_indices(struct sparse_out *o, const uint32_t *across, size_t n, struct err *err)
{
	if (o->indices.size == sizeof(*across))
		return series_add(&o->indices, across, n, err);
	for (size_t i = 0; i < n; i++) {
		const int64_t wide = across[i];
		if (series_add(&o->indices, &wide, 1, err))
			return -1;
	}
	return 0;
}

/* No more than fit the chunk at hand, so that both series hand theirs on in step. */
static int put_values(struct sparse_out *o, const void *values, const uint32_t *across, size_t n,
		      struct err *err)
{
	o->n_stored += n;
	return series_add(&o->data, values, n, err) || put_indices(o, across, n, err) ? -1 : 0;
}

static const void *value_at(const struct sparse_out *o, const void *values, size_t i)
{
	return (const char *)values + i * o->data.size;
}

int sparse_out_add(struct sparse_out *o, const void *values, const uint32_t *across, size_t n,
		   struct err *err)
{
	for (size_t at = 0, take; at < n; at += take) {
		take = MIN(n - at, series_room(&o->data));
		if (put_values(o, value_at(o, values, at), across + at, take, err))
			return -1;
	}
	return 0;
}

int sparse_out_lines(struct sparse_out *o, const void *values, const uint32_t *across,
		     const size_t *starts, size_t n_lines, struct err *err)
{
	size_t base = o->n_stored, n = starts[n_lines], line = 0, at = 0;

	for (;;) {
		for (; line < n_lines && starts[line + 1] <= at; line++)
			if (end_line_at(o, base + starts[line + 1], err))
				return -1;
		if (at == n)
			return 0;
		size_t take = MIN(n - at, series_room(&o->data));
		if (put_values(o, value_at(o, values, at), across + at, take, err))
			return -1;
		at += take;
	}
}

/* ---- its life ----------------------------------------------------------------------------- */

struct sparse_out *sparse_out_start(struct writer *w, const char *where, const char *encoding,
				    hid_t type, size_t n_across, struct err *err)
{
	struct sparse_out *o = mem_zero(1, sizeof(*o));

	o->w = w;
	o->where = mem_str(where);
	o->by_row = str_eq(encoding, "csr_matrix");
	o->n_across = n_across;
	o->group = put_group(w->file, where, encoding, "0.1.0", err);
	if (o->group < 0) {
		sparse_out_free(o);
		return NULL;
	}
	o->data = series_start(w->queue, o->group, "data", type);
	o->indices = series_start(w->queue, o->group, "indices",
				  n_across > INT32_MAX ? H5T_STD_I64LE : H5T_STD_I32LE);
	o->starts = series_start(w->queue, o->group, "indptr", H5T_STD_I32LE);
	if (put_start(o, 0, err)) {
		sparse_out_free(o);
		return NULL;
	}
	return o;
}

int sparse_out_end(struct sparse_out *o, struct err *err)
{
	const size_t shape[2] = {o->by_row ? o->n_lines : o->n_across,
				 o->by_row ? o->n_across : o->n_lines};
	int ret = series_end(&o->data, err) || series_end(&o->indices, err) ||
				  series_end(&o->starts, err) ||
				  put_attr_sizes(o->group, "shape", shape, 2, err)
			  ? -1
			  : 0;

	sparse_out_free(o);
	return ret;
}

void sparse_out_free(struct sparse_out *o)
{
	if (!o)
		return;
	series_release(&o->data);
	series_release(&o->indices);
	series_release(&o->starts);
	h5_close(o->group);
	free(o->where);
	free(o);
}
