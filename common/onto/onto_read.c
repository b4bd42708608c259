/* onto_read.c - an ontology from its table or from OBO; see onto_read.h. */
#include "base/util.h"

#include <zlib.h>

#include "base/text.h"
#include "onto/onto_build.h"
#include "onto/onto_graph.h"
#include "onto/onto_read.h"
#include "onto/onto_table.h"

/* Ids that terms took over are terms too: obsolete, replaced by the one that took them. */
static int add_merged(struct builder *b, struct onto_strings *merged, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *id = merged[i].items[0];
		struct onto_term *t;

		if (strtab_find(&b->o->ids, id) != STRTAB_NONE)
			continue;
		t = build_term(b, id, "", 0, err);
		if (!t)
			return -1;
		t->obsolete = true;
		t->replaced_by = build_list(b->o, &merged[i].items[1], 1);
	}
	return 0;
}

static int read_obo(struct builder *b, const char *prefix, struct err *err)
{
	struct obo *in = obo_open(b->path, err);
	struct onto_strings *merged = NULL; /* pairs: the id taken over, the id that took it */
	size_t n_merged = 0, cap_merged = 0;
	struct obo_term from;
	int got;

	if (!in)
		return -1;
	while ((got = obo_next(in, &from, err)) > 0) {
		struct onto_term *t;

		if (prefix && !str_starts(from.id, prefix))
			continue;
		t = build_term(b, from.id, from.name, from.line, err);
		if (!t) {
			got = -1;
			break;
		}
		t->obsolete = from.obsolete;
		for (size_t i = 0; i < OBO_SCOPES; i++)
			t->synonyms[i] =
				build_list(b->o, from.synonyms[i].items, from.synonyms[i].n);
		t->parent_ids = build_list(b->o, from.is_a.items, from.is_a.n);
		t->xrefs = build_list(b->o, from.xref.items, from.xref.n);
		t->subsets = build_list(b->o, from.subset.items, from.subset.n);
		t->replaced_by = build_list(b->o, from.replaced_by.items, from.replaced_by.n);
		t->consider = build_list(b->o, from.consider.items, from.consider.n);
		for (size_t i = 0; i < from.alt_id.n; i++) {
			char *pair[2] = {from.alt_id.items[i], (char *)t->id};

			if (prefix && !str_starts(pair[0], prefix))
				continue;
			MEM_GROW(merged, n_merged + 1, cap_merged);
			merged[n_merged++] = build_list(b->o, pair, 2);
		}
	}
	if (!got)
		got = add_merged(b, merged, n_merged, err);
	free(merged);
	b->o->version = mem_str(obo_version(in));
	obo_close(in);
	return got;
}

/* A table begins with its header; anything else is taken for OBO. */
static int looks_like_table(const char *path, struct err *err)
{
	char head[4] = "";
	gzFile gz = gzopen(path, "rb");

	if (!gz)
		return err_errno(err, "%s", path);
	int got = gzread(gz, head, 3);

	gzclose_r(gz);
	return got == 3 && memcmp(head, "id\t", 3) == 0;
}

struct onto *onto_read(const char *path, const char *prefix, struct err *err)
{
	struct builder b = {.path = path};
	int table = looks_like_table(path, err);

	if (table < 0)
		return NULL;
	MEM_ZERO(b.o, 1);
	if (table ? termtable_read(&b, prefix, err) : read_obo(&b, prefix, err))
		goto fail;
	if (b.o->n_terms == 0) {
		err_set(err, "%s: no terms%s%s", path, prefix ? " with ids that begin " : "",
			prefix ? prefix : "");
		goto fail;
	}
	if (graph_build(b.o, path, err))
		goto fail;
	free(b.lines);
	return b.o;
fail:
	free(b.lines);
	onto_free(b.o);
	return NULL;
}
