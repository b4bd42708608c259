/* ascii.c - see ascii.h. */
#include "base/util.h"

#include "base/text.h"
#include "onto/match/ascii.h"

static const struct {
	uint32_t code;
	const char *ascii;
} letters[] = {
	{0xa0, " "},          {0xb5, "mu"},       {0xdf, "ss"},        {0xe6, "ae"},
	{0xf8, "o"},          {0x131, "i"},       {0x153, "oe"},       {0x391, " alpha "},
	{0x392, " beta "},    {0x393, " gamma "}, {0x394, " delta "},  {0x3a6, "phi"},
	{0x3b1, " alpha "},   {0x3b2, " beta "},  {0x3b3, " gamma "},  {0x3b4, " delta "},
	{0x3b5, " epsilon "}, {0x3ba, " kappa "}, {0x3bb, " lambda "}, {0x3bc, "mu"},
	{0x3c6, "phi"},       {0x3d5, "phi"},     {0x2009, " "},       {0x200b, ""},
	{0x2010, "-"},        {0x2011, "-"},      {0x2012, "-"},       {0x2013, "-"},
	{0x2014, "-"},        {0x2018, "'"},      {0x2019, "'"},       {0x202f, " "},
	{0x207a, "+"},        {0x207b, "-"},      {0x2212, "-"},       {0xfeff, ""},
};

/* Accented Latin letters U+00C0 to U+017F without their accents; '*' where 'letters' knows. */
static const char unaccented[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaa*ceeeeiiiidnooooo/*uuuuyty"
				 "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiI*IiJjKkkLlLlLlL"
				 "lLlNnNnNnnNnOoOoOo**RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

static const char *ascii_of(uint32_t code, char *one)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (letters[i].code == code)
			return letters[i].ascii;
	if (code >= 0xc0 && code <= 0x17f) {
		one[0] = unaccented[code - 0xc0];
		one[1] = '\0';
		return one;
	}
	return NULL;
}

/* The bytes of one code point at 's', or 0 when they are no UTF-8. */
static size_t code_length(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;

	for (size_t i = 1; i < n; i++)
		if (!s[i])
			return 0;
	return n && utf8_valid(s, n) ? n : 0;
}

static size_t put(char *out, size_t at, size_t room, const char *s, size_t len)
{
	if (at + len > room)
		return at;
	memcpy(out + at, s, len);
	return at + len;
}

/* Plain letters, case kept; other scripts keep their bytes. */
void to_ascii(const char *s, char *out, size_t room)
{
	size_t at = 0;
	char one[2];

	while (*s && at < room) {
		size_t n = code_length(s);

		if (n <= 1) {
			out[at++] = n ? *s : ' ';
			s++;
			continue;
		}
		const char *next = s;
		const char *ascii = ascii_of(utf8_next(&next), one);

		at = ascii ? put(out, at, room, ascii, strlen(ascii)) : put(out, at, room, s, n);
		s += n;
	}
	out[at] = '\0';
}
