/* json_read.c - see json_read.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/text.h"
#include "format/json_read.h"

/* What a text would become, seen without reading it. */
struct measure {
	size_t deepest;
	size_t parts; /* memory in units of some 40 bytes: a list or map is three bytes and four of them */
};

static struct measure measure(const char *bytes, size_t len)
{
	struct measure m = {0};
	size_t depth = 0;
	bool inside = false;

	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (inside && c == '\\') {
			i++;
		} else if (c == '"') {
			inside = !inside;
		} else if (inside) {
			continue;
		} else if (c == '[' || c == '{') {
			depth++;
			m.deepest = MAX(m.deepest, depth);
			m.parts += 4;
		} else if (c == ']' || c == '}') {
			depth -= depth > 0;
		} else {
			m.parts += c == ',' || c == ':';
		}
	}
	return m;
}

/* jansson recurses, and its own bound is a matter of how it was built. */
static int check_measure(const char *bytes, size_t len, const char *name, struct err *err)
{
	struct measure m;

	if (len > DOCUMENT_LARGEST)
		return err_set(err, "%s: %zu bytes of JSON are more than the %zu that are read",
			       name, len, DOCUMENT_LARGEST);
	m = measure(bytes, len);
	if (m.deepest > DOCUMENT_DEEPEST)
		return err_set(err, "%s: JSON nested deeper than %d", name, DOCUMENT_DEEPEST);
	if (m.parts > DOCUMENT_MOST)
		return err_set(err, "%s: JSON of more values than are read (%zu million)", name,
			       DOCUMENT_MOST >> 20);
	return 0;
}

/* jansson leaves out what it finds no memory for; here the process ends, as everywhere. */
static void *json_room(size_t n)
{
	return mem_alloc(n, 1);
}

__attribute__((constructor)) static void take_memory(void)
{
	json_set_alloc_funcs(json_room, free);
}

json_t *document_parse(const char *bytes, size_t len, const char *name, struct err *err)
{
	json_error_t why;
	json_t *root;

	if (check_measure(bytes, len, name, err))
		return NULL;
	root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return err_null(err, "%s:%d:%d: not JSON that can be read: %s", name, why.line,
				why.column, why.text);
	return root;
}

json_t *document_read(const char *path, struct err *err)
{
	bool standard = str_eq(path, "-");
	const char *name = standard ? "stdin" : path;
	FILE *in = standard ? stdin : fopen(path, "rbe");
	struct text all = TEXT_INIT;
	json_t *root = NULL;

	if (!in) {
		err_errno(err, "%s: cannot be opened", path);
		return NULL;
	}
	if (text_add_stream(&all, in, DOCUMENT_LARGEST))
		err_errno(err, "%s: cannot be read", name);
	else
		root = document_parse(all.s, all.len, name, err);
	text_release(&all);
	if (!standard)
		fclose(in);
	return root;
}

const char *document_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

size_t document_size(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	json_int_t n = json_integer_value(v);

	if (json_is_real(v) && json_real_value(v) > 0 && json_real_value(v) < 9e15)
		return (size_t)json_real_value(v);
	return n > 0 ? (size_t)n : 0;
}

const json_t *document_list(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_array(v) ? v : NULL;
}
