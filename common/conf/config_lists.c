/* config_lists.c - what a config lists: references, queries, models. */
#include "base/util.h"

#include <glob.h>
#include <unistd.h>

#include "base/text.h"
#include "conf/conf_private.h"
#include "conf/tissues.h"

static const char *const reference_keys[] = {"path", "id",    "label",   "cells",
					     "name", "where", "exclude", "ids"};
static const char *const query_keys[] = {"path", "name"};

/* Call 'each' for the items of a list, or for the node itself when it is not a list. */
static int for_each(struct conf_reader *r, const struct yaml_node *node,
		    int each(struct conf_reader *r, const struct yaml_node *item))
{
	if (node->kind != YAML_LIST)
		return each(r, node);
	for (size_t i = 0; i < node->n; i++)
		if (each(r, node->items[i]))
			return -1;
	return 0;
}

/* ---- references ---- */

static int check_label(struct conf_reader *r, const struct yaml_node *at, const char *label)
{
	if (!strchr(label, ','))
		return 0;
	return yaml_error(r->y, at, r->err, "\"%s\": a label is one column: no comma in it", label);
}

/* One label, or a list of them: with commas between. */
static const char *label_list(struct conf_reader *r, const struct yaml_node *node)
{
	struct text all = TEXT_INIT;
	const char *kept;

	if (node->kind != YAML_LIST)
		return conf_text(r, node);
	for (size_t i = 0; i < node->n; i++) {
		const char *label = conf_text(r, node->items[i]);

		if (!label) {
			text_release(&all);
			return NULL;
		}
		text_add(&all, "%s%s", i ? "," : "", label);
	}
	kept = arena_str(&r->c->arena, all.s, all.len);
	text_release(&all);
	return kept;
}

static int fill_reference(struct conf_reader *r, const struct yaml_node *node,
			  struct conf_reference *ref)
{
	const struct yaml_node *cells = yaml_get(node, "cells");

	if (node->kind == YAML_TEXT) {
		ref->path = conf_path(r, node);
		return ref->path ? 0 : -1;
	}
	if (yaml_check_keys(r->y, node, reference_keys, ARRAY_LEN(reference_keys), r->err) ||
	    conf_value(r, node, "path", conf_path, &ref->path) ||
	    conf_value(r, node, "id", conf_name, &ref->id) ||
	    conf_value(r, node, "label", conf_text, &ref->label) ||
	    conf_value(r, node, "ids", conf_text, &ref->ids) ||
	    conf_value(r, node, "name", conf_name, &ref->name) ||
	    conf_value(r, node, "where", conf_text, &ref->where) ||
	    conf_value(r, node, "exclude", label_list, &ref->exclude) ||
	    check_label(r, node, ref->label))
		return -1;
	if (!ref->path == !ref->id)
		return yaml_error(r->y, node, r->err, "a reference has a path or an id");
	if (ref->id && str_eq(ref->label, LABEL_AUTO) && conf_known_label(r, ref))
		return -1;
	return cells ? yaml_size(r->y, cells, 0, SIZE_MAX, &ref->cells, r->err) : 0;
}

static int add_reference(struct conf_reader *r, const struct yaml_node *node)
{
	struct conf_reference ref = {.label = LABEL_AUTO, .cells = DEFAULT_CELLS};

	if (fill_reference(r, node, &ref))
		return -1;
	if (!ref.name)
		ref.name = ref.path ? conf_name_of(r, node, ref.path) : ref.id;
	return ref.name ? conf_push_reference(r, node, &ref) : -1;
}

/* ---- queries ---- */

/* A pattern may match many files; their names are checked as if they stood in the file. */
static int add_matching(struct conf_reader *r, const struct yaml_node *node)
{
	char *pattern = node->text[0] == '/' ? mem_str(node->text)
					     : mem_printf("%s/%s", r->folder, node->text);
	glob_t found;
	int ret = 0;

	if (glob(pattern, 0, NULL, &found)) {
		free(pattern);
		return yaml_error(r->y, node, r->err, "%s: no file is named so", node->text);
	}
	for (size_t i = 0; i < found.gl_pathc && ret == 0; i++) {
		struct yaml_node file = *node;
		const char *path, *name;

		file.text = found.gl_pathv[i];
		if (str_starts(file.text, "./"))
			file.text += 2;
		path = conf_word(r, &file);
		name = path ? conf_name_of(r, node, conf_matched(r, pattern, path)) : NULL;
		ret = name ? conf_push_query(r, node, name, path) : -1;
	}
	globfree(&found);
	free(pattern);
	return ret;
}

static int add_query(struct conf_reader *r, const struct yaml_node *node)
{
	struct conf_query query = {0};

	if (node->kind == YAML_TEXT && node->text[strcspn(node->text, "*?[")])
		return add_matching(r, node);
	if (node->kind == YAML_TEXT) {
		query.path = conf_path(r, node);
		return query.path ? conf_push_query(r, node, NULL, query.path) : -1;
	}
	if (yaml_check_keys(r->y, node, query_keys, ARRAY_LEN(query_keys), r->err) ||
	    conf_value(r, node, "path", conf_path, &query.path) ||
	    conf_value(r, node, "name", conf_name, &query.name))
		return -1;
	if (!query.path)
		return yaml_error(r->y, node, r->err, "a query has a path");
	return conf_push_query(r, node, query.name, query.path);
}

/* ---- models ---- */

/* A file that is there, or the name of a published model. */
static int add_model(struct conf_reader *r, const struct yaml_node *node)
{
	const char *word = conf_word(r, node);
	const char *path = word ? conf_from_folder(r, word) : NULL;

	if (!path)
		return -1;
	if (access(path, R_OK) == 0)
		return conf_push_model(r, node, conf_name_of(r, node, word), path);
	if (strchr(word, '/'))
		return yaml_error(r->y, node, r->err, "%s: there is no such file to read", word);
	return conf_push_model(r, node, conf_name_of(r, node, word), NULL);
}

static int push_models(struct conf_reader *r, const struct yaml_node *node,
		       const struct yaml_node *models)
{
	for (size_t i = 0; i < models->n; i++)
		if (conf_push_model(r, node, conf_name_of(r, node, models->items[i]->text), NULL))
			return -1;
	return 0;
}

/* A tissue that has no models of its own takes those for any, which is said; or is refused. */
static int add_models_of_tissue(struct conf_reader *r, const struct yaml_node *node,
				const char *tissues)
{
	struct tissue_models t;
	int ret;

	if (tissue_find(&t, tissues, node->text, r->err))
		return -1;
	if (t.is_fallback && r->c->strict) {
		ret = yaml_error(r->y, node, r->err,
				 "%s: no models are known for this tissue, and strict: is on "
				 "(nearest: %s)",
				 node->text, t.nearest);
	} else {
		if (t.is_fallback)
			text_add(&r->c->warnings,
				 "tissue %s: no models are known for it: those for any tissue are "
				 "taken (nearest: %s)\n",
				 node->text, t.nearest);
		ret = push_models(r, node, t.models);
	}
	tissue_release(&t);
	return ret;
}

/* ---- all of them ---- */

int conf_lists(struct conf_reader *r, const char *tissues)
{
	const struct yaml_node *root = r->y->root;
	const struct yaml_node *references = yaml_get(root, "references");
	const struct yaml_node *presets = yaml_get(root, "presets");
	const struct yaml_node *queries = yaml_get(root, "queries");
	const struct yaml_node *models = yaml_get(root, "models");
	const struct yaml_node *tissue = yaml_get(root, "tissue");

	if (references && !yaml_is_null(references) && for_each(r, references, add_reference))
		return -1;
	if (presets && !yaml_is_null(presets) && conf_presets(r, presets))
		return -1;
	if (!queries || yaml_is_null(queries))
		return yaml_error(r->y, root, r->err, "queries: is missing: what is to be typed?");
	if (for_each(r, queries, add_query))
		return -1;
	if (models && !yaml_is_null(models) && for_each(r, models, add_model))
		return -1;
	if (conf_value(r, root, "tissue", conf_word, &r->c->tissue))
		return -1;
	if (r->c->tissue && !r->c->n_models && add_models_of_tissue(r, tissue, tissues))
		return -1;
	if (r->c->n_queries == 0)
		return yaml_error(r->y, queries, r->err, "queries: is empty: what is to be typed?");
	return 0;
}
