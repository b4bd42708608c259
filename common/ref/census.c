/* census.c - see census.h. */
#include "base/util.h"

#include "base/text.h"
#include "net/address.h"
#include "ref/census.h"

#define ALIASES 8 /* of aliases, one after the other */
#define PUBLIC_BUCKET "s3://cellxgene-census-public-us-west-2/"

static int no_release(const json_t *descriptor, const char *name, struct err *err)
{
	const char **names = mem_alloc(json_object_size(descriptor) + 1, sizeof(*names));
	const char *key;
	const json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)descriptor, key, value) names[n++] = key;
	err_no_name(err, "Census", "release", name, names, n);
	free(names);
	return -1;
}

static int check_retracted(const json_t *entry, const char *name, struct err *err)
{
	const json_t *why = json_object_get(entry, "retraction");
	const char *instead = document_text(why, "replaced_by");

	if (!json_is_true(json_object_get(json_object_get(entry, "flags"), "retracted")))
		return 0;
	return err_set(err, "Census release %s was retracted: %s%s%s%s", name,
		       document_text(why, "reason"), *instead ? " (take " : "", instead,
		       *instead ? " instead)" : "");
}

/* Old descriptors have the whole address, newer ones may have it without the bucket. */
static char *locate(const json_t *h5ads, const char *base)
{
	const char *uri = document_text(h5ads, "uri");
	const char *relative = document_text(h5ads, "relative_uri");
	const char *path = strstr(uri, "://");

	if (*base && !*relative && path && strchr(path + 3, '/'))
		relative = strchr(path + 3, '/');
	if (!*relative)
		return mem_str(uri);
	while (*relative == '/')
		relative++;
	return address_join(*base ? base : PUBLIC_BUCKET, relative);
}

int census_find(struct census *c, const json_t *descriptor, const char *name, const char *base,
		struct err *err)
{
	const json_t *entry = json_object_get(descriptor, name);
	const json_t *h5ads;

	if (!json_is_object(descriptor))
		return err_set(err, "Census: the release descriptor is not a JSON object");
	for (int i = 0; i < ALIASES && json_is_string(entry); i++) {
		name = json_string_value(entry);
		entry = json_object_get(descriptor, name);
	}
	if (!json_is_object(entry))
		return no_release(descriptor, name, err);
	if (check_retracted(entry, name, err))
		return -1;
	h5ads = json_object_get(entry, "h5ads");
	*c = (struct census){0};
	c->h5ads = locate(h5ads, base);
	if (!*c->h5ads) {
		census_release(c);
		return err_set(err,
			       "Census release %s: the descriptor does not say where its h5ads are",
			       name);
	}
	c->release = mem_str(*document_text(entry, "release_build")
				     ? document_text(entry, "release_build")
				     : name);
	c->region = mem_str(document_text(h5ads, "s3_region"));
	return 0;
}

void census_release(struct census *c)
{
	free(c->release);
	free(c->h5ads);
	free(c->region);
	*c = (struct census){0};
}

/* ---- Discover ---- */

/* "lung, colon" of [{"label": "lung", ...}, ...]. */
static const char *labels(struct references *list, const json_t *dataset, const char *key)
{
	const json_t *items = document_list(dataset, key);
	struct text all = TEXT_INIT;
	const char *kept;

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		const char *s = json_is_string(item) ? json_string_value(item)
						     : document_text(item, "label");

		if (*s)
			text_add(&all, "%s%s", all.len ? ", " : "", s);
	}
	kept = references_keep(list, all.s);
	text_release(&all);
	return kept;
}

static const json_t *h5ad_of(const json_t *dataset)
{
	const json_t *assets = document_list(dataset, "assets");

	for (size_t i = 0; i < json_array_size(assets); i++)
		if (str_eq(document_text(json_array_get(assets, i), "filetype"), "H5AD"))
			return json_array_get(assets, i);
	return NULL;
}

static void add_dataset(struct references *list, const json_t *dataset)
{
	const json_t *asset = h5ad_of(dataset);
	const char *id = document_text(dataset, "dataset_id");
	struct ref_entry *r;

	if (!asset || !*id || references_find(list, id))
		return;
	r = references_add(list);
	r->id = r->dataset = references_keep(list, id);
	r->source = "cellxgene";
	r->access = "public";
	r->label = "cell_type"; /* CELLxGENE's schema has it in every file */
	r->address = references_keep(list, document_text(asset, "url"));
	r->size = document_size(asset, "filesize");
	r->cells = document_size(dataset, "cell_count");
	r->title = references_keep(list, document_text(dataset, "title"));
	r->release = references_keep(list, document_text(dataset, "dataset_version_id"));
	r->page = references_keep(list, document_text(dataset, "explorer_url"));
	r->tissue = labels(list, dataset, "tissue");
	r->condition = labels(list, dataset, "disease");
	r->organism = labels(list, dataset, "organism");
}

static void add_any(struct references *list, const json_t *value)
{
	const json_t *inside = json_is_array(value) ? value : document_list(value, "datasets");

	if (!inside)
		inside = document_list(value, "collections");
	if (json_is_object(value) && document_list(value, "assets"))
		add_dataset(list, value);
	for (size_t i = 0; i < json_array_size(inside); i++)
		add_any(list, json_array_get(inside, i));
}

int discover_add(struct references *list, const json_t *answer, const char *name, struct err *err)
{
	size_t before = list->n;

	add_any(list, answer);
	if (list->n == before)
		return err_set(err,
			       "%s: no dataset with an h5ad asset is in it (wanted: the answer "
			       "of Discover's /datasets or of one collection)",
			       name);
	return 0;
}

/* ---- models ---- */

int models_add(struct references *list, const json_t *index, const char *name, struct err *err)
{
	const json_t *models = document_list(index, "models");

	if (!models)
		return err_set(err, "%s: has no list \"models\"", name);
	for (size_t i = 0; i < json_array_size(models); i++) {
		const json_t *m = json_array_get(models, i);
		const char *file = document_text(m, "filename");
		size_t len = strlen(file) - (str_ends(file, ".pkl") ? 4 : 0);
		struct ref_entry *r;

		if (len == 0 || !*document_text(m, "url"))
			continue;
		r = references_add(list);
		r->id = arena_str(&list->arena, file, len);
		r->source = "models";
		r->access = "public";
		r->address = references_keep(list, document_text(m, "url"));
		r->title = references_keep(list, document_text(m, "details"));
		r->release = references_keep(list, document_text(m, "version"));
		r->page = references_keep(list, document_text(m, "source"));
	}
	return 0;
}
