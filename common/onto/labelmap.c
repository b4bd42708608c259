/* labelmap.c - see labelmap.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "format/tsv.h"
#include "onto/labelmap.h"

static int read_rows(struct labelmap *m, struct tsv *in, struct err *err)
{
	size_t label, id, name, score = tsv_column(in, "score");
	int got;

	if (tsv_need(in, "label", &label, err) || tsv_need(in, "id", &id, err) ||
	    tsv_need(in, "name", &name, err))
		return -1;
	while ((got = tsv_next(in, err)) > 0) {
		size_t before = m->labels.n;
		struct labelmap_row row = {.score = NAN};

		if (score != SIZE_MAX && tsv_number(in, score, &row.score, err))
			return -1;
		strtab_add(&m->labels, in->fields[label]);
		if (m->labels.n == before)
			continue;
		row.id = arena_str(&m->arena, in->fields[id], in->lengths[id]);
		row.name = arena_str(&m->arena, in->fields[name], in->lengths[name]);
		MEM_GROW(m->rows, m->labels.n, m->cap);
		m->rows[before] = row;
	}
	return got;
}

struct labelmap *labelmap_read(const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct labelmap *m;

	if (!in)
		return NULL;
	MEM_ZERO(m, 1);
	if (read_rows(m, in, err)) {
		labelmap_free(m);
		m = NULL;
	}
	tsv_close(in);
	return m;
}

void labelmap_free(struct labelmap *m)
{
	if (!m)
		return;
	strtab_release(&m->labels);
	free(m->rows);
	arena_release(&m->arena);
	free(m);
}

const struct labelmap_row *labelmap_find(const struct labelmap *m, const char *label)
{
	uint32_t n = strtab_find(&m->labels, label);

	return n == STRTAB_NONE ? NULL : &m->rows[n];
}

/* The rows for 'names', the first of each label. Ids of no term go to 'strange'. */
static int read_terms(struct tsv *in, const struct onto *o, const struct strtab *names,
		      uint32_t *terms, bool *seen, struct text *strange, struct err *err)
{
	size_t label, id;
	int got;

	if (tsv_need(in, "label", &label, err) || tsv_need(in, "id", &id, err))
		return -1;
	while ((got = tsv_next(in, err)) > 0) {
		uint32_t name = strtab_find(names, in->fields[label]);

		if (name == STRTAB_NONE || seen[name])
			continue;
		seen[name] = true;
		if (!*in->fields[id] || str_eq(in->fields[id], "unknown"))
			continue;
		terms[name] = onto_find(o, in->fields[id]);
		if (terms[name] == ONTO_NONE)
			text_add(strange, "%s%s (line %zu)", strange->len ? ", " : "",
				 in->fields[id], in->line);
		else
			terms[name] = onto_current(o, terms[name]);
	}
	return got;
}

uint32_t *labelmap_terms(const char *path, const struct onto *o, const struct strtab *names,
			 struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct text strange = TEXT_INIT;
	uint32_t *terms;
	bool *seen;
	int ret;

	if (!in)
		return NULL;
	MEM_ARRAY(terms, names->n + 1);
	memset(terms, 0xff, (names->n + 1) * sizeof(*terms));
	MEM_ZERO(seen, names->n + 1);
	ret = read_terms(in, o, names, terms, seen, &strange, err);
	if (!ret && strange.len)
		ret = err_set(err, "%s: no terms of the ontology: %s", path, strange.s);
	text_release(&strange);
	tsv_close(in);
	free(seen);
	if (!ret)
		return terms;
	free(terms);
	return NULL;
}
