/* yaml.c - see yaml.h. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>
#include <yaml.h>

#include "base/mem.h"
#include "base/strtab.h"
#include "base/text.h"
#include "format/yaml.h"

#define INPUT_LIMIT ((size_t)1 << 20)
#define DEPTH_LIMIT 32

struct yaml_reader {
	struct yaml *y;
	yaml_parser_t parser;
	struct err *err;
};

static int fail_at(struct yaml_reader *r, yaml_mark_t mark, const char *what)
{
	return err_set(r->err, "%s:%zu:%zu: %s", r->y->path, mark.line + 1, mark.column + 1, what);
}

/* What libyaml says, or of the two most common slips what they are. */
static const char *problem_of(const yaml_parser_t *parser)
{
	const char *what = parser->context ? parser->context : "";

	if (strstr(what, "scanning an alias"))
		return "a value that begins with * must stand in quotes";
	if (strstr(what, "next token") && parser->buffer.pointer && *parser->buffer.pointer == '\t')
		return "a tab: indent with blanks";
	return parser->problem ? parser->problem : "not YAML";
}

static int next_event(struct yaml_reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	return fail_at(r, r->parser.problem_mark, problem_of(&r->parser));
}

static struct yaml_node *new_node(struct yaml_reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml_node *node = arena_alloc(r->y->arena, sizeof(*node));

	*node = (struct yaml_node){.kind = kind, .line = mark.line + 1, .column = mark.column + 1};
	return node;
}

static struct yaml_node *read_node(struct yaml_reader *r, yaml_event_t *event, int depth);

/* The items of a list, or the keys and values of a map in turn, up to the end event. */
static int read_items(struct yaml_reader *r, struct yaml_node *node, yaml_event_type_t end,
		      int depth)
{
	struct yaml_node **all = NULL;
	size_t n = 0, cap = 0, step = node->kind == YAML_MAP ? 2 : 1;
	int ret = -1;

	for (;;) {
		yaml_event_t event;
		struct yaml_node *item;

		if (next_event(r, &event))
			goto done;
		if (event.type == end) {
			yaml_event_delete(&event);
			break;
		}
		item = read_node(r, &event, depth);
		yaml_event_delete(&event);
		if (!item)
			goto done;
		MEM_GROW(all, n + 1, cap);
		all[n++] = item;
	}
	node->n = n / step;
	node->items = arena_alloc(r->y->arena, mem_product(n + 1, sizeof(*all)));
	node->keys = step == 2 ? node->items + node->n : NULL;
	for (size_t i = 0; i < node->n; i++) {
		node->items[i] = all[step * i + step - 1];
		if (node->keys)
			node->keys[i] = all[2 * i];
	}
	ret = 0;
done:
	free(all);
	return ret;
}

static int check_distinct_keys(struct yaml_reader *r, const struct yaml_node *map)
{
	struct strtab seen = {0};
	int ret = 0;

	for (size_t i = 0; i < map->n && ret == 0; i++) {
		const struct yaml_node *key = map->keys[i];
		uint32_t first = key->kind == YAML_TEXT ? strtab_add(&seen, key->text) : 0;

		if (key->kind != YAML_TEXT)
			ret = yaml_error(r->y, key, r->err, "a key must be plain text");
		else if (first != i)
			ret = yaml_error(r->y, key, r->err,
					 "the key %s is here twice (first on line %zu)", key->text,
					 map->keys[first]->line);
	}
	strtab_release(&seen);
	return ret;
}

static struct yaml_node *read_scalar(struct yaml_reader *r, const yaml_event_t *event)
{
	struct yaml_node *node = new_node(r, YAML_TEXT, event->start_mark);
	const char *value = (const char *)event->data.scalar.value;

	if (strlen(value) != event->data.scalar.length) {
		fail_at(r, event->start_mark, "a NUL byte");
		return NULL;
	}
	node->text = arena_str(r->y->arena, value, event->data.scalar.length);
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return node;
}

static struct yaml_node *read_node(struct yaml_reader *r, yaml_event_t *event, int depth)
{
	struct yaml_node *node;

	if (depth > DEPTH_LIMIT) {
		fail_at(r, event->start_mark, "nested more than 32 deep");
		return NULL;
	}
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event);
	case YAML_SEQUENCE_START_EVENT:
		node = new_node(r, YAML_LIST, event->start_mark);
		return read_items(r, node, YAML_SEQUENCE_END_EVENT, depth + 1) ? NULL : node;
	case YAML_MAPPING_START_EVENT:
		node = new_node(r, YAML_MAP, event->start_mark);
		if (read_items(r, node, YAML_MAPPING_END_EVENT, depth + 1) ||
		    check_distinct_keys(r, node))
			return NULL;
		return node;
	case YAML_ALIAS_EVENT:
		fail_at(r, event->start_mark,
			"aliases are not read: write the value out (a pattern that begins with * "
			"must stand in quotes)");
		return NULL;
	default:
		fail_at(r, event->start_mark, "not expected here");
		return NULL;
	}
}

/* One document, or nothing. */
static int read_document(struct yaml_reader *r)
{
	yaml_event_t event;
	yaml_event_type_t type;

	do {
		if (next_event(r, &event))
			return -1;
		type = event.type;
		if (type == YAML_DOCUMENT_START_EVENT || type == YAML_STREAM_START_EVENT ||
		    type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT) {
			if (type == YAML_DOCUMENT_START_EVENT && r->y->root) {
				fail_at(r, event.start_mark, "a second document");
				type = YAML_NO_EVENT;
			}
		} else {
			r->y->root = read_node(r, &event, 1);
			if (!r->y->root)
				type = YAML_NO_EVENT;
		}
		yaml_event_delete(&event);
		if (type == YAML_NO_EVENT)
			return -1;
	} while (type != YAML_STREAM_END_EVENT);
	if (!r->y->root)
		r->y->root = new_node(r, YAML_MAP, (yaml_mark_t){0});
	return 0;
}

static char *read_file(const char *path, size_t *len, struct err *err)
{
	FILE *file = str_eq(path, "-") ? stdin : fopen(path, "r");
	struct text bytes = TEXT_INIT;
	int failed;

	if (!file) {
		err_errno(err, "%s", path);
		return NULL;
	}
	failed = text_add_stream(&bytes, file, INPUT_LIMIT) ? err_errno(err, "%s", path) : 0;
	*len = bytes.len;
	if (!failed && *len > INPUT_LIMIT)
		failed = err_set(err, "%s: more than 1 MiB of YAML", path);
	if (file != stdin)
		fclose(file);
	if (!failed)
		return text_take(&bytes);
	text_release(&bytes);
	return NULL;
}

struct yaml *yaml_read(const char *path, struct err *err)
{
	struct yaml_reader r = {.err = err};
	size_t len;
	char *bytes = read_file(path, &len, err);
	int failed;

	if (!bytes)
		return NULL;
	r.y = mem_zero(1, sizeof(*r.y));
	r.y->path = mem_str(str_eq(path, "-") ? "stdin" : path);
	r.y->arena = mem_zero(1, sizeof(*r.y->arena));
	if (!yaml_parser_initialize(&r.parser))
		BUG("libyaml does not start");
	yaml_parser_set_input_string(&r.parser, (unsigned char *)bytes, len);
	failed = read_document(&r);
	yaml_parser_delete(&r.parser);
	free(bytes);
	if (failed) {
		yaml_close(r.y);
		return NULL;
	}
	return r.y;
}

void yaml_close(struct yaml *y)
{
	if (!y)
		return;
	arena_release(y->arena);
	free(y->arena);
	free(y->path);
	free(y);
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->keys[i]->text, key))
			return map->items[i];
	return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_TEXT && !node->quoted &&
	       (str_eq(node->text, "") || str_eq(node->text, "~") || str_eq(node->text, "null"));
}

int yaml_error(const struct yaml *y, const struct yaml_node *at, struct err *err,
	       const char *format, ...)
{
	char what[800];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(err, "%s:%zu:%zu: %s", y->path, at->line, at->column, what);
}

int yaml_check_keys(const struct yaml *y, const struct yaml_node *map, const char *const *known,
		    size_t n_known, struct err *err)
{
	if (map->kind != YAML_MAP)
		return yaml_error(y, map, err, "keys and values were expected here");
	for (size_t i = 0; i < map->n; i++) {
		const char *key = map->keys[i]->text, *nearest;
		size_t k = 0;

		while (k < n_known && !str_eq(key, known[k]))
			k++;
		if (k < n_known)
			continue;
		nearest = nearest_name(key, known, n_known);
		return yaml_error(y, map->keys[i], err, "there is no key %s%s%s%s", key,
				  nearest ? " (did you mean " : "", nearest ? nearest : "",
				  nearest ? "?)" : "");
	}
	return 0;
}

static const char *scalar(const struct yaml *y, const struct yaml_node *node, struct err *err)
{
	if (node->kind == YAML_TEXT)
		return node->text;
	yaml_error(y, node, err, "one value was expected here");
	return NULL;
}

int yaml_size(const struct yaml *y, const struct yaml_node *node, size_t min, size_t max,
	      size_t *value, struct err *err)
{
	const char *text = scalar(y, node, err);

	if (!text)
		return -1;
	if (!parse_size(text, min, max, value))
		return yaml_error(y, node, err, "not a whole number from %zu up: %s", min, text);
	return 0;
}

int yaml_double(const struct yaml *y, const struct yaml_node *node, double *value, struct err *err)
{
	const char *text = scalar(y, node, err);

	if (!text)
		return -1;
	if (!parse_double(text, value))
		return yaml_error(y, node, err, "not a number: %s", text);
	return 0;
}

int yaml_bool(const struct yaml *y, const struct yaml_node *node, bool *value, struct err *err)
{
	static const char *const yes[] = {"true", "yes", "on", "True"};
	static const char *const no[] = {"false", "no", "off", "False"};
	const char *text = scalar(y, node, err);

	if (!text)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		*value = str_eq(text, yes[i]);
		if (*value || str_eq(text, no[i]))
			return 0;
	}
	return yaml_error(y, node, err, "neither yes nor no: %s", text);
}
