/* concat_dense.c - arrays of obsm under each other, some rows at a time. */
#include "base/util.h"

#include "h5ad/derive/concat_private.h"
#include "h5ad/hdf5/bounded.h"

struct dense_stack {
	struct member_stack *s;
	hid_t type;
	int rank;
	hsize_t dims[H5S_MAX_RANK]; /* of the result */
	hsize_t *widths;            /* per input */
	size_t size, row_bytes;
	char *rows; /* a batch */
};

/* ---- do they go together? ----------------------------------------------------------------- */

static hid_t stored_type(hid_t dataset, bool holes)
{
	hid_t type = H5Dget_type(dataset);

	if (!holes || type < 0 || H5Tget_class(type) == H5T_FLOAT)
		return type;
	bool is_integer = H5Tget_class(type) == H5T_INTEGER;
	H5Tclose(type);
	return is_integer ? H5Tcopy(H5T_IEEE_F64LE) : H5I_INVALID_HID;
}

/* The type so far and one more; 'type' is replaced. */
static bool add_type(struct dense_stack *d, hid_t more)
{
	hid_t both = more < 0 ? H5I_INVALID_HID : concat_type(d->type < 0 ? more : d->type, more);

	h5_close(more);
	h5_close(d->type);
	d->type = both;
	return both >= 0;
}

/* All but the first two dimensions are the same. */
static bool shapes_fit(struct dense_stack *d)
{
	const struct concat *c = d->s->c;
	bool first = true, fit = true;

	for (size_t i = 0; i < c->n && fit; i++) {
		hsize_t dims[H5S_MAX_RANK] = {0};
		hid_t space = d->s->objects[i] < 0 ? -1 : H5Dget_space(d->s->objects[i]);
		if (space < 0)
			continue;
		int rank = H5Sget_simple_extent_ndims(space);
		if (rank > 0)
			H5Sget_simple_extent_dims(space, dims, NULL);
		H5Sclose(space);
		d->widths[i] = rank > 1 ? dims[1] : 1;
		fit = rank > 0 && dims[0] == h5ad_n_cells(c->inputs[i]);
		for (int k = 2; fit && !first && k < rank; k++)
			fit = dims[k] == d->dims[k];
		fit = fit && (first || rank == d->rank);
		if (first || (d->widths[i] < d->dims[1]) != c->outer)
			memcpy(d->dims, dims, sizeof(dims));
		d->rank = rank;
		first = false;
	}
	if (d->rank < 2)
		d->dims[1] = 1;
	d->dims[0] = c->n_cells;
	return fit;
}

static bool types_fit(struct dense_stack *d)
{
	for (size_t i = 0; i < d->s->c->n; i++) {
		hid_t object = d->s->objects[i];
		bool holes = object < 0 || d->widths[i] < d->dims[1];
		if (object >= 0 && !add_type(d, stored_type(object, holes)))
			return false;
		if (object < 0 && !add_type(d, H5Tcopy(H5T_IEEE_F64LE)))
			return false;
	}
	return true;
}

/* ---- rows --------------------------------------------------------------------------------- */

/* What an input lacks is not a number; only floats have holes. */
static void fill_holes(struct dense_stack *d, char *rows, size_t n)
{
	static const uint16_t half = 0x7e00;
	static const uint32_t single = 0x7fc00000;
	static const uint64_t twice = 0x7ff8000000000000;
	const void *nan = d->size == 2   ? (const void *)&half
			  : d->size == 4 ? (const void *)&single
					 : &twice;

	for (size_t at = 0; at < n * d->row_bytes; at += d->size)
		memcpy(rows + at, nan, d->size);
}

static int read_some(struct dense_stack *d, size_t input, size_t first, size_t n, char *to)
{
	hid_t dataset = d->s->objects[input], there = H5Dget_space(dataset), here;
	const hsize_t offset[H5S_MAX_RANK] = {first}, origin[H5S_MAX_RANK] = {0};
	hsize_t count[H5S_MAX_RANK], room[H5S_MAX_RANK];
	herr_t got;

	memcpy(room, d->dims, sizeof(room));
	room[0] = n;
	memcpy(count, room, sizeof(count));
	count[1] = MIN(d->widths[input], d->dims[1]);
	here = H5Screate_simple(d->rank, room, NULL);
	H5Sselect_hyperslab(here, H5S_SELECT_SET, origin, NULL, count, NULL);
	H5Sselect_hyperslab(there, H5S_SELECT_SET, offset, NULL, count, NULL);
	got = h5_read_bounded(dataset, d->type, here, there, to);
	H5Sclose(here);
	H5Sclose(there);
	return got < 0 ? -1 : 0;
}

/* Rows [first, first + n) of the result, from as many inputs as they come from. */
static int read_batch(struct dense_stack *d, size_t first, size_t n, struct err *err)
{
	const struct concat *c = d->s->c;
	size_t before = 0, done = 0;

	for (size_t i = 0; i < c->n && done < n; i++) {
		size_t end = before + h5ad_n_cells(c->inputs[i]), at = first + done;
		if (at < end) {
			size_t some = MIN(n - done, end - at);
			char *to = d->rows + done * d->row_bytes;
			if (d->s->objects[i] < 0 || d->widths[i] < d->dims[1])
				fill_holes(d, to, some);
			if (d->s->objects[i] >= 0 && read_some(d, i, at - before, some, to))
				return h5_failed(err, "%s of %s cannot be read", d->s->where,
						 h5ad_path(c->inputs[i]));
			done += some;
		}
		before = end;
	}
	return 0;
}

static int write_dense(struct dense_stack *d, struct writer *out, struct err *err)
{
	struct put_rows p = {.dataset = H5I_INVALID_HID};
	size_t n_rows = d->dims[0];
	int ret = 0;

	if (writer_place(out, d->s->where, err) ||
	    put_rows_start(&p, out->file, d->s->where, d->type, d->rank, d->dims, &out->encoding,
			   err))
		return writer_failed(out, err);
	d->size = p.size;
	d->row_bytes = p.row_bytes;
	d->rows = mem_alloc(MAX(1, mem_product(p.batch, p.row_bytes)), 1);
	for (size_t row = 0; row < n_rows && p.row_bytes && ret == 0; row += p.batch) {
		size_t n = MIN(p.batch, n_rows - row);
		ret = read_batch(d, row, n, err);
		if (ret == 0 && put_rows_add(&p, d->rows, n, err))
			ret = writer_failed(out, err);
	}
	if (ret == 0 && put_rows_end(&p, "array", err))
		ret = writer_failed(out, err);
	put_rows_release(&p);
	free(d->rows);
	return ret;
}

static void note_columns(const struct dense_stack *d)
{
	bool more = false;

	for (size_t i = 0; i < d->s->c->n; i++)
		more |= d->widths[i] > d->dims[1];
	if (more)
		concat_cut_columns(d->s, d->dims[1]);
}

int concat_dense(struct member_stack *s, struct writer *out, struct err *err)
{
	struct dense_stack d = {.s = s, .type = H5I_INVALID_HID};
	int ret = 1;

	d.widths = mem_zero(s->c->n, sizeof(*d.widths));
	if (shapes_fit(&d) && types_fit(&d)) {
		ret = 0;
		note_columns(&d);
		for (size_t i = 0; i < s->c->n && ret == 0; i++)
			if (s->objects[i] >= 0)
				ret = h5_check_stored(&s->in[i].view.h5, s->objects[i], s->where,
						      err);
		if (ret == 0)
			ret = write_dense(&d, out, err);
	}
	h5_close(d.type);
	free(d.widths);
	return ret;
}
