/* import_list.c - see import_list.h. */
#include "base/util.h"

#include <strings.h>

#include "base/text.h"
#include "format/fields.h"
#include "format/tsv.h"
#include "import/import.h"
#include "import/import_list.h"

void list_release(struct list *list)
{
	for (size_t i = 0; i < LIST_COLUMNS; i++)
		names_release(&list->columns[i]);
}

/* A field of a line with tabs: quotes around it are no part of it. */
static void add_field(struct names *column, const char *s, size_t len)
{
	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	names_add_n(column, s, len);
}

static int broken(const struct tsv *in, struct err *err)
{
	return err_set(err, "%s: line %zu: the quotes do not match", in->path, in->line);
}

/* How many columns a line without tabs has; 0 when its quotes are broken. */
static size_t count_fields(const char *line)
{
	char *copy = mem_str(line), *at = copy;
	struct field f = {.last = false};
	size_t n = 0;

	for (; !f.last; n++)
		if (!field_next(&at, ',', &f)) {
			n = 0;
			break;
		}
	free(copy);
	return n;
}

/* Cut at commas a line that had no tab; fields it lacks are empty. A list of names has no columns. */
static int add_cut(struct list *list, const struct tsv *in, struct err *err)
{
	char *at = in->fields[0];
	struct field f = {.last = false};

	if (list->n_columns == 1) {
		add_field(&list->columns[0], at, in->lengths[0]);
		return 0;
	}
	for (size_t i = 0; i < list->n_columns; i++) {
		if (f.last)
			f = (struct field){.s = at, .last = true};
		else if (!field_next(&at, ',', &f))
			return broken(in, err);
		names_add_n(&list->columns[i], f.s, f.len);
	}
	return 0;
}

static int add_line(struct list *list, struct tsv *in, struct err *err)
{
	bool cut = in->n_fields == 1;

	if (list->n++ == 0) {
		size_t n = cut ? count_fields(in->fields[0]) : in->n_fields;

		if (!n)
			return broken(in, err);
		list->n_columns = MIN(n, LIST_COLUMNS);
	}
	/* Cell Ranger ARC gives a place on a chromosome only to what has one. */
	in->n_needed = cut ? 0 : list->n_columns;
	if (cut && add_cut(list, in, err))
		return -1;
	for (size_t i = 0; !cut && i < list->n_columns; i++)
		add_field(&list->columns[i], in->fields[i], in->lengths[i]);
	for (size_t i = 0; i < list->n_columns; i++) {
		const char *name = list->columns[i].s[list->n - 1];

		if (import_check_text(in->path, in->line, name, strlen(name), err))
			return -1;
	}
	return 0;
}

int list_read(const char *path, struct list *list, struct err *err)
{
	struct tsv *in = tsv_open_bare(path, err);
	int got = 0, ret = 0;

	if (!in)
		return -1;
	while (!ret && (got = tsv_next(in, err)) > 0)
		ret = add_line(list, in, err);
	tsv_close(in);
	return got < 0 ? -1 : ret;
}

/* Is the first line a heading? Asked only when there is one line too many. */
static bool is_heading(const char *s)
{
	static const char *const words[] = {
		"",          "x",       "v1",      "gene",       "genes",   "gene_id",  "gene_ids",
		"gene_name", "symbol",  "feature", "features",   "barcode", "barcodes", "cell",
		"cells",     "cell_id", "index",   "gene_names", "0",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(s, words[i]))
			return true;
	return false;
}

void list_drop_heading(struct list *list, size_t n)
{
	if (list->n != n + 1 || !is_heading(list->columns[0].s[0]))
		return;
	list->n--;
	for (size_t i = 0; i < list->n_columns; i++) {
		struct names *column = &list->columns[i];
		memmove(column->s, column->s + 1, --column->n * sizeof(*column->s));
	}
}
