/* json_read.c - see json_read.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/text.h"
#include "format/json_read.h"

/* jansson recurses, and its own bound is a matter of how it was built. */
static bool is_too_deep(const char *bytes, size_t len)
{
	size_t depth = 0;
	bool inside = false;

	for (size_t i = 0; i < len; i++) {
		if (inside && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			inside = !inside;
		else if (!inside && (bytes[i] == '[' || bytes[i] == '{') &&
			 ++depth > DOCUMENT_DEEPEST)
			return true;
		else if (!inside && (bytes[i] == ']' || bytes[i] == '}') && depth > 0)
			depth--;
	}
	return false;
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

	if (len > DOCUMENT_LARGEST)
		return err_null(err, "%s: %zu bytes of JSON are more than the %zu that are read",
				name, len, DOCUMENT_LARGEST);
	if (is_too_deep(bytes, len))
		return err_null(err, "%s: JSON nested deeper than %d", name, DOCUMENT_DEEPEST);
	root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return err_null(err, "%s:%d:%d: not JSON that can be read: %s", name, why.line,
				why.column, why.text);
	return root;
}

static int read_all(FILE *in, const char *name, struct text *all, struct err *err)
{
	char piece[1 << 16];
	size_t got;

	while ((got = fread(piece, 1, sizeof(piece), in)) > 0) {
		text_add_bytes(all, piece, got);
		if (all->len > DOCUMENT_LARGEST)
			return err_set(err, "%s: more JSON than the %zu bytes that are read", name,
				       DOCUMENT_LARGEST);
	}
	return ferror(in) ? err_errno(err, "%s: cannot be read", name) : 0;
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
	if (read_all(in, name, &all, err) == 0)
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
