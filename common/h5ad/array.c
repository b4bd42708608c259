/* array.c - one-dimensional arrays of a file, read whole and checked. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/array.h"

#define STRINGS_A_TIME ((size_t)4096)

/* ---- opening ------------------------------------------------------------------------------ */

/* h5py's booleans: one byte, FALSE and TRUE. */
static bool is_bool(hid_t type)
{
	int8_t no = -1, yes = -1;

	return H5Tget_size(type) == 1 && H5Tenum_valueof(type, "FALSE", &no) >= 0 &&
	       H5Tenum_valueof(type, "TRUE", &yes) >= 0 && no == 0 && yes == 1;
}

static void look_at_type(struct array *a)
{
	size_t size = H5Tget_size(a->type);

	a->kind = ARRAY_OTHER;
	a->width = (uint8_t)MIN(size, (size_t)255);
	switch (H5Tget_class(a->type)) {
	case H5T_STRING:
		a->kind = ARRAY_STRING;
		break;
	case H5T_INTEGER:
		if (size == 1 || size == 2 || size == 4 || size == 8)
			a->kind = ARRAY_INT;
		a->is_unsigned = H5Tget_sign(a->type) == H5T_SGN_NONE;
		break;
	case H5T_FLOAT:
		a->kind = ARRAY_FLOAT;
		break;
	case H5T_ENUM:
		if (is_bool(a->type))
			a->kind = ARRAY_BOOL;
		break;
	default:
		break;
	}
	H5Eclear2(H5E_DEFAULT);
}

/* The dataset's type, or that of a field in it. */
static hid_t element_type(const struct array *a)
{
	hid_t type = H5Dget_type(a->dataset);

	if (!a->field || type < 0)
		return type;
	int at = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, a->field) : -1;
	hid_t member = at < 0 ? -1 : H5Tget_member_type(type, (unsigned)at);
	h5_close(type);
	return member;
}

int array_of(struct array *a, const struct h5ad *f, hid_t dataset, const char *path,
	     const char *field, struct err *err)
{
	uint64_t dims[2];

	*a = (struct array){.file = f, .dataset = dataset, .type = H5I_INVALID_HID};
	a->path = field ? mem_printf("%s.%s", path, field) : mem_str(path);
	a->field = field ? mem_str(field) : NULL;
	if (dataset < 0)
		return -1;
	int rank = h5_is_dataset(dataset) ? h5_shape(dataset, dims) : -1;
	if (rank != 0 && rank != 1)
		return err_set(err, "%s: %s: is not a one-dimensional array", f->path, a->path);
	a->n = rank ? dims[0] : 1;
	a->type = element_type(a);
	if (a->type < 0)
		return err_set(err, "%s: %s: its type cannot be read", f->path, a->path);
	look_at_type(a);
	return 0;
}

int array_open(struct array *a, const struct h5ad *f, const char *path, const char *field,
	       struct err *err)
{
	return array_of(a, f, h5_open(f, path, err), path, field, err);
}

void array_close(struct array *a)
{
	h5_close(a->type);
	h5_close(a->dataset);
	free(a->field);
	free(a->path);
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* What H5Dread is to make: 'element', alone or as the one field of a compound. */
static hid_t memory_type(const struct array *a, hid_t element)
{
	if (!a->field)
		return H5Tcopy(element);
	hid_t compound = H5Tcreate(H5T_COMPOUND, H5Tget_size(element));
	if (compound >= 0)
		H5Tinsert(compound, a->field, 0, element);
	return compound;
}

static int unreadable(const struct array *a, struct err *err)
{
	char reason[200];

	return err_set(err, "%s: %s: cannot be read (%s)", a->file->path, a->path,
		       h5_reason(reason, sizeof(reason)));
}

static int check(const struct array *a, enum array_kind kind, const char *what, struct err *err)
{
	if (a->kind != kind)
		return err_set(err, "%s: %s: is not an array of %s", a->file->path, a->path, what);
	return h5_check_stored(a->file, a->dataset, a->path, err);
}

static int read_all(const struct array *a, hid_t element, void *out, struct err *err)
{
	hid_t memory = memory_type(a, element);
	herr_t got = memory < 0 || a->n == 0
			     ? memory < 0 ? -1 : 0
			     : H5Dread(a->dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);

	h5_close(memory);
	return got < 0 ? unreadable(a, err) : 0;
}

int array_ints(const struct array *a, int64_t *out, struct err *err)
{
	if (check(a, ARRAY_INT, "integers", err))
		return -1;
	return read_all(a, array_is_u64(a) ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64, out, err);
}

int array_floats(const struct array *a, double *out, struct err *err)
{
	if (check(a, ARRAY_FLOAT, "numbers", err))
		return -1;
	return read_all(a, H5T_NATIVE_DOUBLE, out, err);
}

int array_bools(const struct array *a, uint8_t *out, struct err *err)
{
	if (check(a, ARRAY_BOOL, "booleans", err) || read_all(a, a->type, out, err))
		return -1;
	for (size_t i = 0; i < a->n; i++)
		if (out[i] > 1)
			return err_set(err, "%s: %s: row %zu: %d is not a boolean", a->file->path,
				       a->path, i, out[i]);
	return 0;
}

/* ---- strings ------------------------------------------------------------------------------ */

/* Strings come in runs, so that HDF5's copies of them stay small. */
struct run {
	const struct array *a;
	hid_t memory, rows, room; /* memory type; the dataset's rows; the run's */
	bool variable, spaces;
	size_t size, first, n;
	char *bytes;
	uint64_t total; /* bytes of all strings so far */
};

static int run_open(struct run *r, const struct array *a)
{
	hid_t element = H5I_INVALID_HID;

	*r = (struct run){.a = a, .rows = H5I_INVALID_HID, .room = H5I_INVALID_HID};
	r->variable = H5Tis_variable_str(a->type) > 0;
	r->spaces = H5Tget_strpad(a->type) == H5T_STR_SPACEPAD;
	if (r->variable) {
		element = H5Tcopy(H5T_C_S1);
		H5Tset_size(element, H5T_VARIABLE);
		H5Tset_cset(element, H5Tget_cset(a->type));
	} else {
		element = H5Tcopy(a->type);
	}
	r->size = r->variable ? sizeof(char *) : H5Tget_size(a->type);
	r->memory = memory_type(a, element);
	h5_close(element);
	r->rows = H5Dget_space(a->dataset);
	if (r->memory < 0 || r->rows < 0 || r->size == 0)
		return -1;
	r->bytes = mem_alloc(MIN(MAX(a->n, 1), STRINGS_A_TIME), r->size);
	return 0;
}

static void run_close(struct run *r)
{
	h5_close(r->memory);
	h5_close(r->rows);
	h5_close(r->room);
	free(r->bytes);
}

/* Read rows [first, first + n). A scalar has nothing to select. */
static int run_read(struct run *r)
{
	hsize_t first = r->first, n = r->n;
	bool scalar = H5Sget_simple_extent_ndims(r->rows) == 0;

	h5_close(r->room);
	r->room = H5Screate_simple(1, &n, NULL);
	if (!scalar && H5Sselect_hyperslab(r->rows, H5S_SELECT_SET, &first, NULL, &n, NULL) < 0)
		return -1;
	memset(r->bytes, 0, r->n * r->size);
	return H5Dread(r->a->dataset, r->memory, r->room, r->rows, H5P_DEFAULT, r->bytes) < 0 ? -1
											      : 0;
}

static size_t fixed_length(const struct run *r, const char *s)
{
	size_t n = strnlen(s, r->size);

	while (r->spaces && n && s[n - 1] == ' ')
		n--;
	return n;
}

static int keep_string(struct run *r, size_t i, struct arena *arena, char **out, struct err *err)
{
	const struct array *a = r->a;
	const char *s = r->bytes + i * r->size;
	size_t n;

	if (r->variable)
		memcpy(&s, r->bytes + i * r->size, sizeof(s));
	if (!s)
		s = "";
	n = r->variable ? strlen(s) : fixed_length(r, s);
	if (!utf8_valid(s, n))
		return err_set(err, "%s: %s: row %zu: the text is not UTF-8", a->file->path,
			       a->path, r->first + i);
	r->total += n;
	if (r->variable && r->total > a->file->n_bytes)
		return err_set(err, "%s: %s: row %zu: the strings are longer than the file",
			       a->file->path, a->path, r->first + i);
	out[r->first + i] = arena_str(arena, s, n);
	return 0;
}

static int keep_run(struct run *r, struct arena *arena, char **out, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < r->n && !ret; i++)
		ret = keep_string(r, i, arena, out, err);
	if (r->variable)
		H5Dvlen_reclaim(r->memory, r->room, H5P_DEFAULT, r->bytes);
	return ret;
}

int array_strings(const struct array *a, struct arena *arena, char **out, struct err *err)
{
	struct run r;
	int ret = check(a, ARRAY_STRING, "strings", err);

	if (ret)
		return ret;
	if (run_open(&r, a))
		ret = unreadable(a, err);
	while (!ret && r.first < a->n) {
		r.n = MIN(a->n - r.first, STRINGS_A_TIME);
		ret = run_read(&r) ? unreadable(a, err) : keep_run(&r, arena, out, err);
		r.first += r.n;
	}
	run_close(&r);
	return ret;
}

/* ---- text of anything --------------------------------------------------------------------- */

static int read_column(const struct array *a, struct column *c, struct err *err)
{
	switch (a->kind) {
	case ARRAY_INT:
		*c = (struct column){.kind = COLUMN_INT,
				     .n = a->n,
				     .width = a->width,
				     .is_unsigned = a->is_unsigned};
		return array_ints(a, MEM_ARRAY(c->ints, a->n), err);
	case ARRAY_FLOAT:
		*c = (struct column){.kind = COLUMN_FLOAT, .n = a->n, .width = a->width};
		return array_floats(a, MEM_ARRAY(c->floats, a->n), err);
	case ARRAY_BOOL:
		*c = (struct column){.kind = COLUMN_BOOL, .n = a->n};
		return array_bools(a, MEM_ARRAY(c->bools, a->n), err);
	default:
		*c = (struct column){.kind = COLUMN_STRING};
		return err_set(err, "%s: %s: values of this type cannot be read", a->file->path,
			       a->path);
	}
}

int array_texts(const struct array *a, struct arena *arena, char **out, struct err *err)
{
	struct text scratch = TEXT_INIT;
	struct column c = {.name = NULL};

	if (a->kind == ARRAY_STRING)
		return array_strings(a, arena, out, err);
	int ret = h5_check_stored(a->file, a->dataset, a->path, err);
	if (!ret)
		ret = read_column(a, &c, err);
	for (size_t i = 0; !ret && i < a->n; i++) {
		const char *s = column_text(&c, i, &scratch);
		out[i] = arena_str(arena, s, strlen(s));
	}
	column_release(&c);
	text_release(&scratch);
	return ret;
}
