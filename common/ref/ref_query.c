/* ref_query.c - see ref_query.h. */
#include "base/util.h"

#include "base/strtab.h"
#include "net/address.h"
#include "net/ask.h"
#include "net/cache.h"
#include "ref/census.h"
#include "ref/fetch.h"
#include "ref/label.h"
#include "ref/ref_query.h"
#include "ref/ref_search.h"
#include "ref/studies.h"

static const struct patience patience = {.retries = 4, .wait = 1, .stall = 60};

/* What one query works with. */
struct asker {
	const struct query *q;
	struct registry *reg;
	struct answer *a;
	struct err *err;
};

bool query_is_source(const char *s)
{
	static const char *const sources[] = {"cellxgene", "synapse", "local", "url", "models"};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (str_eq(sources[i], s))
			return true;
	return false;
}

static bool is_named(const struct opt_list *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->items[i], s))
			return true;
	return false;
}

/* Presets ask about local studies, unless a source is named. */
static bool source_wanted(const struct query *q, const char *source)
{
	if (q->sources->n)
		return is_named(q->sources, source);
	if (q->presets)
		return str_eq(source, "local");
	return !str_eq(source, "models");
}

/* ---- where to look ---- */

static json_t *read_index(struct asker *k, const char *where, const char *service)
{
	const char *from = str_eq(where, "service") ? service : where;

	if (!*from)
		return err_null(k->err, "the registry does not say where this service is");
	return ask_or_read(from, &patience, k->err);
}

/*
 * The index of all datasets, from the service through the cache: whoever looks for the same or
 * other words later gets the same answer, also when the service is down, until it is refreshed.
 */
static json_t *read_cached(struct asker *k, const char *url)
{
	struct ref_entry index = {.id = "discover",
				  .address = url,
				  .source = "url",
				  .access = "",
				  .sha256 = "",
				  .md5 = ""};
	char *cache = cache_folder(k->q->cache, k->err);
	struct fetch_plan plan = {.cache = cache,
				  .region = "",
				  .endpoint = "",
				  .refresh = k->q->refresh,
				  .offline = k->q->offline,
				  .patience = patience};
	struct fetched_file got;
	json_t *root = NULL;

	if (!cache)
		return NULL;
	if (fetch_reference(&got, &index, &plan, k->err) == 0) {
		root = document_read(got.path, k->err);
		if (got.status == FETCH_CACHED)
			text_add(&k->a->notes,
				 "discover: the answer in the cache is taken (ref-query --refresh "
				 "asks again)\n");
	}
	if (err_is_set(k->err))
		err_prefix(k->err, "%s", url);
	fetched_file_release(&got);
	free(cache);
	return root;
}

static json_t *read_discover(struct asker *k)
{
	const char *service = k->reg->services.discover;

	if (!str_eq(k->q->discover, "service") || !*service || !address_is_url(service))
		return read_index(k, k->q->discover, service);
	return read_cached(k, service);
}

/* Another release than the pinned one, or another bucket. */
static int choose_release(struct asker *k)
{
	const struct query *q = k->q;
	struct services *s = &k->reg->services;
	struct census c;
	json_t *descriptor;
	int ret;

	if (!q->census && !q->descriptor && !q->mirror)
		return 0;
	descriptor = read_index(k, q->descriptor ? q->descriptor : "service", s->census_descriptor);
	if (!descriptor)
		return -1;
	ret = census_find(&c, descriptor, q->census ? q->census : s->census_release,
			  q->mirror ? q->mirror : "", k->err);
	json_decref(descriptor);
	if (ret)
		return -1;
	s->census_release = references_keep(&k->reg->list, c.release);
	s->census_h5ads = references_keep(&k->reg->list, c.h5ads);
	text_add(&k->a->notes, "Census release %s: %s\n", c.release, c.h5ads);
	census_release(&c);
	return 0;
}

/* An entry without an id takes the one dataset whose title has its words. */
static void fill_searched(struct asker *k, struct ref_entry *r)
{
	const struct references *found = &k->a->found;
	const struct ref_entry *hit = NULL;
	size_t n = 0;

	for (size_t i = 0; i < found->n; i++)
		if (search_words(r->search, found->items[i].title)) {
			hit = &found->items[i];
			n++;
		}
	if (n == 1) {
		r->dataset = references_keep(&k->reg->list, hit->dataset);
		text_add(&k->a->notes, "%s: is %s, \"%s\"\n", r->id, hit->dataset, hit->title);
	} else if (n > 1) {
		text_add(&k->a->warnings,
			 "%s: %zu datasets have \"%s\" in their title: name one by its id\n", r->id,
			 n, r->search);
	}
}

/* With a Census release named, the files are that release's, not Discover's newest. */
static int search_discover(struct asker *k)
{
	struct references *list = &k->reg->list, *found = &k->a->found;
	json_t *index;
	int ret;

	if (!k->q->discover)
		return 0;
	index = read_discover(k);
	if (!index)
		return -1;
	ret = discover_add(found, index, k->q->discover, k->err);
	json_decref(index);
	for (size_t i = 0; ret == 0 && i < list->n; i++)
		if (*list->items[i].search && !*list->items[i].dataset)
			fill_searched(k, &list->items[i]);
	for (size_t i = 0; ret == 0 && k->q->census && i < found->n; i++)
		found->items[i].address = "";
	return ret;
}

static int read_models(struct asker *k)
{
	json_t *index;
	int ret;

	if (!k->q->models_index)
		return 0;
	index = read_index(k, k->q->models_index, k->reg->services.models_index);
	if (!index)
		return -1;
	ret = models_add(&k->a->found, index, k->q->models_index, k->err);
	json_decref(index);
	return ret;
}

/* Local studies: only when a folder is named, or the environment has one. */
static int read_studies(struct asker *k)
{
	const struct query *q = k->q;
	const char *folder = q->data ? q->data : getenv("SCRNASEQ_DATA_DIR");

	if (folder && *folder)
		return source_wanted(q, "local") || q->ids
			       ? studies_add(&k->a->found, folder, &k->a->samples, k->err)
			       : 0;
	if (q->presets || q->types->n)
		text_add(&k->a->warnings,
			 "local studies: SCRNASEQ_DATA_DIR is not set (nor --data)%s\n",
			 q->presets ? "" : "; cells by type are known of those alone");
	return 0;
}

/* ---- what is meant ---- */

static int add_patterns(struct asker *k, struct search *s, enum search_field field,
			const char *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (search_add(s, field, items[i], k->err))
			return -1;
	return 0;
}

/* Call 'each' for the names of "A,B,...". */
static int for_names(struct asker *k, const char *names, void *arg,
		     int each(struct asker *k, void *arg, char *name))
{
	char *copy = mem_str(names ? names : ""), *rest = copy, *name;
	int ret = 0;

	while (ret == 0 && (name = strsep(&rest, ",")))
		if (*name)
			ret = each(k, arg, name);
	free(copy);
	return ret;
}

static int add_preset(struct asker *k, void *arg, char *name)
{
	const struct preset *p = registry_preset(k->reg, name, k->err);

	return p ? search_preset(arg, p, k->err) : -1;
}

static struct search *make_search(struct asker *k)
{
	const struct query *q = k->q;
	struct search *s = search_new();

	search_min_cells(s, q->min_cells);
	if (add_patterns(k, s, SEARCH_CONDITION, q->conditions->items, q->conditions->n) ||
	    add_patterns(k, s, SEARCH_TISSUE, q->tissues->items, q->tissues->n) ||
	    add_patterns(k, s, SEARCH_ORGANISM, q->organisms->items, q->organisms->n) ||
	    add_patterns(k, s, SEARCH_TYPE, q->types->items, q->types->n) ||
	    add_patterns(k, s, SEARCH_ANY, q->terms, q->n_terms) ||
	    for_names(k, q->presets, s, add_preset)) {
		search_free(s);
		return NULL;
	}
	return s;
}

/* ---- the list ---- */

static void detect_label(struct asker *k, struct ref_entry *r)
{
	struct err err = ERR_INIT;
	const char *label;

	if (!k->q->look_inside || *r->label || !str_eq(r->source, "local"))
		return;
	label = label_of_file(r->address, &err);
	if (label)
		r->label = label;
	else
		text_add(&k->a->warnings, "%s\n", err.text);
}

/* One row for an id at an address, however many rows of tables it has. */
static void take(struct asker *k, const struct ref_entry *r, struct strtab *taken)
{
	struct ref_entry copy = *r;
	char *key = mem_printf("%s\t%s\t%s", copy.id, copy.address, copy.dataset);
	size_t n = taken->n;

	if (strtab_add(taken, key) == n) {
		registry_locate(&k->reg->list, &copy, &k->reg->services);
		detect_label(k, &copy);
		*references_add(&k->a->list) = copy;
	}
	free(key);
}

/* "Immune_All_Low.pkl" is the model Immune_All_Low. */
static int take_id(struct asker *k, void *taken, char *name)
{
	const struct ref_entry *hit;
	struct ref_entry r;

	if (str_ends(name, ".pkl"))
		name[strlen(name) - 4] = '\0';
	hit = references_find(&k->a->found, name);
	if (!hit && registry_find(k->reg, name, &r, k->err))
		return -1;
	take(k, hit ? hit : &r, taken);
	return 0;
}

static bool type_is_asked(void *search, const struct ref_sample *sample)
{
	return search_matches_type(search, sample->type);
}

/* Only local studies say what types they have. */
static bool has_types(const struct asker *k, struct search *s, const struct ref_entry *r)
{
	const struct query *q = k->q;

	if (!q->types->n && !q->min_type_cells)
		return true;
	return str_eq(r->source, "local") && samples_cells(&k->a->samples, r->id, type_is_asked,
							   s) >= MAX(q->min_type_cells, (size_t)1);
}

static void take_matching(struct asker *k, const struct references *from, struct search *s,
			  struct strtab *taken)
{
	for (size_t i = 0; i < from->n; i++)
		if (source_wanted(k->q, from->items[i].source) &&
		    search_matches(s, &from->items[i]) && has_types(k, s, &from->items[i]))
			take(k, &from->items[i], taken);
}

struct listing {
	struct references *list;
	struct search *search;
};

static bool is_listed(void *arg, const struct ref_sample *sample)
{
	const struct listing *l = arg;
	const struct ref_entry *r = references_find(l->list, sample->study);

	return r && str_eq(r->source, "local") && search_matches_type(l->search, sample->type);
}

static int make_list(struct asker *k)
{
	struct search *s = make_search(k);
	struct strtab taken = {0};
	int ret = s ? 0 : -1;

	if (s && k->q->ids) {
		ret = for_names(k, k->q->ids, &taken, take_id);
	} else if (s) {
		take_matching(k, &k->reg->list, s, &taken);
		take_matching(k, &k->a->found, s, &taken);
	}
	if (ret == 0)
		samples_keep(&k->a->samples, is_listed, &(struct listing){&k->a->list, s});
	strtab_release(&taken);
	search_free(s);
	return ret;
}

int query_ask(const struct query *q, struct registry *reg, struct answer *a, struct err *err)
{
	struct asker k = {q, reg, a, err};

	return choose_release(&k) || search_discover(&k) || read_models(&k) || read_studies(&k) ||
			       make_list(&k)
		       ? -1
		       : 0;
}

void answer_release(struct answer *a)
{
	references_release(&a->list);
	references_release(&a->found);
	samples_release(&a->samples);
	text_release(&a->notes);
	text_release(&a->warnings);
}
