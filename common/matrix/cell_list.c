/* cell_list.c - see cell_list.h. */
#include "base/util.h"

#include "base/text.h"
#include "format/fields.h"
#include "format/tsv.h"
#include "matrix/cell_list.h"

static void add_cut(struct strtab *cut, char *line)
{
	struct field first = {.last = true};
	char *at = line;

	if (!field_next(&at, ',', &first) || (first.last && first.s == line) || first.len == 0)
		return;
	first.s[first.len] = '\0';
	strtab_add(cut, first.s);
}

int cell_list_read(const char *path, struct cell_list *list, struct err *err)
{
	struct tsv *in = tsv_open_bare(path, err);
	int got = -1;

	while (in && (got = tsv_next(in, err)) > 0) {
		if (!in->lengths[0])
			continue;
		strtab_add(&list->lines, in->fields[0]);
		if (in->n_fields == 1)
			add_cut(&list->cut, in->fields[0]);
	}
	tsv_close(in);
	return got;
}

bool cell_list_has(const struct cell_list *list, const char *cell)
{
	return strtab_find(&list->lines, cell) != STRTAB_NONE ||
	       strtab_find(&list->cut, cell) != STRTAB_NONE;
}

void cell_list_release(struct cell_list *list)
{
	strtab_release(&list->lines);
	strtab_release(&list->cut);
}
