/* text.c - see text.h. */
#include "base/util.h"

#include <ctype.h>
#include <stdarg.h>

#include "base/mem.h"
#include "base/text.h"

char text_empty[1] = "";

static void make_room(struct text *t, size_t more)
{
	if (t->cap == 0)
		t->s = NULL; /* text_empty, which is not ours to grow */
	MEM_GROW(t->s, t->len + more + 1, t->cap);
}

void text_add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		BUG("bad format: %s", format);
	make_room(t, (size_t)n);
	va_start(args, format);
	vsnprintf(t->s + t->len, (size_t)n + 1, format, args);
	va_end(args);
	t->len += (size_t)n;
}

void text_add_bytes(struct text *t, const char *s, size_t len)
{
	make_room(t, len);
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void text_add_char(struct text *t, char c)
{
	text_add_bytes(t, &c, 1);
}

void text_add_utf8(struct text *t, uint32_t c)
{
	if (c < 0x80) {
		text_add_char(t, (char)c);
		return;
	}
	if (c >= 0x10000) {
		text_add_char(t, (char)(0xf0 | (c >> 18 & 7)));
		text_add_char(t, (char)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		text_add_char(t, (char)(0xe0 | c >> 12));
	}
	text_add_char(t, (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
	text_add_char(t, (char)(0x80 | (c & 0x3f)));
}

int text_add_stream(struct text *t, FILE *in, size_t most)
{
	char piece[8192];
	size_t before = t->len, got;

	while (t->len - before <= most && (got = fread(piece, 1, sizeof(piece), in)) > 0)
		text_add_bytes(t, piece, got);
	return ferror(in) ? -1 : 0;
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->cap)
		t->s[0] = '\0';
}

char *text_take(struct text *t)
{
	char *s = t->cap ? t->s : mem_str("");

	*t = (struct text)TEXT_INIT;
	return s;
}

void text_release(struct text *t)
{
	if (t->cap)
		free(t->s);
	*t = (struct text)TEXT_INIT;
}

char *format_count(char *out, size_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%zu", value);
	char *at = out;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

/* Bytes of the sequence that starts at s, or 0 when it is not well formed. */
static size_t well_formed(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80   ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0; /* overlong, surrogate, beyond U+10FFFF */
	return n;
}

bool utf8_valid(const char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = well_formed((const unsigned char *)s + at, len - at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

size_t utf8_length(const char *s)
{
	return well_formed((const unsigned char *)s, strnlen(s, 4));
}

/* A lone byte from 0x80 to 0x9f is a command to old terminals; as UTF-8 it is to new ones. */
void text_one_line(char *s)
{
	for (size_t n; *s; s += n) {
		unsigned char c = (unsigned char)*s;
		bool control = (c < 0x20 && c != '\t') || c == 0x7f;

		n = utf8_length(s);
		control = control || (n == 0 && c < 0xa0) ||
			  (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0);
		n = n ? n : 1;
		if (control)
			memset(s, '?', n);
	}
}

const char *path_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

uint32_t utf8_next(const char **s)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const unsigned char *at = (const unsigned char *)*s;
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t c = at[0] & first_bits[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (at[i] & 0x3f);
	*s += n;
	return c;
}

/* Edit distance with insert, delete, replace and neighbour swap, case aside. */
static size_t edit_distance(const char *a, const char *b, size_t limit)
{
	size_t n = strlen(a), m = strlen(b);
	size_t rows[3][64];

	if (n >= 64 || m >= 64 || (n > m ? n - m : m - n) > limit)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			now[j] = MIN(MIN(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

const char *nearest_name(const char *word, const char *const *candidates, size_t n)
{
	size_t limit = 1 + strlen(word) / 4;
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t distance = edit_distance(word, candidates[i], limit);

		if (distance <= limit) {
			limit = distance - (distance > 0);
			best = candidates[i];
			if (distance == 0)
				break;
		}
	}
	return best;
}
