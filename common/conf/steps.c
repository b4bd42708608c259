/* steps.c - the names of a plan's steps, as workflows/typing.mk calls their manifests. */
#include "base/util.h"

#include "conf/parts_private.h"

static void add(struct text *t, const char *step, const char *of)
{
	text_add(t, "%s%s%s%s", t->len ? " " : "", step, of ? "." : "", of ? of : "");
}

static bool is_imported(const char *path)
{
	return path && !str_ends(path, ".h5ad");
}

static void add_reference(struct text *t, const struct config *c, const struct conf_reference *ref)
{
	if (ref->id)
		add(t, "fetch", ref->name);
	if (is_imported(ref->path))
		add(t, "import-reference", ref->name);
	add(t, "subsample", ref->name);
	add(t, "genes-reference", ref->name);
	add(t, "lognorm", ref->name);
	if (c->harmonise)
		add(t, "labels", ref->name);
}

static void add_predictions(struct text *t, const struct config *c, const char *query)
{
	if (c->n_references)
		text_add(t, " predict.%s.trained", query);
	for (size_t i = 0; i < c->n_models; i++)
		text_add(t, " predict.%s.%s", query, c->models[i].name);
}

static void add_vote(struct text *t, const struct config *c, const char *query)
{
	if (!c->clusters)
		add(t, "graph", query);
	add(t, "clusters", query);
	add(t, "vote", query);
}

static void add_query(struct text *t, const struct config *c, const struct conf_query *query)
{
	if (is_imported(query->path))
		add(t, "import", query->name);
	add(t, "genes", query->name);
	add_predictions(t, c, query->name);
	add(t, "ensemble", query->name);
	if (c->vote)
		add_vote(t, c, query->name);
	add(t, "gate", query->name);
	if (c->ontology)
		add(t, "map", query->name);
	add(t, "table", query->name);
	if (c->h5ad)
		add(t, "h5ad", query->name);
	if (c->truth)
		text_add(t, " truth.%s map.%s.truth eval.%s", query->name, query->name,
			 query->name);
}

void parts_manifests(const struct config *c, struct text *t)
{
	for (size_t i = 0; i < c->n_references; i++)
		add_reference(t, c, &c->references[i]);
	if (c->n_references && c->harmonise)
		add(t, "map", "references");
	if (c->n_references)
		text_add(t, " concat train");
	for (size_t i = 0; i < c->n_models; i++)
		add(t, "model", c->models[i].name);
	for (size_t i = 0; i < c->n_queries; i++)
		add_query(t, c, &c->queries[i]);
	if (c->report)
		add(t, "report", NULL);
}
