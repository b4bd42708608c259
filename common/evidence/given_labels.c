/* given_labels.c - see given_labels.h. */
#include "base/util.h"

#include <strings.h>

#include "evidence/given_labels.h"
#include "format/tsv.h"

static bool says_no_type(const char *name)
{
	return !*name || strcasecmp(name, "unknown") == 0 || strcasecmp(name, "unresolved") == 0;
}

static void give(struct given_labels *l, size_t cluster, const char *name, const char *id,
		 const struct matcher *matcher)
{
	const struct onto *onto = matcher_onto(matcher);
	struct given_label *to = &l->items[cluster];
	struct match found[1];
	uint32_t term = onto_find(onto, id);

	if (says_no_type(name))
		return;
	to->name = arena_str(&l->arena, name, strlen(name));
	if (term != ONTO_NONE)
		term = onto_current(onto, term);
	if (term == ONTO_NONE) {
		matcher_match(matcher, name, NULL, found, 1);
		term = found[0].term;
	}
	to->term = term;
}

static void start(struct given_labels *l, size_t n)
{
	*l = (struct given_labels){.n = n};
	MEM_ZERO(l->items, n);
	for (size_t i = 0; i < n; i++)
		l->items[i].term = ONTO_NONE;
}

static int take_row(struct given_labels *l, const struct tsv *in, size_t label, size_t id,
		    const struct strtab *clusters, bool *seen, const struct matcher *matcher,
		    struct err *err)
{
	uint32_t cluster = strtab_find(clusters, in->fields[0]);

	if (cluster == STRTAB_NONE)
		return err_set(err, "%s: line %zu: cluster '%s' has no markers", in->path, in->line,
			       in->fields[0]);
	if (seen[cluster])
		return err_set(err, "%s: line %zu: cluster '%s' stands there twice", in->path,
			       in->line, in->fields[0]);
	seen[cluster] = true;
	give(l, cluster, in->fields[label], id == SIZE_MAX ? "" : in->fields[id], matcher);
	return 0;
}

int given_labels_read(struct given_labels *l, const char *path, const struct strtab *clusters,
		      const struct matcher *matcher, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	bool *seen = mem_zero(clusters->n, sizeof(*seen));
	size_t label, id;
	int got = -1;

	start(l, clusters->n);
	if (in && !tsv_need(in, "label", &label, err)) {
		id = tsv_column(in, "id");
		while ((got = tsv_next(in, err)) > 0)
			if ((got = take_row(l, in, label, id, clusters, seen, matcher, err)))
				break;
	}
	if (got < 0)
		given_labels_release(l);
	free(seen);
	tsv_close(in);
	return got;
}

void given_labels_by_name(struct given_labels *l, const struct strtab *clusters, bool none,
			  const struct matcher *matcher)
{
	start(l, clusters->n);
	for (uint32_t i = 0; i < clusters->n && !none; i++)
		give(l, i, strtab_str(clusters, i), "", matcher);
}

void given_labels_release(struct given_labels *l)
{
	free(l->items);
	arena_release(&l->arena);
	*l = (struct given_labels){0};
}
