/* fields.c - see fields.h. */
#include "base/util.h"

#include "base/text.h"
#include "format/fields.h"

#define MOST_FIELDS ((size_t)1 << 22) /* of a line: a matrix may have a cell a column */

/* A quoted field: unquoted in place. 'at' is behind the opening quote. */
static bool quoted_field(char **at, struct field *f)
{
	char *from = *at, *to = *at;

	f->s = to;
	for (;; from++) {
		if (!*from)
			return false;
		if (*from == '"' && from[1] != '"')
			break;
		if (*from == '"')
			from++;
		*to++ = *from;
	}
	f->len = (size_t)(to - f->s);
	*at = from + 1;
	return true;
}

int column_place(const char *path, char *const *header, size_t n, const char *name, size_t *column,
		 struct err *err)
{
	size_t times = 0;

	for (size_t i = n; i-- > 0;) {
		if (!str_eq(header[i], name))
			continue;
		*column = i;
		times++;
	}
	if (times == 0)
		return err_no_name(err, path, "column", name, (const char *const *)header, n);
	return times == 1 ? 0 : err_set(err, "%s: has %zu columns %s", path, times, name);
}

bool field_next(char **at, char delimiter, struct field *f)
{
	char *s = *at;

	if (delimiter == WORDS)
		s += strspn(s, " \t");
	if (*s == '"') {
		s++;
		if (!quoted_field(&s, f))
			return false;
	} else {
		f->s = s;
		s += delimiter == WORDS ? strcspn(s, " \t") : (size_t)(strchrnul(s, delimiter) - s);
		f->len = (size_t)(s - f->s);
	}
	if (delimiter == WORDS)
		s += strspn(s, " \t");
	else if (*s && *s != delimiter)
		return false;
	f->last = !*s;
	*at = s + (delimiter != WORDS && *s);
	return true;
}

int fields_broken(const struct lines *in, struct err *err)
{
	return err_set(err, "%s: line %zu: the quotes do not match", in->path, in->number);
}

int fields_split(const struct lines *in, char delimiter, struct names *fields, struct err *err)
{
	char *copy = mem_strn(in->text, in->len), *at = copy;
	struct field f = {.last = false};
	int ret = 0;

	while (!f.last && ret == 0) {
		if (fields->n == MOST_FIELDS)
			ret = err_set(err, "%s: line %zu: more than %zu fields", in->path,
				      in->number, MOST_FIELDS);
		else if (field_next(&at, delimiter, &f))
			names_add_n(fields, f.s, f.len);
		else
			ret = fields_broken(in, err);
	}
	free(copy);
	return ret;
}

char delimiter_guess(const char *line)
{
	static const char candidates[] = "\t,;";
	bool seen[3] = {false}, quoted = false;

	for (; *line; line++) {
		const char *which = strchr(candidates, *line);
		quoted ^= *line == '"';
		if (which && !quoted)
			seen[which - candidates] = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		if (seen[i])
			return candidates[i];
	return WORDS;
}

const char *delimiter_name(char delimiter)
{
	switch (delimiter) {
	case '\t':
		return "tabs";
	case ',':
		return "commas";
	case ';':
		return "semicolons";
	default:
		return "blanks";
	}
}
