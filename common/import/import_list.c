/* import_list.c - see import_list.h. */
#include "base/util.h"

#include <strings.h>

#include "base/text.h"
#include "format/tsv.h"
#include "import/import.h"
#include "import/import_list.h"

void list_release(struct list *list)
{
	for (size_t i = 0; i < LIST_COLUMNS; i++)
		names_release(&list->columns[i]);
}

static void add_field(struct names *column, const char *s, size_t len)
{
	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	names_add_n(column, s, len);
}

/* Cut at commas a line that had no tab; fields it lacks are empty. */
static void add_cut(struct list *list, const char *s)
{
	for (size_t i = 0; i < list->n_columns; i++) {
		size_t len = i + 1 < list->n_columns || list->n_columns == LIST_COLUMNS
				     ? (size_t)(strchrnul(s, ',') - s)
				     : strlen(s);
		add_field(&list->columns[i], s, len);
		s += len + (s[len] == ',');
	}
}

static size_t count_commas(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

int list_read(const char *path, struct list *list, struct err *err)
{
	struct tsv *in = tsv_open_bare(path, err);
	int got = 0, ret = 0;

	if (!in)
		return -1;
	while (!ret && (got = tsv_next(in, err)) > 0) {
		bool cut = in->n_fields == 1;
		if (list->n++ == 0)
			list->n_columns = MIN(cut ? count_commas(in->fields[0]) + 1 : in->n_fields,
					      LIST_COLUMNS);
		/* Cell Ranger ARC gives a place on a chromosome only to what has one. */
		in->n_needed = cut ? 0 : list->n_columns;
		if (cut)
			add_cut(list, in->fields[0]);
		for (size_t i = 0; !cut && i < list->n_columns; i++)
			add_field(&list->columns[i], in->fields[i], in->lengths[i]);
		for (size_t i = 0; i < list->n_columns && !ret; i++) {
			const char *name = list->columns[i].s[list->n - 1];
			ret = import_check_text(in->path, in->line, name, strlen(name), err);
		}
	}
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
