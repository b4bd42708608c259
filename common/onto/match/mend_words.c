/* mend_words.c - see mend_words.h. */
#include "base/util.h"

#include <ctype.h>

#include "onto/match/drop_words.h"
#include "onto/match/mend_words.h"

/* A longer word is no name whose blanks were left out. */
#define LONGEST_GLUED 60
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static bool all_known(const struct asked *q, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!reduce_known(q, word(w, i)))
			return false;
	return w->n > 0;
}

/* Does the lexicon make something known of this piece of a word? Then add that. */
static bool add_piece(const struct asked *q, struct words *out, const char *s, size_t len)
{
	struct words piece;

	words_clear(&piece);
	if (len < 2)
		return false;
	words_add(&piece, s, len);
	lexicon_apply(q->names->lexicon, &piece, LEXICON_LABEL, q->tissue);
	names_trim(&piece);
	if (!all_known(q, &piece))
		return false;
	words_append(out, &piece, 0, piece.n);
	return true;
}

/* "hMac", "mOli": is the first letter a species'? Written small, or before a long word. */
static bool species_letter(const struct asked *q, const char *w)
{
	const char *at = strcasestr(q->label, w);

	return (*w == 'h' || *w == 'm') && (strlen(w) > 5 || (at && islower((unsigned char)at[0]) &&
							      (isupper((unsigned char)at[1]) ||
							       isupper((unsigned char)at[2]))));
}

/* "dIMCD", "hMac": does the label write a small letter, which says state or species, before
 * capitals? */
static bool small_letter(const struct asked *q, const char *w)
{
	const char *at = strcasestr(q->label, w);

	return at && at[0] >= 'a' && at[0] <= 'z' && at[1] >= 'A' && at[1] <= 'Z' && at[2] >= 'A' &&
	       at[2] <= 'Z';
}

/* The words of a piece of a glued word: "cd8" is "cd8+", "memory" is itself. */
static bool add_text(const struct asked *q, struct words *out, const char *s, size_t len)
{
	char text[64];
	struct words piece;

	if (len == 0 || len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, s);
	names_words(q->names, text, LEXICON_LABEL, q->tissue, &piece);
	for (size_t i = 0; i < piece.n; i++)
		if (!reduce_known(q, word(&piece, i)) && !word_is_number(word(&piece, i)))
			return false;
	words_append(out, &piece, 0, piece.n);
	return true; /* "cell" and "type" leave nothing, and lack nothing */
}

/*
 * "cd8tem", "at2cell", "type2ilc", "l5it": a name has its blanks left out. Cuts after each run of
 * digits, and before one that the letters need no more; every piece must be known.
 */
static bool unglue(const struct asked *q, struct words *out, const char *w)
{
	size_t digits = strcspn(w, "0123456789"), end = digits + strspn(w + digits, "0123456789");
	size_t len = strlen(w);
	struct words pieces;

	words_clear(&pieces);
	if (!w[digits] && len > 5 && str_ends(w, "cell"))
		digits = end = len - 4;
	else if (digits == 0 || end == digits || strspn(w + end, LETTERS) < 2)
		return false;
	if (!add_text(q, &pieces, w, end) &&
	    !(add_text(q, &pieces, w, digits) && add_text(q, &pieces, w + digits, end - digits)))
		return false;
	if (!add_text(q, &pieces, w + end, len - end) && !unglue(q, &pieces, w + end))
		return false;
	words_append(out, &pieces, 0, pieces.n);
	return true;
}

/* Does a word of camel case begin at s[i]? "TipEndothelial", "VIPInhibitory", "ofPancreas". */
static bool hump(const char *s, size_t i)
{
	return isupper((unsigned char)s[i]) &&
	       (islower((unsigned char)s[i - 1]) || islower((unsigned char)s[i + 1]));
}

/* The word as the label has it, in two or more words whose blanks were left out. */
static bool uncamel(const struct asked *q, struct words *out, const char *w)
{
	const char *at = strcasestr(q->label, w);
	size_t len = strlen(w);

	for (size_t i = 1; at && i < len; i++) {
		struct words pieces;

		words_clear(&pieces);
		/* "MkEry" says two types. */
		if (!hump(at, i) || (i < 4 && len - i < 4 && len < 6) ||
		    !add_text(q, &pieces, w, i) ||
		    (!add_text(q, &pieces, w + i, len - i) && !uncamel(q, &pieces, w + i)))
			continue;
		words_append(out, &pieces, 0, pieces.n);
		return true;
	}
	return false;
}

/* "segment3", "type2": the number belongs to the name. */
static bool add_counted(const struct asked *q, struct words *out, const char *w)
{
	size_t letters = strspn(w, LETTERS);
	char first[16];

	if (letters >= sizeof(first) || !word_is_number(w + letters))
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)letters, w);
	if (!reduce_is_counted(first))
		return false;
	add_text(q, out, w, letters);
	words_add(out, w + letters, strlen(w + letters));
	return true;
}

/*
 * "hMac3", "Adip1", "LE2", "cDC2a": an unknown word without its number and species letter.
 * Signed words are genes, and so are those with long numbers: they are left alone.
 */
static bool add_bare(const struct asked *q, struct words *out, const char *w)
{
	size_t len = strlen(w), bare = len, digits = 0;
	bool species = species_letter(q, w);

	if (len > 2 && w[len - 1] >= 'a' && w[len - 1] <= 'c' && w[len - 2] >= '0' &&
	    w[len - 2] <= '9')
		bare--;
	for (; bare > 0 && w[bare - 1] >= '0' && w[bare - 1] <= '9'; bare--)
		digits++;
	if (digits > 2 || (bare < len && digits == 0))
		bare = len;
	return (species && add_piece(q, out, w + 1, len - 1)) ||
	       (bare < len - digits && add_piece(q, out, w, bare + digits)) ||
	       add_piece(q, out, w, bare) ||
	       (species && bare > 2 && add_piece(q, out, w + 1, bare - 1)) ||
	       (bare > 2 && small_letter(q, w) &&
		(add_piece(q, out, w + 1, len - 1) || add_piece(q, out, w + 1, bare - 1)));
}

static void repair_word(const struct asked *q, struct words *out, const char *w)
{
	const char *meant;

	if (!word_is_signed(w) &&
	    (add_counted(q, out, w) || add_bare(q, out, w) ||
	     (strlen(w) <= LONGEST_GLUED && (unglue(q, out, w) || uncamel(q, out, w)))))
		return;
	meant = word_is_signed(w) ? NULL : names_meant(q->names, w);
	if (!meant || !add_piece(q, out, meant, strlen(meant)))
		words_add(out, w, strlen(w));
}

void repair_words(const struct asked *q, struct words *w)
{
	struct words out;

	words_clear(&out);
	for (size_t i = 0; i < w->n; i++)
		if (reduce_known(q, word(w, i)) || word_is_number(word(w, i)))
			words_append(&out, w, i, i + 1);
		else
			repair_word(q, &out, word(w, i));
	names_trim(&out);
	*w = out;
}
