/* orthologs.c - see orthologs.h. */
#include "base/util.h"

#include "base/strtab.h"
#include "base/text.h"
#include "format/fields.h"
#include "format/tsv.h"
#include "matrix/orthologs.h"

/* The two names of a row: two fields, or one field with a comma in it. */
static int split_row(const struct tsv *t, char *side[2], struct err *err)
{
	struct field first, second;
	char *at = t->fields[0];

	side[0] = t->fields[0];
	if (t->n_fields == 2) {
		side[1] = t->fields[1];
		return 0;
	}
	if (t->n_fields > 2 || !field_next(&at, ',', &first) || first.last ||
	    !field_next(&at, ',', &second) || !second.last)
		return err_set(err, "%s: line %zu: two columns are wanted (tabs or commas)",
			       t->path, t->line);
	first.s[first.len] = second.s[second.len] = '\0';
	side[0] = first.s;
	side[1] = second.s;
	return 0;
}

static void add_pair(struct orthologs *t, struct strtab *seen, char *side[2])
{
	char *pair = mem_printf("%s\t%s", side[0], side[1]);
	size_t before = seen->n;

	strtab_add(seen, pair);
	free(pair);
	if (seen->n == before)
		return;
	for (int k = 0; k < 2; k++) {
		MEM_GROW(t->names[k], t->n + 1, t->cap[k]);
		t->names[k][t->n] = arena_str(&t->arena, side[k], strlen(side[k]));
	}
	t->n++;
}

struct orthologs *orthologs_read(const char *path, struct err *err)
{
	struct tsv *in = tsv_open_bare(path, err);
	struct orthologs *t = NULL;
	struct strtab seen = {0};
	int got;

	if (!in)
		return NULL;
	MEM_ZERO(t, 1);
	while ((got = tsv_next(in, err)) > 0) {
		char *side[2];

		if (split_row(in, side, err)) {
			got = -1;
			break;
		}
		if (*side[0] && *side[1])
			add_pair(t, &seen, side);
	}
	tsv_close(in);
	strtab_release(&seen);
	if (got < 0) {
		orthologs_free(t);
		return NULL;
	}
	return t;
}

void orthologs_free(struct orthologs *t)
{
	if (!t)
		return;
	free(t->names[0]);
	free(t->names[1]);
	arena_release(&t->arena);
	free(t);
}
