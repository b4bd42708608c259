/* charset.c - see charset.h. */
#include "base/util.h"

#include <iconv.h>
#include <strings.h>

#include "import/rds/charset.h"

/* Windows-1252 0x80 to 0x9f; its five holes keep their C1 code points. */
static const uint16_t cp1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static void add_code_point(struct text *out, unsigned code)
{
	char bytes[3];
	if (code < 0x80) {
		text_add_char(out, (char)code);
		return;
	}
	size_t n = 0;
	if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
	} else {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	bytes[n++] = (char)(0x80 | (code & 0x3f));
	text_add_bytes(out, bytes, n);
}

static void from_cp1252(struct text *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		add_code_point(out, c >= 0x80 && c < 0xa0 ? cp1252[c - 0x80] : c);
	}
}

static bool from_iconv(struct text *out, const char *bytes, size_t n, const char *charset)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	size_t start = out->len, left = n;
	char *in = (char *)bytes;
	bool ok = true;
	while (left && ok) {
		char piece[256], *to = piece;
		size_t room = sizeof(piece);
		size_t left_before = left;
		if (iconv(cd, &in, &left, &to, &room) == (size_t)-1 && left == left_before)
			ok = false;
		text_add_bytes(out, piece, sizeof(piece) - room);
	}
	iconv_close(cd);
	if (ok && utf8_valid(out->s + start, out->len - start))
		return true;
	out->len = start;
	return false;
}

static bool is_utf8_name(const char *charset)
{
	return !strcasecmp(charset, "UTF-8") || !strcasecmp(charset, "UTF8");
}

static bool is_latin_name(const char *charset)
{
	static const char *const names[] = {"latin1", "ISO-8859-1",   "ISO8859-1",
					    "CP1252", "WINDOWS-1252", "1252"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcasecmp(charset, names[i]))
			return true;
	return false;
}

void charset_to_utf8(struct text *out, const char *bytes, size_t n, const char *charset)
{
	bool latin = is_latin_name(charset);
	if (!latin && utf8_valid(bytes, n))
		text_add_bytes(out, bytes, n);
	else if (latin || !*charset || is_utf8_name(charset) || !from_iconv(out, bytes, n, charset))
		from_cp1252(out, bytes, n);
}
