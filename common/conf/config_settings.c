/* config_settings.c - each step's settings, by the table of settings.h. */
#include "base/util.h"

#include "conf/conf_private.h"

static bool is_one_of(const char *value, const char *choices)
{
	size_t len = strlen(value);

	for (const char *at = choices; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n == len && memcmp(at, value, n) == 0)
			return true;
		at += n;
	}
	return false;
}

static int check_number(struct conf_reader *r, const struct setting *s,
			const struct yaml_node *node)
{
	double number;

	if (s->choices && node->kind == YAML_TEXT && is_one_of(node->text, s->choices))
		return 0;
	if (yaml_double(r->y, node, &number, r->err))
		return -1;
	if (s->kind == SETTING_SHARE && !(number >= 0 && number <= 1))
		return yaml_error(r->y, node, r->err, "%s: a number from 0 to 1 was expected",
				  node->text);
	if (s->kind == SETTING_POSITIVE && !(number > 0))
		return yaml_error(r->y, node, r->err, "%s: a number above 0 was expected",
				  node->text);
	return 0;
}

static int read_setting(struct conf_reader *r, size_t i, const struct yaml_node *node)
{
	const struct setting *s = &settings[i];
	size_t size;
	bool on;

	switch (s->kind) {
	case SETTING_FLAG:
		if (yaml_bool(r->y, node, &on, r->err))
			return -1;
		r->c->settings[i] = on ? "" : NULL;
		return 0;
	case SETTING_SIZE:
		if (yaml_size(r->y, node, 0, SIZE_MAX, &size, r->err))
			return -1;
		break;
	case SETTING_NUMBER:
	case SETTING_POSITIVE:
	case SETTING_SHARE:
		if (check_number(r, s, node))
			return -1;
		break;
	case SETTING_CHOICE:
		if (!conf_scalar(r, node))
			return -1;
		if (!is_one_of(node->text, s->choices))
			return yaml_error(r->y, node, r->err, "%s is not one of: %s", node->text,
					  s->choices);
		break;
	case SETTING_TEXT:
		break;
	}
	r->c->settings[i] = str_eq(s->key, "overrides") || str_eq(s->key, "weights")
				    ? conf_path(r, node)
				    : conf_text(r, node);
	return r->c->settings[i] ? 0 : -1;
}

/* 'use' and 'clusters' are keys of conf-mk itself, beside the filter's. */
static int read_section(struct conf_reader *r, const char *section, const char *const *own,
			size_t n_own)
{
	const struct yaml_node *map = yaml_get(r->y->root, section);
	const char *known[N_SETTINGS + 4];
	size_t n = 0;

	if (!map || yaml_is_null(map) || (n_own && map->kind == YAML_TEXT))
		return 0;
	for (size_t i = 0; i < n_own; i++)
		known[n++] = own[i];
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (str_eq(settings[i].section, section))
			known[n++] = settings[i].key;
	if (yaml_check_keys(r->y, map, known, n, r->err))
		return -1;
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct yaml_node *node = str_eq(settings[i].section, section)
						       ? yaml_get(map, settings[i].key)
						       : NULL;

		if (node && !yaml_is_null(node) && read_setting(r, i, node))
			return -1;
	}
	return 0;
}

/* A step may be switched by "vote: yes", or by "vote: {use: yes, ...}"; naming it at all is yes. */
static int read_switch(struct conf_reader *r, const char *section, bool *on)
{
	const struct yaml_node *node = yaml_get(r->y->root, section);

	if (!node || yaml_is_null(node))
		return 0;
	if (node->kind == YAML_TEXT)
		return yaml_bool(r->y, node, on, r->err);
	*on = true;
	return conf_bool(r, node, "use", on);
}

int conf_steps(struct conf_reader *r)
{
	static const char *const vote_own[] = {"use", "clusters"};
	static const char *const use[] = {"use"};
	const struct yaml_node *vote = yaml_get(r->y->root, "vote");

	for (size_t i = 0; setting_sections[i]; i++) {
		const char *section = setting_sections[i];
		bool switched = str_eq(section, "vote") || str_eq(section, "ontology");

		if (read_section(r, section, str_eq(section, "vote") ? vote_own : use,
				 str_eq(section, "vote") ? 2 : switched))
			return -1;
	}
	if (vote && vote->kind == YAML_MAP &&
	    conf_value(r, vote, "clusters", conf_text, &r->c->clusters))
		return -1;
	return read_switch(r, "vote", &r->c->vote) || read_switch(r, "ontology", &r->c->ontology);
}
