/* frame_file.c - obs and var of a file: names and kinds at once, values when they are asked for. */
#include "base/util.h"

#include "h5ad/column_file.h"
#include "h5ad/frame/frame_source.h"
#include "h5ad/hdf5/copy.h"

struct file_frame {
	struct frame_source base;
	const struct h5_file *file;
	char *path;                   /* "/obs" */
	bool compound;                /* the form of 0.6: one dataset, a field per column */
	char *key;                    /* name of the key column in the file */
	struct column_rows *key_rows; /* it, open for reading in parts; or NULL */
};

static struct file_frame *source_of(struct frame *f)
{
	return (struct file_frame *)f->source;
}

/* Where a column is. '*path' is to be freed. */
static struct column_place place(const struct file_frame *s, const char *name, char **path)
{
	*path = s->compound ? mem_str(s->path) : mem_printf("%s/%s", s->path, name);
	return (struct column_place){s->file, *path, s->compound ? name : NULL};
}

/* ---- values on demand --------------------------------------------------------------------- */

static int check_rows(const struct file_frame *s, const char *name, size_t n, size_t n_rows,
		      struct err *err)
{
	if (n == n_rows)
		return 0;
	return err_set(err, "%s: %s/%s: has %zu values, but the table has %zu rows", s->file->path,
		       s->path, name, n, n_rows);
}

static int load_column(struct frame *f, size_t i, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct column *old = &f->columns[i];
	struct column c = {.name = old->name, .loaded = true, .from_file = true};
	char *path;
	struct column_place at = place(s, c.name, &path);
	int ret = column_read(&at, &c, err);

	if (!ret)
		ret = check_rows(s, c.name, c.n, f->n_rows, err);
	if (ret) {
		c.name = NULL;
		column_release(&c);
	} else {
		old->name = NULL; /* the same string goes on: others may have taken the pointer */
		column_release(old);
		*old = c;
	}
	free(path);
	return ret;
}

/* Names are text, whatever they are stored as. 'c' begins at row 'first' of the table. */
static int texts_of(const struct column *c, size_t first, const struct file_frame *s,
		    struct arena *arena, char **out, struct err *err)
{
	struct text scratch = TEXT_INIT;
	int ret = 0;

	for (size_t row = 0; row < c->n && !ret; row++) {
		const char *name = column_text(c, row, &scratch);
		if (column_missing(c, row))
			ret = err_set(err, "%s: %s: row %zu has no name", s->file->path, s->path,
				      first + row);
		out[row] = arena_str(arena, name, strlen(name));
	}
	text_release(&scratch);
	return ret;
}

static int load_keys(struct frame *f, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct column c = {.name = NULL};
	char *path;
	struct column_place at = place(s, s->key, &path);
	int ret = column_read(&at, &c, err);

	if (!ret)
		ret = check_rows(s, s->key, c.n, f->n_rows, err);
	if (!ret && c.kind == COLUMN_STRING && !c.missing) {
		f->keys = c.strings;
		f->arena = c.arena;
		c.strings = NULL;
		c.arena = (struct arena){0};
	} else if (!ret) {
		MEM_ARRAY(f->keys, MAX(f->n_rows, 1));
		ret = texts_of(&c, 0, s, &f->arena, f->keys, err);
	}
	if (ret) {
		free(f->keys);
		f->keys = NULL;
		arena_release(&f->arena);
	}
	column_release(&c);
	free(path);
	return ret;
}

static int open_key_rows(struct frame *f, struct err *err)
{
	struct file_frame *s = source_of(f);
	char *path;
	struct column_place at = place(s, s->key, &path);

	s->key_rows = column_rows_open(&at, err);
	free(path);
	return s->key_rows ? check_rows(s, s->key, column_rows_n(s->key_rows), f->n_rows, err) : -1;
}

static int load_key_part(struct frame *f, size_t first, size_t n, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct column c = {.name = NULL};
	int ret = s->key_rows ? 0 : open_key_rows(f, err);

	if (!ret)
		ret = column_rows_read(s->key_rows, first, n, &c, err);
	if (!ret && c.kind == COLUMN_STRING && !c.missing) {
		memcpy(f->part.names, c.strings, n * sizeof(*c.strings));
		f->part.arena = c.arena;
		c.arena = (struct arena){0};
	} else if (!ret) {
		ret = texts_of(&c, first, s, &f->part.arena, f->part.names, err);
	}
	column_rows_release(&c);
	return ret;
}

/* Text as only anndata from 0.11 on reads it: nullable, of the column or of its categories. */
static bool is_new_text(hid_t object, const char *encoding)
{
	return str_eq(encoding, "nullable-string-array") ||
	       (str_eq(encoding, "categorical") && h5_exists(object, "categories/values"));
}

/* A column that says what it is, as all do since 0.8, can be copied whole. */
static int copy_column(const struct frame *f, size_t i, int64_t group, struct err *err)
{
	const struct file_frame *s = (const struct file_frame *)f->source;
	const char *name = f->columns[i].name;
	char *path;
	struct column_place at = place(s, name, &path);
	hid_t object = s->compound ? H5I_INVALID_HID : H5Oopen(at.file->file, path, H5P_DEFAULT);
	char *encoding = object < 0 ? NULL : h5_attr_string(object, "encoding-type");
	int ret = encoding && !is_new_text(object, encoding);

	if (ret && copy_tree(at.file->file, path, group, name, NULL, NULL, err))
		ret = -1;
	free(encoding);
	h5_close(object);
	free(path);
	return ret;
}

static void free_source(struct frame *f)
{
	struct file_frame *s = source_of(f);

	column_rows_close(s->key_rows);
	free(s->path);
	free(s->key);
	free(s);
	f->source = NULL;
}

/* ---- the outline -------------------------------------------------------------------------- */

static int add_column(struct frame *f, const char *name, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct column c = {.from_file = true};
	char *path;
	struct column_place at = place(s, name, &path);
	int ret = column_describe(&at, &c, err);

	if (!ret)
		ret = check_rows(s, name, c.n, f->n_rows, err);
	if (!ret) {
		c.name = mem_str(name);
		MEM_GROW(f->columns, f->n_columns + 1, f->cap_columns);
		f->columns[f->n_columns++] = c;
	}
	free(path);
	return ret;
}

static int add_columns(struct frame *f, char *const *names, size_t n, struct err *err)
{
	struct strtab seen = {0};
	int ret = 0;

	for (size_t i = 0; i < n && !ret; i++) {
		if (strtab_find(&seen, names[i]) != STRTAB_NONE)
			ret = err_set(err, "%s: %s: the column '%.200s' is there twice",
				      source_of(f)->file->path, source_of(f)->path, names[i]);
		else
			ret = add_column(f, names[i], err);
		strtab_add(&seen, names[i]);
	}
	strtab_release(&seen);
	return ret;
}

static int set_rows(struct frame *f, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct column key = {.name = NULL};
	char *path;
	struct column_place at = place(s, s->key, &path);
	int ret = column_describe(&at, &key, err);

	free(path);
	f->n_rows = key.n;
	free(f->key_name);
	f->key_name = mem_str(s->key);
	return ret;
}

/* 0.6: the first field is the key, the others are columns. */
static int outline_compound(struct frame *f, hid_t dataset, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct members m;
	uint64_t dims[2];

	s->compound = true;
	if (list_members((struct h5_file *)s->file, s->path, &m, err))
		return -1;
	if (m.n == 0 || h5_shape(dataset, dims) != 1)
		return err_set(err, "%s: %s: is not a table", s->file->path, s->path);
	s->key = mem_str(m.names[0]);
	return set_rows(f, err) ? -1 : add_columns(f, m.names + 1, m.n - 1, err);
}

/* Without a column-order, everything in the group but the key. */
static int columns_of_group(struct frame *f, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct members m;
	size_t n = 0;

	if (list_members((struct h5_file *)s->file, s->path, &m, err))
		return -1;
	for (size_t i = 0; i < m.n; i++)
		if (!str_eq(m.names[i], s->key) && !str_eq(m.names[i], "__categories"))
			m.names[n++] = m.names[i];
	return add_columns(f, m.names, n, err);
}

static int find_key(struct file_frame *s, hid_t group, struct err *err)
{
	s->key = h5_attr_string(group, "_index");
	if (s->key)
		return 0;
	const char *name = H5Lexists(group, "_index", H5P_DEFAULT) > 0  ? "_index"
			   : H5Lexists(group, "index", H5P_DEFAULT) > 0 ? "index"
									: NULL;
	if (!name)
		return err_set(err,
			       "%s: %s: the column of names cannot be found (no attribute "
			       "_index)",
			       s->file->path, s->path);
	s->key = mem_str(name);
	return 0;
}

static int outline_group(struct frame *f, hid_t group, struct err *err)
{
	struct file_frame *s = source_of(f);
	struct arena arena = {0};
	char **names;
	size_t n;

	if (find_key(s, group, err) || set_rows(f, err))
		return -1;
	int there = h5_attr_strings(s->file, group, "column-order", &arena, &names, &n, err);
	int ret = there < 0    ? -1
		  : there == 0 ? columns_of_group(f, err)
			       : add_columns(f, names, n, err);
	arena_release(&arena);
	return ret;
}

struct frame *frame_of_file(const struct h5_file *file, const char *path, struct err *err)
{
	hid_t object = h5_open(file, path, err);
	int ret = -1;

	if (object < 0)
		return NULL;
	struct frame *f = frame_new(0);
	struct file_frame *s = mem_zero(1, sizeof(*s));
	s->base = (struct frame_source){load_keys, load_key_part, load_column, copy_column,
					free_source};
	s->file = file;
	s->path = mem_str(path);
	f->source = &s->base;
	if (h5_is_dataset(object))
		ret = outline_compound(f, object, err);
	else if (h5_is_group(object))
		ret = outline_group(f, object, err);
	else
		err_set(err, "%s: %s: is not a table", file->path, path);
	h5_close(object);
	if (!ret)
		return f;
	frame_free(f);
	return NULL;
}
