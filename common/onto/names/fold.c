/* fold.c - see fold.h. */
#include "base/util.h"

#include <ctype.h>

#include "base/text.h"
#include "onto/names/fold.h"

/* ---- plain letters ---- */

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

static size_t put(char *out, size_t at, size_t room, const char *s, size_t len)
{
	if (at + len > room)
		return at;
	memcpy(out + at, s, len);
	return at + len;
}

/*
 * Letters without accents, Greek ones by name, dashes and quotes as plain ones: at most 'room'
 * bytes and a NUL. Case is kept, other scripts keep their bytes, and bytes that are no UTF-8 become
 * blanks.
 */
static void to_ascii(const char *s, char *out, size_t room)
{
	size_t at = 0;
	char one[2];

	while (*s && at < room) {
		size_t n = utf8_length(s);

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

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- one word ------------------------------------------------------------------------------ */

/* "DCs", "cDC2s", "ILCs": is s[0..len) an abbreviation with a plural s? */
static bool plural_abbreviation(const char *s, size_t len)
{
	size_t i = 0, upper = 0;

	if (len < 3 || s[len - 1] != 's')
		return false;
	while (i < len && i < 3 && is_lower(s[i]))
		i++;
	while (i < len && is_upper(s[i])) {
		i++;
		upper++;
	}
	if (i < len - 1 && is_digit(s[i]))
		i++;
	return upper >= 2 && i == len - 1;
}

/* A marker's name, as far as its shape tells: it has a digit, or two capitals. */
static bool marker_like(const char *s, size_t len)
{
	size_t upper = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_digit(s[i]))
			return true;
		upper += is_upper(s[i]);
	}
	return upper >= 2;
}

static bool is_cd(const char *s, size_t *digits)
{
	size_t n;

	if (s[0] != 'c' || s[1] != 'd' || !is_digit(s[2]))
		return false;
	n = 2 + strspn(s + 2, "0123456789");
	*digits = n;
	return true;
}

/* ae and oe are written e: haematopoietic, oesophagus, foetal. Short words are abbreviations. */
static void american(char *s)
{
	char *o = s;

	if (strlen(s) < 5)
		return;

	for (; *s; s++) {
		if ((*s == 'a' || *s == 'o') && s[1] == 'e')
			continue;
		*o++ = *s;
	}
	*o = '\0';
}

static void singular(char *s)
{
	size_t len = strlen(s);

	if (len > 3 && str_ends(s, "ies")) {
		s[len - 3] = 'y';
		s[len - 2] = '\0';
	} else if (len > 3 && s[len - 1] == 's' && !strchr("suia", s[len - 2])) {
		s[len - 1] = '\0';
	}
}

static const char *roman(const char *s)
{
	static const char *const numerals[] = {"i", "ii", "iii", "iv"};
	static const char *const numbers[] = {"1", "2", "3", "4"};

	for (size_t i = 0; i < ARRAY_LEN(numerals); i++)
		if (str_eq(s, numerals[i]))
			return numbers[i];
	return s;
}

/* "l2.3", "l2-3", "l2_3" are "l2/3", a layer of the cortex. */
static size_t layer_length(const char *s)
{
	bool layer = (s[0] == 'L' || s[0] == 'l') && s[1] >= '1' && s[1] <= '6' &&
		     strchr("._-/", s[2]) && s[2] && s[3] > s[1] && s[3] <= '6';

	return layer && !is_word_char(s[4]) ? 4 : 0;
}

static const char *const levels[][2] = {{"high", "high"}, {"hi", "high"}, {"low", "low"},
					{"lo", "low"},    {"dim", "dim"}, {"bright", "bright"},
					{"int", "int"}};

/* "cd56dim" is two words. Adds both and returns true, or does nothing. */
static bool add_level(struct words *w, const char *s)
{
	char marker[40];
	size_t n;

	if (!is_cd(s, &n))
		return false;
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
			if ((l && !is_lower(s[n])) || n + l + 2 > sizeof(marker) ||
			    !str_eq(s + n + l, levels[i][0]))
				continue;
			snprintf(marker, sizeof(marker), "%.*s+", (int)(n + l), s);
			words_add(w, marker, n + l + 1);
			words_add(w, levels[i][1], strlen(levels[i][1]));
			return true;
		}
	return false;
}

/* Add the run s[0..len) with its sign, put in its comparable form. */
static void add_word(struct words *w, const char *s, size_t len, char sign)
{
	char lower[WORDS_BYTES];
	size_t n;

	if (plural_abbreviation(s, len))
		len--;
	len = MIN(len, sizeof(lower) - 2);
	for (size_t i = 0; i < len; i++)
		lower[i] = is_upper(s[i]) ? (char)(s[i] + 32) : s[i];
	lower[len] = '\0';
	if (add_level(w, lower))
		return;
	if (!sign) {
		singular(lower);
		american(lower);
		if (is_cd(lower, &n) && (!lower[n] || (is_lower(lower[n]) && !lower[n + 1])))
			sign = '+';
	}
	len = strlen(lower);
	/* "IgA+ plasma" is "IgA plasma". */
	if (len == 3 && lower[0] == 'i' && lower[1] == 'g' && sign == '+')
		sign = 0;
	if (sign) {
		lower[len++] = sign;
		lower[len] = '\0';
	}
	const char *final = roman(lower);

	words_add(w, final, strlen(final));
}

/* "positive" after a word is that word's sign, except in "double positive". */
static bool apply_sign_word(struct words *w, const char *s, size_t len)
{
	static const char *const names[] = {"positive", "pos", "negative", "neg"};
	char with_sign[WORDS_BYTES];

	if (w->n == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *last = word(w, w->n - 1);
		size_t n = strlen(last);

		if (strlen(names[i]) != len || strncasecmp(s, names[i], len) != 0)
			continue;
		if (str_eq(last, "double") || str_eq(last, "single") || str_eq(last, "triple"))
			return false;
		memcpy(with_sign, last, n);
		n -= word_is_signed(last);
		with_sign[n] = i < 2 ? '+' : '-';
		w->used = w->at[--w->n];
		words_add(w, with_sign, n + 1);
		return true;
	}
	return false;
}

/* ---- the label ----------------------------------------------------------------------------- */

/* The end of the word that starts at 's': "l2/3" and "2/3" are one; camel case is cut. */
static const char *word_end(const char *s)
{
	const char *e = s;

	while (is_word_char(*e)) {
		e++;
		if (e - s >= 3 && is_upper(*e) && is_lower(e[-1]) && is_lower(e[-2]) &&
		    is_lower(e[-3]))
			return e;
	}
	while ((*e == '/' || *e == '.') && is_digit(e[-1]) && is_digit(e[1])) {
		const char *digits = e + 1;

		while (is_digit(*digits))
			digits++;
		/* "NK1.1" is one, "CD4.24h" a marker and a time. */
		if (*e == '.' && is_word_char(*digits))
			break;
		e = digits;
	}
	return e;
}

static char sign_after(const char *s, const char *e)
{
	if (*e == '+')
		return '+';
	if (*e != '-' || !marker_like(s, (size_t)(e - s)))
		return 0;
	if (!is_word_char(e[1]))
		return '-';
	return (s[0] == 'C' || s[0] == 'c') && (s[1] == 'D' || s[1] == 'd') &&
			       (e[1] == 'C' || e[1] == 'c') && (e[2] == 'D' || e[2] == 'd')
		       ? '-'
		       : 0;
}

/* "(sensu Vertebrata)" says who named it, not what it is. */
static const char *skip_sensu(const char *s)
{
	if (strncasecmp(s, "(sensu ", 7) != 0)
		return s;
	const char *close = strchr(s, ')');

	return close ? close + 1 : s;
}

void words_fold(struct words *w, const char *label)
{
	char ascii[4 * WORDS_BYTES];
	const char *s = ascii;

	w->n = w->used = 0;
	to_ascii(label, ascii, sizeof(ascii) - 1);
	while (*s) {
		const char *after = skip_sensu(s);

		if (after != s) {
			s = after;
			continue;
		}
		if (!is_word_char(*s)) {
			s++;
			continue;
		}
		if (layer_length(s)) {
			words_add(w, (char[]){'l', s[1], '/', s[3]}, 4);
			s += 4;
			continue;
		}
		const char *e = word_end(s);
		char sign = sign_after(s, e);

		if (!apply_sign_word(w, s, (size_t)(e - s)))
			add_word(w, s, (size_t)(e - s), sign);
		s = e;
		while (*s == '+')
			s++;
		if (*s == '\'' && s[1] == 's' && !is_word_char(s[2]))
			s += 2;
	}
}
