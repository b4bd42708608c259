/* frame.c - frames in memory. Reading a file's columns is behind frame->source. */
#include "base/util.h"

#include "h5ad/frame/frame.h"
#include "h5ad/frame/frame_source.h"

struct frame *frame_new(size_t n_rows)
{
	struct frame *f = mem_zero(1, sizeof(*f));
	f->n_rows = n_rows;
	f->key_name = mem_str("_index");
	return f;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_columns; i++)
		column_release(&f->columns[i]);
	if (f->source)
		f->source->free(f);
	free(f->columns);
	free(f->keys);
	free(f->key_name);
	free(f->part.names);
	arena_release(&f->part.arena);
	arena_release(&f->arena);
	free(f);
}

char **frame_keys(struct frame *f, struct err *err)
{
	if (!f->keys && f->source && f->source->keys(f, err))
		return NULL;
	if (!f->keys)
		BUG("a table without a source has no key column");
	return f->keys;
}

char *const *frame_keys_at(struct frame *f, size_t first, size_t n, struct err *err)
{
	if (f->keys)
		return f->keys + first;
	if (!f->source)
		BUG("a table without a source has no key column");
	arena_release(&f->part.arena);
	MEM_GROW(f->part.names, n + 1, f->part.cap);
	return f->source->key_part(f, first, n, err) ? NULL : f->part.names;
}

void frame_set_keys(struct frame *f, char *const *keys)
{
	struct arena arena = {0};
	char **copies;
	MEM_ARRAY(copies, f->n_rows);
	for (size_t row = 0; row < f->n_rows; row++)
		copies[row] = arena_str(&arena, keys[row], strlen(keys[row]));
	free(f->keys);
	arena_release(&f->arena);
	f->keys = copies;
	f->arena = arena;
}

static size_t column_place(const struct frame *f, const char *name)
{
	size_t i = 0;
	while (i < f->n_columns && !str_eq(f->columns[i].name, name))
		i++;
	return i;
}

const struct column *frame_find(const struct frame *f, const char *name)
{
	size_t i = column_place(f, name);
	return i < f->n_columns ? &f->columns[i] : NULL;
}

/* "there are a, b, c", the one nearest to what was asked for first, as far as a message goes. */
static void *no_such_column(const struct frame *f, const char *name, struct err *err)
{
	const char **names;
	struct text list = TEXT_INIT;

	if (f->n_columns == 0)
		return err_null(err, "no column '%s': the table has no columns", name);
	MEM_ARRAY(names, f->n_columns);
	for (size_t i = 0; i < f->n_columns; i++)
		names[i] = f->columns[i].name;
	const char *nearest = nearest_name(name, names, f->n_columns);
	if (nearest)
		text_add(&list, "%s", nearest);
	for (size_t i = 0; i < f->n_columns && list.len < 600; i++) {
		if (names[i] == nearest)
			continue;
		text_add(&list, "%s%s", list.len ? ", " : "", names[i]);
	}
	err_set(err, "no column '%s'; there are: %s", name, list.s);
	text_release(&list);
	free(names);
	return NULL;
}

const struct column *frame_column(struct frame *f, const char *name, struct err *err)
{
	size_t i = column_place(f, name);
	return i < f->n_columns ? frame_column_at(f, i, err) : no_such_column(f, name, err);
}

const struct column *frame_column_at(struct frame *f, size_t i, struct err *err)
{
	if (i >= f->n_columns)
		BUG("column %zu of %zu", i, f->n_columns);
	if (!f->columns[i].loaded && f->source->column(f, i, err))
		return NULL;
	return &f->columns[i];
}

void frame_forget(struct frame *f, const struct column *c)
{
	struct column *own = &f->columns[c - f->columns];
	if (!f->source || !own->from_file)
		return;
	column_empty(own);
	own->loaded = false;
}

void frame_add(struct frame *f, struct column *c)
{
	if (c->n != f->n_rows)
		BUG("column '%s' has %zu rows, the table %zu", c->name, c->n, f->n_rows);
	size_t i = column_place(f, c->name);
	if (i == f->n_columns) {
		MEM_GROW(f->columns, f->n_columns + 1, f->cap_columns);
		f->n_columns++;
	} else {
		column_release(&f->columns[i]);
	}
	f->columns[i] = *c;
	memset(c, 0, sizeof(*c));
}
