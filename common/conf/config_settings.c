/* config_settings.c - the sections of a config: options of filters, and switches of steps. */
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
	case SETTING_SWITCH:
		if (yaml_bool(r->y, node, &on, r->err))
			return -1;
		r->c->settings[i] = !on ? NULL : s->kind == SETTING_FLAG ? "" : "yes";
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
	case SETTING_PATH:
		break;
	}
	r->c->settings[i] = s->kind == SETTING_PATH ? conf_path(r, node) : conf_text(r, node);
	return r->c->settings[i] ? 0 : -1;
}

/* A section that can be switched may be "vote: yes"; naming it at all is yes. */
static int read_switch(struct conf_reader *r, const struct yaml_node *node, size_t use)
{
	if (node->kind == YAML_TEXT)
		return read_setting(r, use, node);
	r->c->settings[use] = "yes";
	return 0;
}

/* The settings from 'first' up to 'end' are those of one section. */
static int read_section(struct conf_reader *r, size_t first, size_t end)
{
	const char *section = settings[first].section;
	const struct yaml_node *map = yaml_get(r->y->root, section);
	size_t use = setting_find(section, strlen(section), "use");
	const char **known;
	int ret;

	if (!map || yaml_is_null(map))
		return 0;
	if (use != SIZE_MAX && (read_switch(r, map, use) || map->kind == YAML_TEXT))
		return err_is_set(r->err) ? -1 : 0;
	MEM_ARRAY(known, end - first);
	for (size_t i = first; i < end; i++)
		known[i - first] = settings[i].key;
	ret = yaml_check_keys(r->y, map, known, end - first, r->err);
	free(known);
	for (size_t i = first; i < end && ret == 0; i++) {
		const struct yaml_node *node = yaml_get(map, settings[i].key);

		if (node && !yaml_is_null(node))
			ret = read_setting(r, i, node);
	}
	return ret;
}

int conf_settings(struct conf_reader *r)
{
	size_t end;

	for (size_t i = 0; i < n_settings; i++)
		if (settings[i].kind == SETTING_SWITCH && str_eq(settings[i].choices, "yes"))
			r->c->settings[i] = "yes";
	for (size_t first = 0; first < n_settings; first = end) {
		for (end = first + 1; end < n_settings; end++)
			if (!str_eq(settings[end].section, settings[first].section))
				break;
		if (read_section(r, first, end))
			return -1;
	}
	return 0;
}
