/* conf_private.h - the parts of reading a config: words, lists, steps. Private to conf/.
 *
 * config_words.c: one value of the YAML, checked to be safe in a Make rule and a shell command.
 * config_lists.c: references, queries, models; config_entries.c adds one, config_known.c finds it
 * by name. config_settings.c: the settings of the filters. All fill r->c, and return -1 (or NULL)
 * with r->err naming the place.
 */
#ifndef CONF_CONF_PRIVATE_H
#define CONF_CONF_PRIVATE_H

#include "conf/config.h"

struct registry;

struct conf_reader {
	const struct yaml *y;
	struct config *c;
	char *folder;           /* of the YAML file */
	struct registry *known; /* references by name, once they were asked for; or NULL */
	struct err *err;
};

/* A copy that lives as long as the config. */
const char *conf_keep(struct conf_reader *r, const char *s);

const char *conf_scalar(struct conf_reader *r, const struct yaml_node *node);

/* Words of a Make rule and a shell command: nothing that means something there. */
const char *conf_word(struct conf_reader *r, const struct yaml_node *node);

/* A column or a label, which may hold blanks: in quotes for the shell where it needs them. */
const char *conf_text(struct conf_reader *r, const struct yaml_node *node);

/* A word that is a part of file names: no slash, no comma, no dot in front. */
const char *conf_name(struct conf_reader *r, const struct yaml_node *node);

/* A path, from the folder of the YAML file; conf_path also wants the file to be there. */
const char *conf_from_folder(struct conf_reader *r, const char *word);
const char *conf_path(struct conf_reader *r, const struct yaml_node *node);

/* The name of what is at a path: without its folders and its endings. */
const char *conf_name_of(struct conf_reader *r, const struct yaml_node *at, const char *path);

/* Of a path that a pattern matched, what names it: up to the last part where the pattern is one
 * ("runs/s1" of "runs/s1/outs/raw.h5" for "runs/s?/outs/raw.h5"). */
const char *conf_matched(struct conf_reader *r, const char *pattern, const char *path);

/* The value of a key, when it is there. */
typedef const char *conf_kind(struct conf_reader *r, const struct yaml_node *node);
int conf_value(struct conf_reader *r, const struct yaml_node *map, const char *key, conf_kind *kind,
	       const char **value) MUST_USE;
int conf_bool(struct conf_reader *r, const struct yaml_node *map, const char *key,
	      bool *value) MUST_USE;

#define DEFAULT_CELLS 100000
#define LABEL_AUTO "auto"

/*
 * Add a reference, a query or a model, whose name must be its own; 'at' is where that is said if it
 * is not. A query without a name has that of its path; a model must have one (NULL fails).
 */
int conf_push_reference(struct conf_reader *r, const struct yaml_node *at,
			const struct conf_reference *ref) MUST_USE;
int conf_push_query(struct conf_reader *r, const struct yaml_node *at, const char *name,
		    const char *path) MUST_USE;
int conf_push_model(struct conf_reader *r, const struct yaml_node *at, const char *name,
		    const char *path) MUST_USE;

/* The label column that a registry says a reference has; left as it is when none does. */
int conf_known_label(struct conf_reader *r, struct conf_reference *ref) MUST_USE;

/* The local studies that a list of presets asks for become references, each once. */
int conf_presets(struct conf_reader *r, const struct yaml_node *node) MUST_USE;
void conf_known_release(struct conf_reader *r);

int conf_lists(struct conf_reader *r, const char *tissues) MUST_USE;
int conf_settings(struct conf_reader *r) MUST_USE;

#endif
