/* array_text.c - text from arrays of a file; see array.h. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/array_private.h"

#define STRINGS_A_TIME ((size_t)4096)

/* Strings come in runs, so that HDF5's copies of them stay small. */
struct run {
	struct array *a;
	hid_t memory; /* type */
	bool variable, spaces;
	size_t size, first, n; /* 'first' counts from the part's beginning */
	char *bytes;
};

static int run_open(struct run *r, struct array *a)
{
	hid_t element = H5I_INVALID_HID;

	*r = (struct run){.a = a};
	r->variable = H5Tis_variable_str(a->type) > 0;
	r->spaces = H5Tget_strpad(a->type) == H5T_STR_SPACEPAD;
	if (r->variable) {
		element = H5Tcopy(H5T_C_S1);
		if (H5Tset_size(element, H5T_VARIABLE) < 0 ||
		    H5Tset_cset(element, H5Tget_cset(a->type)) < 0) {
			h5_close(element);
			element = H5I_INVALID_HID;
		}
	} else {
		element = H5Tcopy(a->type);
	}
	r->size = r->variable ? sizeof(char *) : H5Tget_size(a->type);
	r->memory = array_memory_type(a, element);
	h5_close(element);
	if (r->memory < 0 || r->size == 0)
		return -1;
	r->bytes = mem_alloc(MIN(MAX(a->n, 1), STRINGS_A_TIME), r->size);
	return 0;
}

static void run_close(struct run *r)
{
	h5_close(r->memory);
	free(r->bytes);
}

static bool run_read(struct run *r)
{
	memset(r->bytes, 0, r->n * r->size);
	return array_read_rows(r->a, r->memory, r->a->from + r->first, r->n, r->bytes);
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
	struct array *a = r->a;
	const char *s = r->bytes + i * r->size;
	size_t n, row = a->from + r->first + i;

	if (r->variable)
		memcpy(&s, r->bytes + i * r->size, sizeof(s));
	if (!s)
		s = "";
	n = r->variable ? strlen(s) : fixed_length(r, s);
	if (!utf8_valid(s, n))
		return err_set(err, "%s: %s: row %zu: the text is not UTF-8", a->file->path,
			       a->path, row);
	a->n_text += r->variable ? n : 0;
	if (a->n_text > a->file->n_bytes)
		return err_set(err, "%s: %s: row %zu: the strings are longer than the file",
			       a->file->path, a->path, row);
	out[r->first + i] = arena_str(arena, s, n);
	return 0;
}

/* The texts of variable length are HDF5's; it takes them back. */
static void give_back(const struct run *r)
{
	hsize_t n = r->n;
	hid_t room = H5Screate_simple(1, &n, NULL);

	if (r->variable)
		H5Dvlen_reclaim(r->memory, room, H5P_DEFAULT, r->bytes);
	h5_close(room);
}

static int keep_run(struct run *r, struct arena *arena, char **out, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < r->n && !ret; i++)
		ret = keep_string(r, i, arena, out, err);
	give_back(r);
	return ret;
}

int array_strings(struct array *a, struct arena *arena, char **out, struct err *err)
{
	struct run r;
	int ret = array_check(a, ARRAY_STRING, "strings", err);

	if (ret)
		return ret;
	if (run_open(&r, a))
		ret = array_unreadable(a, err);
	while (!ret && r.first < a->n) {
		r.n = MIN(a->n - r.first, STRINGS_A_TIME);
		ret = run_read(&r) ? keep_run(&r, arena, out, err) : array_unreadable(a, err);
		r.first += r.n;
	}
	run_close(&r);
	return ret;
}

/* ---- of anything -------------------------------------------------------------------------- */

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

int array_texts(struct array *a, struct arena *arena, char **out, struct err *err)
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
