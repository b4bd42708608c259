/* config.c - a config as a whole: its keys, its name. */
#include "base/util.h"

#include <libgen.h>

#include "conf/conf_private.h"
#include "conf/config.h"

static const char *const top_keys[] = {"name",  "references", "queries",  "models",     "tissue",
				       "panel", "harmonise",  "discover", "presets",    "strict",
				       "truth", "batch",      "registry", "make_unique"};

/* The keys at the top: those above, and a section for each that the settings have. */
static int check_keys(struct conf_reader *r)
{
	const char **known = mem_alloc(ARRAY_LEN(top_keys) + n_settings, sizeof(*known));
	size_t n = ARRAY_LEN(top_keys);
	int ret;

	memcpy(known, top_keys, sizeof(top_keys));
	for (size_t i = 0; i < n_settings; i++)
		if (i == 0 || !str_eq(settings[i].section, settings[i - 1].section))
			known[n++] = settings[i].section;
	ret = yaml_check_keys(r->y, r->y->root, known, n, r->err);
	free(known);
	return ret;
}

/* A run that is not named is called as the config's file, up to the first dot. The config's folder
 * becomes a part of paths. */
static int name_run(struct conf_reader *r, const char *path)
{
	struct yaml_node word = *r->y->root;
	char *copy = mem_str(path);

	word.kind = YAML_TEXT;
	word.quoted = true;
	word.text = r->folder;
	if (conf_word(r, &word) && !r->c->name) {
		word.text = basename(copy);
		word.text[strcspn(word.text, ".")] = '\0';
		r->c->name = conf_name(r, &word);
	}
	free(copy);
	return err_is_set(r->err) ? -1 : 0;
}

/* The service itself, or a file with its answer. */
static const char *conf_service(struct conf_reader *r, const struct yaml_node *node)
{
	const char *word = conf_scalar(r, node);

	return word && str_eq(word, "service") ? conf_keep(r, word) : conf_path(r, node);
}

static const char *setting_of(const struct config *c, const char *section, const char *key)
{
	return c->settings[setting_find(section, strlen(section), key)];
}

/* Does any model say how strange cells are, as far as can be told without opening it? */
static bool has_novelty(const struct config *c)
{
	const char *recipe = setting_of(c, "train", "recipe");
	bool any = c->n_references > 0;

	for (size_t i = 0; i < c->n_models; i++)
		any |= c->models[i].path && str_ends(c->models[i].path, ".h5");
	return any && !(recipe && str_eq(recipe, "celltypist"));
}

bool config_far_by_clusters(const struct config *c, bool *asked)
{
	const char *far = setting_of(c, "gate", "far");
	const char *limit = setting_of(c, "gate", "max_novelty");

	*asked = far;
	if (!setting_of(c, "gate", "use") || setting_of(c, "vote", "use"))
		return false;
	if (far)
		return str_eq(far, "clusters");
	return has_novelty(c) && !(limit && strtod(limit, NULL) <= 0);
}

/* A neural reference is asked by another filter: it is known by how its file is called. */
static void sort_reference(struct config *c)
{
	const char **reference = &c->settings[setting_find("mapping", 7, "reference")];
	const char **model = &c->settings[setting_find("mapping", 7, "model")];

	if (!*model && *reference &&
	    (str_ends(*reference, ".pt") || str_ends(*reference, ".vae.h5"))) {
		*model = *reference;
		*reference = NULL;
	}
}

/* Something must say what cells are: a model there is or is trained, or an atlas. */
static int check_there_is_a_voter(struct conf_reader *r)
{
	const struct yaml_node *root = r->y->root, *mapping = yaml_get(root, "mapping");
	bool maps = setting_of(r->c, "mapping", "use");
	bool has_atlas =
		setting_of(r->c, "mapping", "reference") || setting_of(r->c, "mapping", "model");

	if (maps && !has_atlas && !r->c->n_references)
		return yaml_error(
			r->y, mapping, r->err,
			"mapping: there are no references to make an atlas of (reference: "
			"ATLAS.ref.h5, as ref-build makes it)");
	if (!r->c->n_references && !r->c->n_models && !maps)
		return yaml_error(r->y, root, r->err,
				  "nothing to type with: give references, models, a tissue or an "
				  "atlas to map onto");
	return 0;
}

static int read_config(struct conf_reader *r, const char *path, const char *tissues)
{
	const struct yaml_node *root = r->y->root;
	struct config *c = r->c;

	MEM_ZERO(c->settings, n_settings);
	if (check_keys(r) || conf_value(r, root, "name", conf_name, &c->name) ||
	    name_run(r, path) || conf_value(r, root, "panel", conf_path, &c->panel) ||
	    conf_value(r, root, "registry", conf_path, &c->registry) ||
	    conf_value(r, root, "discover", conf_service, &c->discover) ||
	    conf_bool(r, root, "strict", &c->strict) ||
	    conf_value(r, root, "truth", conf_text, &c->truth) ||
	    conf_value(r, root, "batch", conf_text, &c->batch) ||
	    conf_bool(r, root, "make_unique", &c->make_unique) ||
	    conf_bool(r, root, "harmonise", &c->harmonise))
		return -1;
	if (conf_lists(r, tissues))
		return -1;
	if (!yaml_get(root, "harmonise")) /* two references have two ways to say one thing */
		c->harmonise = c->n_references > 1;
	if (conf_settings(r))
		return -1;
	sort_reference(c);
	return check_there_is_a_voter(r);
}

struct config *config_read(const char *path, const char *tissues, struct err *err)
{
	struct yaml *y = yaml_read(path, err);
	struct conf_reader r = {.y = y, .err = err};
	char *copy;
	int failed;

	if (!y)
		return NULL;
	copy = mem_str(path);
	r.folder = str_eq(path, "-") ? "." : dirname(copy);
	r.c = mem_zero(1, sizeof(*r.c));
	failed = read_config(&r, path, tissues);
	conf_known_release(&r);
	free(copy);
	yaml_close(y);
	if (!failed)
		return r.c;
	config_free(r.c);
	return NULL;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	free(c->references);
	free(c->queries);
	free(c->models);
	free(c->settings);
	text_release(&c->notes);
	text_release(&c->warnings);
	arena_release(&c->arena);
	free(c);
}
