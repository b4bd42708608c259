/* ref_entry.c - see ref_entry.h. */
#include "base/util.h"

#include "base/text.h"
#include "ref/ref_entry.h"

/* The columns of the TSV, in order. */
static const struct column_of {
	const char *name;
	size_t offset;
	bool number;
} columns[] = {
	{"id", offsetof(struct ref_entry, id), false},
	{"source", offsetof(struct ref_entry, source), false},
	{"address", offsetof(struct ref_entry, address), false},
	{"size", offsetof(struct ref_entry, size), true},
	{"sha256", offsetof(struct ref_entry, sha256), false},
	{"label_column", offsetof(struct ref_entry, label), false},
	{"cells", offsetof(struct ref_entry, cells), true},
	{"title", offsetof(struct ref_entry, title), false},
	{"tissue", offsetof(struct ref_entry, tissue), false},
	{"condition", offsetof(struct ref_entry, condition), false},
	{"organism", offsetof(struct ref_entry, organism), false},
	{"access", offsetof(struct ref_entry, access), false},
	{"release", offsetof(struct ref_entry, release), false},
	{"md5", offsetof(struct ref_entry, md5), false},
	{"page", offsetof(struct ref_entry, page), false},
};

static const char **text_field(struct ref_entry *r, const struct column_of *c)
{
	return (const char **)((char *)r + c->offset);
}

static size_t *number_field(struct ref_entry *r, const struct column_of *c)
{
	return (size_t *)((char *)r + c->offset);
}

struct ref_entry *references_add(struct references *list)
{
	struct ref_entry *r;

	MEM_GROW(list->items, list->n + 1, list->cap);
	r = &list->items[list->n++];
	*r = (struct ref_entry){.dataset = "", .search = ""};
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (!columns[i].number)
			*text_field(r, &columns[i]) = "";
	return r;
}

const char *references_keep(struct references *list, const char *s)
{
	return s && *s ? arena_str(&list->arena, s, strlen(s)) : "";
}

/* What was added since the last question joins the index, the first of each id. */
static void index_ids(struct references *list)
{
	for (; list->n_indexed < list->n; list->n_indexed++) {
		uint32_t id = strtab_add(&list->ids, list->items[list->n_indexed].id);

		if (id < list->n_of_id)
			continue;
		MEM_GROW(list->of_id, id + 1, list->cap_of_id);
		list->of_id[list->n_of_id++] = list->n_indexed;
	}
}

void references_replace(struct references *list, struct ref_entry *old)
{
	*old = list->items[--list->n];
	list->n_indexed = MIN(list->n_indexed, list->n);
}

struct ref_entry *references_find(struct references *list, const char *id)
{
	uint32_t at;

	index_ids(list);
	at = strtab_find(&list->ids, id);
	return at == STRTAB_NONE ? NULL : &list->items[list->of_id[at]];
}

void references_release(struct references *list)
{
	free(list->items);
	free(list->of_id);
	strtab_release(&list->ids);
	arena_release(&list->arena);
	*list = (struct references){0};
}

bool is_hex(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789abcdefABCDEF") == n;
}

/* ---- writing ---- */

static int put_list(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct references *list = arg;

	(void)err;
	for (size_t c = 0; c < ARRAY_LEN(columns); c++)
		tsv_put(w, columns[c].name);
	tsv_end_row(w);
	w->sanitize = true; /* titles come from services, which may break lines */
	for (size_t i = 0; i < list->n; i++) {
		for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
			size_t number =
				columns[c].number ? *number_field(&list->items[i], &columns[c]) : 0;

			if (number)
				tsv_put_size(w, number);
			else
				tsv_put(w, columns[c].number
						   ? ""
						   : *text_field(&list->items[i], &columns[c]));
		}
		tsv_end_row(w);
	}
	return 0;
}

int references_write(const struct references *list, const char *path, struct err *err)
{
	return tsv_write_file(path, put_list, (void *)(uintptr_t)list, err);
}

/* ---- reading ---- */

static size_t column_at(const struct tsv *in, const char *name)
{
	size_t at = tsv_column(in, name);

	if (at == SIZE_MAX && str_eq(name, "address"))
		at = tsv_column(in, "url");
	if (at == SIZE_MAX && str_eq(name, "address"))
		at = tsv_column(in, "path");
	return at;
}

static int set_field(struct references *list, const struct tsv *in, size_t at,
		     const struct column_of *c, struct err *err)
{
	struct ref_entry *r = &list->items[list->n - 1];
	const char *value = in->fields[at];

	if (!c->number) {
		*text_field(r, c) = references_keep(list, value);
		return 0;
	}
	if (*value && !parse_size(value, 0, SIZE_MAX, number_field(r, c)))
		return err_set(err, "%s: line %zu: %s: \"%s\" is not a whole number", in->path,
			       in->line, c->name, value);
	return 0;
}

static int check_row(const struct tsv *in, const struct ref_entry *r, struct err *err)
{
	if (!*r->id)
		return err_set(err, "%s: line %zu: there is no id", in->path, in->line);
	if (*r->sha256 && !is_hex(r->sha256, 64))
		return err_set(err, "%s: line %zu: sha256 \"%s\" is not 64 hexadecimal digits",
			       in->path, in->line, r->sha256);
	if (*r->md5 && !is_hex(r->md5, 32))
		return err_set(err, "%s: line %zu: md5 \"%s\" is not 32 hexadecimal digits",
			       in->path, in->line, r->md5);
	return 0;
}

static int read_rows(struct references *list, struct tsv *in, struct err *err)
{
	size_t at[ARRAY_LEN(columns)], id;
	int got;

	if (tsv_need(in, "id", &id, err))
		return -1;
	for (size_t c = 0; c < ARRAY_LEN(columns); c++)
		at[c] = column_at(in, columns[c].name);
	while ((got = tsv_next(in, err)) > 0) {
		references_add(list);
		for (size_t c = 0; c < ARRAY_LEN(columns); c++)
			if (at[c] != SIZE_MAX && set_field(list, in, at[c], &columns[c], err))
				return -1;
		if (check_row(in, &list->items[list->n - 1], err))
			return -1;
	}
	return got;
}

int references_read(struct references *list, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	int ret;

	if (!in)
		return -1;
	ret = read_rows(list, in, err);
	tsv_close(in);
	return ret;
}
