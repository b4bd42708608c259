/* registry.c - see registry.h. */
#include "base/util.h"

#include <libgen.h>

#include "base/datadir.h"
#include "base/text.h"
#include "format/yaml.h"
#include "net/address.h"
#include "ref/registry.h"

static const char *const top_keys[] = {"services", "presets", "datasets"};
static const char *const preset_keys[] = {"title",  "condition",      "condition_pattern",
					  "tissue", "tissue_pattern", "min_cells"};
static const char *const dataset_keys[] = {"source",   "dataset", "search", "synapse",   "url",
					   "path",     "title",   "tissue", "condition", "label",
					   "organism", "cells",   "size",   "md5",       "sha256",
					   "version",  "date",    "page",   "access"};
static const char *const sources[] = {"cellxgene", "synapse", "models", "url", "local"};
static const char *const access_kinds[] = {"public", "token", "approval"};

/* What is known about the key that says where a dataset of a source is. */
static const char *const where_keys[] = {"dataset", "synapse", "url", "url", "path"};

enum { MOST_PRESETS = 1000 };

struct registry_reader {
	struct registry *reg;
	struct yaml *y;
	struct err *err;
};

static const char *keep(struct registry_reader *r, const char *s)
{
	return references_keep(&r->reg->list, s);
}

static int fail(struct registry_reader *r, const struct yaml_node *at, const char *what)
{
	return yaml_error(r->y, at, r->err, "%s", what);
}

/* The text of a key, "" when it is not there; -1 when it is no text. */
static int read_text(struct registry_reader *r, const struct yaml_node *map, const char *key,
		     const char **value)
{
	const struct yaml_node *node = yaml_get(map, key);

	if (!node || yaml_is_null(node))
		return 0;
	if (node->kind != YAML_TEXT)
		return yaml_error(r->y, node, r->err, "%s: one value was expected here", key);
	if (node->text[strcspn(node->text, "\t\n\r")])
		return yaml_error(r->y, node, r->err, "%s: must be one line without tabs", key);
	*value = keep(r, node->text);
	return 0;
}

static int read_size(struct registry_reader *r, const struct yaml_node *map, const char *key,
		     size_t *value)
{
	const struct yaml_node *node = yaml_get(map, key);

	return node && !yaml_is_null(node) ? yaml_size(r->y, node, 0, SIZE_MAX, value, r->err) : 0;
}

/* The place of 'value' among 'choices', or -1 with an error at the key's value. */
static int choice(struct registry_reader *r, const struct yaml_node *map, const char *key,
		  const char *const *choices, size_t n, const char *value)
{
	const struct yaml_node *at = yaml_get(map, key);
	const char *near;

	for (size_t i = 0; i < n; i++)
		if (str_eq(choices[i], value))
			return (int)i;
	near = nearest_name(value, choices, n);
	yaml_error(r->y, at ? at : map, r->err, "%s: \"%s\" is not known%s%s%s", key, value,
		   near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
	return -1;
}

static int check_hex(struct registry_reader *r, const struct yaml_node *map, const char *key,
		     const char *value, size_t digits)
{
	if (!*value || is_hex(value, digits))
		return 0;
	return yaml_error(r->y, yaml_get(map, key), r->err, "%s: not %zu hexadecimal digits", key,
			  digits);
}

/* ---- datasets ---- */

static bool is_synapse_id(const char *s)
{
	return str_starts(s, "syn") && s[3] && strspn(s + 3, "0123456789") == strlen(s + 3);
}

/* A file of the registry's own folder, unless its path is whole. */
static const char *beside_registry(struct registry_reader *r, const char *path)
{
	char *copy, *joined;
	const char *kept;

	if (path[0] == '/')
		return path;
	copy = mem_str(r->y->path);
	joined = mem_printf("%s/%s", dirname(copy), path);
	kept = keep(r, joined);
	free(joined);
	free(copy);
	return kept;
}

static int read_where(struct registry_reader *r, const struct yaml_node *map, struct ref_entry *ref)
{
	int source = choice(r, map, "source", sources, ARRAY_LEN(sources), ref->source);
	const char *where = "";

	if (source < 0 || read_text(r, map, where_keys[source], &where) ||
	    read_text(r, map, "search", &ref->search))
		return -1;
	if (!*where && !(source == 0 && *ref->search) && source != 2)
		return yaml_error(r->y, map, r->err,
				  "%s: a dataset of source %s needs %s:", ref->id, ref->source,
				  where_keys[source]);
	if (source == 0)
		ref->dataset = where;
	else if (source == 4)
		ref->address = beside_registry(r, where);
	else
		ref->address = where;
	if (source == 1 && !is_synapse_id(where))
		return yaml_error(r->y, yaml_get(map, "synapse"), r->err,
				  "synapse: \"%s\" is not like syn12345", where);
	return 0;
}

static int read_dataset(struct registry_reader *r, const struct yaml_node *map,
			struct ref_entry *ref)
{
	if (map->kind != YAML_MAP)
		return fail(r, map, "a dataset is a map of source, title, ...");
	if (yaml_check_keys(r->y, map, dataset_keys, ARRAY_LEN(dataset_keys), r->err) ||
	    read_text(r, map, "source", &ref->source) || read_where(r, map, ref) ||
	    read_text(r, map, "title", &ref->title) || read_text(r, map, "tissue", &ref->tissue) ||
	    read_text(r, map, "condition", &ref->condition) ||
	    read_text(r, map, "organism", &ref->organism) ||
	    read_text(r, map, "label", &ref->label) || read_text(r, map, "sha256", &ref->sha256) ||
	    read_text(r, map, "md5", &ref->md5) || read_text(r, map, "version", &ref->release) ||
	    read_text(r, map, "page", &ref->page) || read_text(r, map, "access", &ref->access) ||
	    read_size(r, map, "cells", &ref->cells) || read_size(r, map, "size", &ref->size) ||
	    check_hex(r, map, "sha256", ref->sha256, 64) || check_hex(r, map, "md5", ref->md5, 32))
		return -1;
	if (!*ref->access)
		ref->access = str_eq(ref->source, "synapse") ? "token" : "public";
	return choice(r, map, "access", access_kinds, ARRAY_LEN(access_kinds), ref->access) < 0 ? -1
												: 0;
}

static int read_datasets(struct registry_reader *r, const struct yaml_node *map)
{
	struct references *list = &r->reg->list;

	if (map->kind != YAML_MAP)
		return fail(r, map, "datasets: a map of names was expected");
	for (size_t i = 0; i < map->n; i++) {
		const char *id = map->keys[i]->text;
		struct ref_entry *ref = references_add(list), *old;

		if (!*id || id[strcspn(id, " \t\n\r/,")])
			return yaml_error(r->y, map->keys[i], r->err,
					  "\"%s\": a name has no blanks, commas or slashes", id);
		ref->id = keep(r, id);
		if (read_dataset(r, map->items[i], ref))
			return -1;
		old = references_find(list, id);
		if (old != ref)
			references_replace(list, old);
	}
	return 0;
}

/* ---- presets and services ---- */

static int read_preset(struct registry_reader *r, const struct yaml_node *name,
		       const struct yaml_node *map)
{
	struct registry *reg = r->reg;
	struct preset p = {.name = keep(r, name->text), .title = ""};
	size_t at = 0;

	if (map->kind != YAML_MAP)
		return fail(r, map, "a preset is a map of condition, tissue, min_cells, ...");
	if (yaml_check_keys(r->y, map, preset_keys, ARRAY_LEN(preset_keys), r->err) ||
	    read_text(r, map, "title", &p.title) || read_text(r, map, "condition", &p.condition) ||
	    read_text(r, map, "condition_pattern", &p.condition_pattern) ||
	    read_text(r, map, "tissue", &p.tissue) ||
	    read_text(r, map, "tissue_pattern", &p.tissue_pattern) ||
	    read_size(r, map, "min_cells", &p.min_cells))
		return -1;
	while (at < reg->n_presets && !str_eq(reg->presets[at].name, p.name))
		at++;
	if (at == MOST_PRESETS)
		return fail(r, name, "more than 1,000 presets");
	if (at == reg->n_presets) {
		MEM_GROW(reg->presets, at + 1, reg->cap_presets);
		reg->n_presets++;
	}
	reg->presets[at] = p;
	return 0;
}

static int read_presets(struct registry_reader *r, const struct yaml_node *map)
{
	if (map->kind != YAML_MAP)
		return fail(r, map, "presets: a map of names was expected");
	for (size_t i = 0; i < map->n; i++)
		if (read_preset(r, map->keys[i], map->items[i]))
			return -1;
	return 0;
}

static int read_services(struct registry_reader *r, const struct yaml_node *map)
{
	struct services *s = &r->reg->services;
	const struct {
		const char *key, **value;
	} known[] = {
		{"census_release", &s->census_release},
		{"census_h5ads", &s->census_h5ads},
		{"census_region", &s->census_region},
		{"census_descriptor", &s->census_descriptor},
		{"discover", &s->discover},
		{"models_index", &s->models_index},
		{"synapse", &s->synapse},
	};
	const char *keys[ARRAY_LEN(known)];

	if (map->kind != YAML_MAP)
		return fail(r, map, "services: a map was expected");
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		keys[i] = known[i].key;
	if (yaml_check_keys(r->y, map, keys, ARRAY_LEN(keys), r->err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (read_text(r, map, known[i].key, known[i].value))
			return -1;
	return 0;
}

/* ---- files ---- */

static int read_file(struct registry_reader *r)
{
	const struct yaml_node *root = r->y->root;
	const struct yaml_node *services = yaml_get(root, "services");
	const struct yaml_node *presets = yaml_get(root, "presets");
	const struct yaml_node *datasets = yaml_get(root, "datasets");

	if (root->kind != YAML_MAP)
		return fail(r, root, "a registry is a map of datasets, presets, services");
	if (yaml_check_keys(r->y, root, top_keys, ARRAY_LEN(top_keys), r->err) ||
	    (services && !yaml_is_null(services) && read_services(r, services)) ||
	    (presets && !yaml_is_null(presets) && read_presets(r, presets)) ||
	    (datasets && !yaml_is_null(datasets) && read_datasets(r, datasets)))
		return -1;
	return 0;
}

int registry_add(struct registry *reg, const char *path, struct err *err)
{
	struct registry_reader r = {.reg = reg, .y = yaml_read(path, err), .err = err};
	int ret;

	if (!r.y)
		return -1;
	ret = read_file(&r);
	yaml_close(r.y);
	return ret;
}

static int add_from_environment(struct registry *reg, struct err *err)
{
	const char *value = getenv("PIPETTE_REGISTRY");
	char *paths = mem_str(value ? value : ""), *rest = paths, *path;
	int ret = 0;

	while (ret == 0 && (path = strsep(&rest, ":")))
		if (*path)
			ret = registry_add(reg, path, err);
	free(paths);
	return ret;
}

int registry_open(struct registry *reg, const char *const *extra, size_t n_extra, struct err *err)
{
	char *shipped = datadir_find("refs/registry.yaml", err);
	struct services *s = &reg->services;
	int ret;

	if (!shipped)
		return -1;
	s->census_release = s->census_h5ads = s->census_region = s->census_descriptor = "";
	s->discover = s->models_index = s->synapse = "";
	ret = registry_add(reg, shipped, err);
	free(shipped);
	if (ret == 0)
		ret = add_from_environment(reg, err);
	for (size_t i = 0; i < n_extra && ret == 0; i++)
		ret = registry_add(reg, extra[i], err);
	return ret;
}

void registry_release(struct registry *reg)
{
	references_release(&reg->list);
	free(reg->presets);
	*reg = (struct registry){0};
}

/* ---- looking up ---- */

void registry_locate(struct references *list, struct ref_entry *r, const struct services *s)
{
	char *file, *address;

	if (!str_eq(r->source, "cellxgene") || *r->address || !*r->dataset || !*s->census_h5ads)
		return;
	file = mem_printf("%s.h5ad", r->dataset);
	address = address_join(s->census_h5ads, file);
	r->address = references_keep(list, address);
	r->release = s->census_release;
	free(address);
	free(file);
}

const struct preset *registry_preset(const struct registry *reg, const char *name, struct err *err)
{
	const char **names = mem_alloc(reg->n_presets + 1, sizeof(*names));
	const struct preset *found = NULL;

	for (size_t i = 0; i < reg->n_presets; i++) {
		names[i] = reg->presets[i].name;
		if (str_eq(names[i], name))
			found = &reg->presets[i];
	}
	if (!found)
		err_no_name(err, "registry", "preset", name, names, reg->n_presets);
	free(names);
	return found;
}

static bool is_dataset_id(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(s) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? s[i] != '-' : !strchr("0123456789abcdefABCDEF", s[i]))
			return false;
	return true;
}

static struct ref_entry as_it_stands(struct registry *reg, const char *id)
{
	struct references one = {0};
	struct ref_entry r = *references_add(&one);

	references_release(&one);
	r.id = references_keep(&reg->list, id);
	if (is_synapse_id(id)) {
		r.source = "synapse";
		r.access = "token";
		r.address = r.id;
	} else {
		r.source = "cellxgene";
		r.access = "public";
		r.dataset = r.id;
		r.label = "cell_type";
	}
	return r;
}

int registry_find(struct registry *reg, const char *id, struct ref_entry *found, struct err *err)
{
	const struct ref_entry *known = references_find(&reg->list, id);
	const char **names, *near;

	if (known || is_synapse_id(id) || is_dataset_id(id)) {
		*found = known ? *known : as_it_stands(reg, id);
		return 0;
	}
	MEM_ARRAY(names, reg->list.n + 1);
	for (size_t i = 0; i < reg->list.n; i++)
		names[i] = reg->list.items[i].id;
	near = nearest_name(id, names, reg->list.n);
	err_set(err, "%s: no registry has it%s%s%s (ref-query lists what there is)", id,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	free(names);
	return -1;
}
