/* json.c - see json.h. */
#include "base/util.h"

#include <math.h>

#include "base/json.h"
#include "base/text.h"

struct json json_start(FILE *file)
{
	return (struct json){.file = file, .first = true};
}

static void put_string(struct json *j, const char *s)
{
	putc('"', j->file);
	while (*s) {
		size_t n = utf8_length(s);

		if (n == 0)
			fputs("\\ufffd", j->file);
		else if (*s == '"' || *s == '\\')
			fprintf(j->file, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(j->file, "\\u%04x", *s);
		else
			fwrite(s, 1, n, j->file);
		s += MAX(n, (size_t)1);
	}
	putc('"', j->file);
}

static void before_value(struct json *j, const char *key)
{
	if (!j->first)
		putc(',', j->file);
	if (j->depth)
		fprintf(j->file, "\n%*s", 2 * j->depth, "");
	j->first = false;
	if (key) {
		put_string(j, key);
		fputs(": ", j->file);
	}
}

static void begin(struct json *j, const char *key, char opener, char closer)
{
	if (j->depth == (int)sizeof(j->closers))
		BUG("JSON nested too deep");
	before_value(j, key);
	putc(opener, j->file);
	j->closers[j->depth++] = closer;
	j->first = true;
}

void json_open_object(struct json *j, const char *key)
{
	begin(j, key, '{', '}');
}

void json_open_array(struct json *j, const char *key)
{
	begin(j, key, '[', ']');
}

void json_close(struct json *j)
{
	bool empty = j->first;

	j->depth--;
	if (!empty)
		fprintf(j->file, "\n%*s", 2 * j->depth, "");
	putc(j->closers[j->depth], j->file);
	if (j->depth == 0)
		putc('\n', j->file);
	j->first = false;
}

void json_str(struct json *j, const char *key, const char *value)
{
	before_value(j, key);
	put_string(j, value);
}

void json_size(struct json *j, const char *key, uint64_t value)
{
	before_value(j, key);
	fprintf(j->file, "%llu", (unsigned long long)value);
}

void json_double(struct json *j, const char *key, double value)
{
	char out[32];

	before_value(j, key);
	format_double(out, value);
	fputs(isfinite(value) ? out : "null", j->file);
}

void json_bool(struct json *j, const char *key, bool value)
{
	before_value(j, key);
	fputs(value ? "true" : "false", j->file);
}
