/* slim.c - see slim.h. */
#include "base/util.h"

#include "base/text.h"
#include "format/tsv.h"
#include "onto/slim.h"
#include "onto/table_ids.h"

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
	struct table_ids ids = {.onto = o, .unknown = TEXT_INIT};
	size_t column = 0;
	int got;

	if (!in)
		return -1;
	if (tsv_column(in, "id") != SIZE_MAX)
		column = tsv_column(in, "id");
	while ((got = tsv_next(in, err)) > 0) {
		uint32_t t = table_ids_find(&ids, in->fields[column], in->line);

		if (t != ONTO_NONE)
			listed[t] = true;
	}
	got = table_ids_end(&ids, path, got, err);
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
