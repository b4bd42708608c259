/* pickle_literals.c - the opcodes that carry their value: numbers, texts, bytes. */
#include "base/util.h"

#include "base/text.h"
#include "model/pickle/pickle_private.h"

const unsigned char *pickle_take(struct pickle *p, size_t n)
{
	const unsigned char *at = p->bytes + p->at;

	if (n > p->len - p->at) {
		pickle_fail(p, "the file is cut: %zu bytes wanted, %zu left", n, p->len - p->at);
		return NULL;
	}
	p->at += n;
	return at;
}

int pickle_take_number(struct pickle *p, size_t n_bytes, uint64_t *value)
{
	const unsigned char *at = pickle_take(p, n_bytes);

	*value = 0;
	for (size_t i = 0; at && i < n_bytes; i++)
		*value |= (uint64_t)at[i] << (8 * i);
	return at ? 0 : -1;
}

char *pickle_take_line(struct pickle *p, size_t *len)
{
	const unsigned char *at = p->bytes + p->at;
	const unsigned char *end = memchr(at, '\n', p->len - p->at);

	if (!end) {
		pickle_fail(p, "the file is cut: a line has no end");
		return NULL;
	}
	*len = (size_t)(end - at);
	p->at += *len + 1;
	return arena_str(&p->arena, (const char *)at, *len);
}

static int push_text(struct pickle *p, enum pickle_kind kind, const void *s, size_t len)
{
	struct pickle_value *v = pickle_value(p, kind);

	if (!v)
		return -1;
	if (kind == PICKLE_STR && !utf8_valid(s, len))
		return pickle_fail(p, "a text that is not UTF-8");
	v->text.s = s;
	v->text.len = len;
	return pickle_push(p, v);
}

/* A text or bytes with its length in front. */
static int push_counted(struct pickle *p, enum pickle_kind kind, size_t width)
{
	uint64_t len;
	const unsigned char *at;

	if (pickle_take_number(p, width, &len))
		return -1;
	at = pickle_take(p, len);
	return at ? push_text(p, kind, at, len) : -1;
}

static int push_int(struct pickle *p, int64_t integer)
{
	struct pickle_value *v = pickle_value(p, PICKLE_INT);

	if (v)
		v->integer = integer;
	return pickle_push(p, v);
}

static int push_bool(struct pickle *p, bool truth)
{
	struct pickle_value *v = pickle_value(p, PICKLE_BOOL);

	if (v)
		v->truth = truth;
	return pickle_push(p, v);
}

static int push_unsigned(struct pickle *p, size_t n_bytes)
{
	uint64_t value;

	return pickle_take_number(p, n_bytes, &value) ? -1 : push_int(p, (int64_t)value);
}

static int push_int32(struct pickle *p)
{
	uint64_t value;

	return pickle_take_number(p, 4, &value) ? -1 : push_int(p, (int32_t)(uint32_t)value);
}

/* A two's complement integer of any length, its length in front. */
static int push_long(struct pickle *p, size_t width)
{
	uint64_t len, value = 0;
	const unsigned char *at;

	if (pickle_take_number(p, width, &len))
		return -1;
	at = pickle_take(p, len);
	if (!at)
		return -1;
	if (len > 8)
		return pickle_push_new(p, PICKLE_BIG);
	if (len && at[len - 1] & 0x80)
		value = len < 8 ? ~(uint64_t)0 << (8 * len) : 0;
	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return push_int(p, (int64_t)value);
}

/* Protocol 0 writes True as "01" and long integers with an L. */
static int push_int_line(struct pickle *p)
{
	size_t len;
	char *line = pickle_take_line(p, &len);
	int64_t value;

	if (!line)
		return -1;
	if (str_eq(line, "00") || str_eq(line, "01"))
		return push_bool(p, line[1] == '1');
	if (len && line[len - 1] == 'L')
		line[--len] = '\0';
	if (len > 19 && strspn(line, "-0123456789") == len)
		return pickle_push_new(p, PICKLE_BIG);
	if (!parse_int(line, INT64_MIN, INT64_MAX, &value))
		return pickle_fail(p, "'%.40s' is not an integer", line);
	return push_int(p, value);
}

static int push_float_line(struct pickle *p)
{
	size_t len;
	char *line = pickle_take_line(p, &len);
	struct pickle_value *v = line ? pickle_value(p, PICKLE_FLOAT) : NULL;

	if (!v)
		return -1;
	if (!parse_double(line, &v->number))
		return pickle_fail(p, "'%.40s' is not a number", line);
	return pickle_push(p, v);
}

static int push_float(struct pickle *p)
{
	const unsigned char *at = pickle_take(p, 8);
	struct pickle_value *v = at ? pickle_value(p, PICKLE_FLOAT) : NULL;
	uint64_t bits = 0;

	for (size_t i = 0; v && i < 8; i++)
		bits = bits << 8 | at[i];
	if (v)
		memcpy(&v->number, &bits, sizeof(bits));
	return pickle_push(p, v);
}

/* Up to 'n' hexadecimal digits; false when one is missing. */
static bool hex_number(const char *s, size_t len, size_t n, uint32_t *value)
{
	*value = 0;
	if (len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *digits = "0123456789abcdef", *at;

		at = memchr(digits, s[i] | 0x20, 16);
		if (!at || (s[i] < '0'))
			return false;
		*value = *value << 4 | (uint32_t)(at - digits);
	}
	return true;
}

/* Protocol 0's texts: Latin-1 with \uXXXX and \UXXXXXXXX ("raw unicode escape"). */
static int push_unicode_line(struct pickle *p)
{
	size_t len;
	const char *s = pickle_take_line(p, &len);
	struct text t = TEXT_INIT;
	int ret;

	for (size_t i = 0; s && i < len;) {
		uint32_t c;
		bool escape = s[i] == '\\' && i + 1 < len;

		if (escape && s[i + 1] == 'u' && hex_number(s + i + 2, len - i - 2, 4, &c)) {
			i += 6;
		} else if (escape && s[i + 1] == 'U' && hex_number(s + i + 2, len - i - 2, 8, &c)) {
			i += 10;
		} else {
			c = (unsigned char)s[i++];
		}
		text_add_utf8(&t, c);
	}
	ret = s ? push_text(p, PICKLE_STR, arena_str(&p->arena, t.s, t.len), t.len) : -1;
	text_release(&t);
	return ret;
}

/* One character of a quoted string, after a backslash; advances '*i'. */
static int unescape(const char *s, size_t len, size_t *i)
{
	static const char plain[] = "\\'\"abfnrtv", meant[] = "\\'\"\a\b\f\n\r\t\v";
	const char *at = *i < len ? strchr(plain, s[*i]) : NULL;
	uint32_t c;

	if (at && *at) {
		++*i;
		return (unsigned char)meant[at - plain];
	}
	if (*i < len && s[*i] == 'x' && hex_number(s + *i + 1, len - *i - 1, 2, &c)) {
		*i += 3;
		return (int)c;
	}
	return -1;
}

/* Python 2's strings, as repr writes them. */
static int push_string_line(struct pickle *p)
{
	size_t len;
	const char *s = pickle_take_line(p, &len);
	struct text t = TEXT_INIT;
	bool ok = s && len >= 2 && (s[0] == '\'' || s[0] == '"') && s[len - 1] == s[0];
	int ret = -1;

	for (size_t i = 1; ok && i < len - 1;) {
		int c = (unsigned char)s[i++];

		if (c == '\\')
			c = unescape(s, len - 1, &i);
		ok = c >= 0;
		text_add_char(&t, (char)c);
	}
	if (ok) {
		const char *kept = arena_str(&p->arena, t.s, t.len);

		ret = push_text(p, PICKLE_BYTES, kept, t.len);
	} else if (s) {
		ret = pickle_fail(p, "a string without its quotes");
	}
	text_release(&t);
	return ret;
}

int pickle_literal(struct pickle *p, unsigned char op)
{
	switch (op) {
	case 'N':
		return pickle_push_new(p, PICKLE_NONE);
	case 0x88:
	case 0x89:
		return push_bool(p, op == 0x88);
	case 'I':
	case 'L':
		return push_int_line(p);
	case 'J':
		return push_int32(p);
	case 'K':
		return push_unsigned(p, 1);
	case 'M':
		return push_unsigned(p, 2);
	case 0x8a:
		return push_long(p, 1);
	case 0x8b:
		return push_long(p, 4);
	case 'F':
		return push_float_line(p);
	case 'G':
		return push_float(p);
	case 'S':
		return push_string_line(p);
	case 'T':
		return push_counted(p, PICKLE_BYTES, 4);
	case 'U':
		return push_counted(p, PICKLE_BYTES, 1);
	case 'V':
		return push_unicode_line(p);
	case 'X':
		return push_counted(p, PICKLE_STR, 4);
	case 0x8c:
		return push_counted(p, PICKLE_STR, 1);
	case 0x8d:
		return push_counted(p, PICKLE_STR, 8);
	case 'B':
		return push_counted(p, PICKLE_BYTES, 4);
	case 'C':
		return push_counted(p, PICKLE_BYTES, 1);
	case 0x8e:
	case 0x96:
		return push_counted(p, PICKLE_BYTES, 8);
	default:
		return PICKLE_NOT_MINE;
	}
}
