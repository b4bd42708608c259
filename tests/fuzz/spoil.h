/* spoil.h - for fuzzers: whole files in memory, and the ways they are spoilt.
 *
 * Texts are spoilt by a piece that goes or comes twice, the end that is missing, a byte, or one of the
 * words that readers of the format stumble over; binary files by words that no length should be. Where
 * in the file, and how often, is the fuzzer's.
 *
 *	slurp("markers.tsv", &bytes);
 *	spoil_text(&bytes, words, ARRAY_LEN(words), 1, &rng);
 *	spill("case.tsv", &bytes);
 *
 * What cannot be read or written ends the fuzzer with status 2.
 */
#ifndef FUZZ_SPOIL_H
#define FUZZ_SPOIL_H

#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"

/* ---- texts ---- */

UNUSED static void slurp(const char *path, struct text *bytes)
{
	FILE *f = fopen(path, "rbe");
	char piece[4096];
	size_t n;

	text_clear(bytes);
	if (!f) {
		perror(path);
		exit(2);
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		text_add_bytes(bytes, piece, n);
	fclose(f);
}

static void spill_bytes(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "wbe");

	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f)) {
		perror(path);
		exit(2);
	}
}

UNUSED static void spill(const char *path, const struct text *bytes)
{
	spill_bytes(path, bytes->s, bytes->len);
}

/* Replace from[at..at+n) by 'with'. */
static void splice(struct text *bytes, size_t at, size_t n, const char *with, size_t len)
{
	struct text out = TEXT_INIT;

	text_add_bytes(&out, bytes->s, at);
	text_add_bytes(&out, with, len);
	text_add_bytes(&out, bytes->s + at + n, bytes->len - at - n);
	text_release(bytes);
	*bytes = out;
}

/* Spoil a text in one place; a word takes the place of up to 'most' bytes, or of none. */
UNUSED static void spoil_text(struct text *bytes, const char *const *words, size_t n_words,
			      size_t most, struct rng *rng)
{
	size_t at = rng_below(rng, bytes->len + 1), drawn = rng_below(rng, 60);
	size_t n = MIN(drawn, bytes->len - at);
	const char *word = words[rng_below(rng, n_words)];
	char *piece;

	switch (rng_below(rng, 6)) {
	case 0: /* a piece goes */
		splice(bytes, at, n, "", 0);
		break;
	case 1: /* a piece comes twice */
		piece = mem_copy(bytes->s + at, n, 1);
		splice(bytes, at, 0, piece, n);
		free(piece);
		break;
	case 2: /* the end is missing */
		splice(bytes, at, bytes->len - at, "", 0);
		break;
	case 3: /* a byte, perhaps NUL */
		if (at < bytes->len)
			bytes->s[at] = (char)rng_below(rng, 256);
		break;
	default: /* a value of another kind */
		splice(bytes, at, rng_below(rng, 2) ? MIN(n, most) : 0, word, strlen(word));
	}
}

/* ---- binary files ---- */

struct bytes {
	uint8_t *at;
	size_t n;
};

/* A file, with room for as much again and one byte more. */
UNUSED static struct bytes read_file(const char *path)
{
	struct text whole = TEXT_INIT;
	struct bytes b;

	slurp(path, &whole);
	b.n = whole.len;
	b.at = mem_zero(2 * b.n + 1, 1);
	memcpy(b.at, whole.s, b.n);
	text_release(&whole);
	return b;
}

/* At 'at' a number that no length or place should be, of 1 to 8 bytes. */
UNUSED static void set_word(struct bytes *b, size_t at, struct rng *rng)
{
	static const uint64_t words[] = {0,          1,          UINT64_MAX, INT64_MAX,
					 UINT32_MAX, INT32_MAX,  0x80,       0xffff,
					 1u << 16,   1ull << 40, 1u << 24,   UINT64_MAX - 1};
	uint64_t word = words[rng_below(rng, ARRAY_LEN(words))];
	size_t size = (size_t)1 << rng_below(rng, 4);

	memcpy(b->at + at, &word, MIN(size, b->n - at));
}

#endif
