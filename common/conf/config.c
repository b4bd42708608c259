#include "conf/config.h"

#include <libgen.h>

#include "conf/reader_private.h"

static const char *const top_keys[] = {
	"name",      "references", "queries",  "models", "tissue",      "panel",
	"harmonise", "discover",   "presets",  "strict", "truth",       "subsample",
	"train",     "predict",    "ensemble", "vote",   "overcluster", "gate",
	"ontology",  "outputs",    "registry", "batch"};
static const char *const output_keys[] = {"h5ad", "report", "multiqc"};

static int read_outputs(struct reader *r)
{
	const struct yaml_node *map = yaml_get(r->y->root, "outputs");

	if (!map || yaml_is_null(map))
		return 0;
	if (yaml_check_keys(r->y, map, output_keys, ARRAY_LEN(output_keys), r->err) ||
	    conf_bool(r, map, "h5ad", &r->c->h5ad) || conf_bool(r, map, "report", &r->c->report) ||
	    conf_bool(r, map, "multiqc", &r->c->multiqc))
		return -1;
	return 0;
}

/* A run that is not named is called as the config's file, up to the first dot. The config's folder
 * becomes a part of paths. */
static int name_run(struct reader *r, const char *path)
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
static const char *conf_service(struct reader *r, const struct yaml_node *node)
{
	const char *word = conf_scalar(r, node);

	return word && str_eq(word, "service") ? conf_keep(r, word) : conf_path(r, node);
}

static int read_config(struct reader *r, const char *path, const char *tissues)
{
	const struct yaml_node *root = r->y->root;
	struct config *c = r->c;

	c->ontology = c->h5ad = c->report = true;
	if (yaml_check_keys(r->y, root, top_keys, ARRAY_LEN(top_keys), r->err) ||
	    conf_value(r, root, "name", conf_name, &c->name) || name_run(r, path) ||
	    conf_value(r, root, "panel", conf_path, &c->panel) ||
	    conf_value(r, root, "registry", conf_path, &c->registry) ||
	    conf_value(r, root, "discover", conf_service, &c->discover) ||
	    conf_bool(r, root, "strict", &c->strict) ||
	    conf_value(r, root, "truth", conf_text, &c->truth) ||
	    conf_value(r, root, "batch", conf_text, &c->batch) ||
	    conf_bool(r, root, "harmonise", &c->harmonise))
		return -1;
	return conf_lists(r, tissues) || conf_steps(r) || read_outputs(r) ? -1 : 0;
}

struct config *config_read(const char *path, const char *tissues, struct err *err)
{
	struct yaml *y = yaml_read(path, err);
	struct reader r = {.y = y, .err = err};
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
	text_release(&c->notes);
	text_release(&c->warnings);
	arena_release(&c->arena);
	free(c);
}
