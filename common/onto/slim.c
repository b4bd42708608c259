/* slim.c - see slim.h. */
#include "base/util.h"

#include "base/text.h"
#include "format/tsv.h"
#include "onto/slim.h"

static bool in_subset(const struct onto_term *t, const char *name)
{
	for (size_t s = 0; s < t->subsets.n; s++)
		if (str_eq(t->subsets.items[s], name))
			return true;
	return false;
}

static int read_ids(const struct onto *o, const char *path, bool *listed, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct text unknown = TEXT_INIT;
	size_t column = 0;
	int got;

	if (!in)
		return -1;
	if (tsv_column(in, "id") != SIZE_MAX)
		column = tsv_column(in, "id");
	while ((got = tsv_next(in, err)) > 0) {
		uint32_t t = onto_find(o, in->fields[column]);

		t = t == ONTO_NONE ? t : onto_current(o, t);
		if (t == ONTO_NONE)
			text_add(&unknown, "%s%s (line %zu)", unknown.len ? ", " : "",
				 in->fields[column], in->line);
		else
			listed[t] = true;
	}
	if (!got && unknown.len)
		got = err_set(err, "%s: not in the ontology, or obsolete: %s", path, unknown.s);
	text_release(&unknown);
	tsv_close(in);
	return got;
}

bool *slim_read(const struct onto *o, const char *what, struct err *err)
{
	size_t n = 0;
	bool *listed;

	MEM_ZERO(listed, o->n_terms);
	for (size_t t = 0; t < o->n_terms; t++) {
		listed[t] = in_subset(&o->terms[t], what);
		n += listed[t];
	}
	if (n || !read_ids(o, what, listed, err))
		return listed;
	free(listed);
	return NULL;
}
