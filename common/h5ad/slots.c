/* slots.c - the matrices of a file: where they are, how they are stored, whether they fit. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/h5ad_private.h"

/* What a slot should be, from the frames. */
struct expected_slot {
	const char *name, *path;
	size_t n_cells, n_genes;
};

static int wrong(const struct h5ad *f, const char *path, const char *what, struct err *err)
{
	return err_set(err, "%s: %s: %s", f->h5.path, path, what);
}

static int check_shape(const struct h5ad *f, const struct expected_slot *e, const size_t *shape,
		       struct err *err)
{
	const char *var = str_eq(e->name, "raw") ? f->raw_var_path : "/var";

	if (shape[0] != e->n_cells)
		return err_set(err, "%s: %s: has %zu cells, but obs has %zu", f->h5.path, e->path,
			       shape[0], e->n_cells);
	if (shape[1] != e->n_genes)
		return err_set(err, "%s: %s: has %zu genes, but %s has %zu", f->h5.path, e->path,
			       shape[1], var + 1, e->n_genes);
	if (shape[1] > INT32_MAX)
		return err_set(err, "%s: %s: %zu genes are more than can be read", f->h5.path,
			       e->path, shape[1]);
	return 0;
}

static int read_number_type(const struct h5ad *f, hid_t dataset, const char *path, struct slot *s,
			    struct err *err)
{
	hid_t type = H5Dget_type(dataset);

	s->type = type < 0 ? "" : h5_type_name(type, &s->integers);
	h5_close(type);
	s->compression = h5_compression(dataset);
	if (!*s->type || str_eq(s->type, "string"))
		return wrong(f, path, "the values are not numbers of a type that can be read", err);
	return 0;
}

static int dense_slot(const struct h5ad *f, hid_t dataset, const struct expected_slot *e,
		      struct slot *s, struct err *err)
{
	uint64_t dims[2];
	int rank = h5_shape(dataset, dims);

	if (rank != 2)
		return err_set(err, "%s: %s: has %d dimensions instead of 2", f->h5.path, e->path,
			       rank);
	s->storage = SLOT_DENSE;
	s->n_cells = dims[0];
	s->n_genes = dims[1];
	if (check_shape(f, e, (size_t[]){dims[0], dims[1]}, err))
		return -1;
	if (__builtin_mul_overflow(s->n_cells, s->n_genes, &s->n_stored))
		return wrong(f, e->path, "its shape is impossible", err);
	return read_number_type(f, dataset, e->path, s, err);
}

/* ---- sparse ------------------------------------------------------------------------------- */

/* The length of a one-dimensional dataset of a sparse matrix; integers if 'indices'. */
static hid_t open_part(const struct h5ad *f, const struct expected_slot *e, const char *part,
		       uint64_t *n, struct err *err)
{
	char *path = mem_printf("%s/%s", e->path, part);
	hid_t dataset = h5_open(&f->h5, path, err);
	uint64_t dims[2];

	if (dataset >= 0 && (!h5_is_dataset(dataset) || h5_shape(dataset, dims) != 1)) {
		wrong(f, path, "is not a one-dimensional array", err);
		h5_close(dataset);
		dataset = H5I_INVALID_HID;
	}
	*n = dataset < 0 ? 0 : dims[0];
	free(path);
	return dataset;
}

static int read_at(hid_t dataset, hsize_t at, int64_t *value)
{
	hsize_t one = 1;
	hid_t from = H5Dget_space(dataset), to = H5Screate_simple(1, &one, NULL);
	herr_t got = H5Sselect_hyperslab(from, H5S_SELECT_SET, &at, NULL, &one, NULL);

	if (got >= 0)
		got = H5Dread(dataset, H5T_NATIVE_INT64, to, from, H5P_DEFAULT, value);
	h5_close(from);
	h5_close(to);
	return got < 0 ? -1 : 0;
}

/* The first and last row start: the stored values are the ones between them. */
static int check_starts(const struct h5ad *f, const struct expected_slot *e, hid_t starts,
			uint64_t n_rows, uint64_t n_stored, struct slot *s, struct err *err)
{
	char reason[200];
	int64_t first, last;

	if (read_at(starts, 0, &first) || read_at(starts, n_rows, &last))
		return err_set(err, "%s: %s/indptr: cannot be read (%s)", f->h5.path, e->path,
			       h5_reason(reason, sizeof(reason)));
	if (first != 0)
		return err_set(err, "%s: %s/indptr: begins with %lld instead of 0", f->h5.path,
			       e->path, (long long)first);
	if (last < 0 || (uint64_t)last > n_stored)
		return err_set(err, "%s: %s/indptr: ends with %lld, but %llu values are stored",
			       f->h5.path, e->path, (long long)last, (unsigned long long)n_stored);
	s->n_stored = (size_t)last;
	return 0;
}

static bool has_integers(hid_t dataset)
{
	hid_t type = H5Dget_type(dataset);
	bool yes = type >= 0 && H5Tget_class(type) == H5T_INTEGER;

	h5_close(type);
	return yes;
}

static int check_parts(const struct h5ad *f, const struct expected_slot *e, struct slot *s,
		       struct err *err)
{
	uint64_t n_values, n_indices, n_starts;
	uint64_t n_rows = s->storage == SLOT_CSR ? s->n_cells : s->n_genes;
	hid_t values = open_part(f, e, "data", &n_values, err);
	hid_t indices = open_part(f, e, "indices", &n_indices, err);
	hid_t starts = open_part(f, e, "indptr", &n_starts, err);
	int ret = -1;

	if (values < 0 || indices < 0 || starts < 0)
		goto out;
	if (n_values != n_indices)
		err_set(err, "%s: %s: data has %llu values, but indices has %llu", f->h5.path,
			e->path, (unsigned long long)n_values, (unsigned long long)n_indices);
	else if (n_starts != n_rows + 1)
		err_set(err, "%s: %s/indptr: has %llu values instead of %llu (%s and one)",
			f->h5.path, e->path, (unsigned long long)n_starts,
			(unsigned long long)n_rows + 1, s->storage == SLOT_CSR ? "cells" : "genes");
	else if (!has_integers(indices) || !has_integers(starts))
		wrong(f, e->path, "indices and indptr must be integers", err);
	else if (!read_number_type(f, values, e->path, s, err))
		ret = check_starts(f, e, starts, n_rows, n_values, s, err);
out:
	h5_close(values);
	h5_close(indices);
	h5_close(starts);
	return ret;
}

static int read_storage(const struct h5ad *f, hid_t group, const char *path, struct slot *s,
			struct err *err)
{
	char *kind = h5_attr_string(group, "encoding-type");
	int ret = 0;

	if (!kind)
		kind = h5_attr_string(group, "h5sparse_format");
	if (kind && str_starts(kind, "csr"))
		s->storage = SLOT_CSR;
	else if (kind && str_starts(kind, "csc"))
		s->storage = SLOT_CSC;
	else
		ret = err_set(err, "%s: %s: is %s, not a matrix that can be read", f->h5.path, path,
			      kind ? kind : "a group of no known kind");
	free(kind);
	return ret;
}

static int sparse_slot(const struct h5ad *f, hid_t group, const struct expected_slot *e,
		       struct slot *s, struct err *err)
{
	size_t shape[2];

	if (read_storage(f, group, e->path, s, err))
		return -1;
	if (h5_attr_sizes(group, "shape", shape, 2) &&
	    h5_attr_sizes(group, "h5sparse_shape", shape, 2))
		return wrong(f, e->path, "its shape is missing or damaged", err);
	if (check_shape(f, e, shape, err))
		return -1;
	s->n_cells = shape[0];
	s->n_genes = shape[1];
	return check_parts(f, e, s, err);
}

/* ---- all ---------------------------------------------------------------------------------- */

/* 1 when there is a matrix at the path, 0 when there is None. */
static int fill_slot(struct h5ad *f, const struct expected_slot *e, struct slot *s, struct err *err)
{
	hid_t object = h5_open(&f->h5, e->path, err);
	int ret = -1;

	if (object < 0)
		return -1;
	*s = (struct slot){.name = e->name, .path = e->path};
	if (h5_attr_is(object, "encoding-type", "null")) /* how None is written */
		ret = 0;
	else if (h5_is_dataset(object))
		ret = dense_slot(f, object, e, s, err) ? -1 : 1;
	else if (h5_is_group(object))
		ret = sparse_slot(f, object, e, s, err) ? -1 : 1;
	else
		wrong(f, e->path, "is not a matrix", err);
	h5_close(object);
	return ret;
}

static int add_slot(struct h5ad *f, const struct expected_slot *e, struct err *err)
{
	int got = fill_slot(f, e, &f->slots[f->n_slots], err);

	f->n_slots += got > 0;
	return got < 0 ? -1 : 0;
}

static char *keep(struct h5ad *f, const char *prefix, const char *name)
{
	char *joined = mem_printf("%s%s", prefix, name);
	char *kept = arena_str(&f->h5.arena, joined, strlen(joined));

	free(joined);
	return kept;
}

int find_slots(struct h5ad *f, struct err *err)
{
	struct members layers;
	size_t n_cells = f->obs->n_rows, n_genes = f->var->n_rows;

	if (list_members(&f->h5, "/layers", &layers, err))
		return -1;
	MEM_ZERO(f->slots, layers.n + 2);
	if (h5_exists(f->h5.file, "/X") &&
	    add_slot(f, &(struct expected_slot){"X", "/X", n_cells, n_genes}, err))
		return -1;
	if (f->raw_path &&
	    add_slot(f, &(struct expected_slot){"raw", f->raw_path, n_cells, f->raw_var->n_rows},
		     err))
		return -1;
	for (size_t i = 0; i < layers.n; i++) {
		struct expected_slot e = {keep(f, "layers/", layers.names[i]),
					  keep(f, "/layers/", layers.names[i]), n_cells, n_genes};
		if (add_slot(f, &e, err))
			return -1;
	}
	return 0;
}

size_t h5ad_n_slots(const struct h5ad *f)
{
	return f->n_slots;
}

const struct slot *h5ad_slot_at(const struct h5ad *f, size_t i)
{
	return &f->slots[i];
}

const struct slot *h5ad_slot(const struct h5ad *f, const char *name, struct err *err)
{
	struct text list = TEXT_INIT;

	for (size_t i = 0; i < f->n_slots; i++)
		if (str_eq(f->slots[i].name, name))
			return &f->slots[i];
	for (size_t i = 0; i < f->n_slots && list.len < 600; i++)
		text_add(&list, "%s%s", i ? ", " : "", f->slots[i].name);
	err_set(err, "%s: has no %s; %s%s", f->h5.path, name,
		list.len ? "there are: " : "there is no matrix at all", list.s);
	text_release(&list);
	return NULL;
}

struct frame *h5ad_slot_var(struct h5ad *f, const struct slot *slot)
{
	return str_eq(slot->name, "raw") ? f->raw_var : f->var;
}

int h5ad_obsp_slot(struct h5ad *f, const char *name, struct slot *slot, struct err *err)
{
	const struct members *obsp = &f->members[IN_OBSP];
	struct expected_slot e = {name, NULL, f->obs->n_rows, f->obs->n_rows};

	for (size_t i = 0; i < obsp->n; i++)
		if (str_eq(obsp->names[i], name))
			e.path = keep(f, "/obsp/", name);
	if (!e.path)
		return err_no_name(err, f->h5.path, "obsp", name, (const char *const *)obsp->names,
				   obsp->n);
	switch (fill_slot(f, &e, slot, err)) {
	case 1:
		return 0;
	case 0:
		return wrong(f, e.path, "holds no matrix", err);
	default:
		return -1;
	}
}
