/* words.h - a short list of words, in one piece of memory.
 *
 *	struct words w;
 *	words_clear(&w);
 *	words_add(&w, "cell", 4);
 *	puts(word(&w, 0));
 *
 * No pointers inside: it is copied by assignment. Words past MAX_WORDS are left out.
 */
#ifndef ONTO_NAMES_WORDS_H
#define ONTO_NAMES_WORDS_H

#include "base/util.h"

#define MAX_WORDS 48
#define WORDS_BYTES 1536

struct words {
	char text[WORDS_BYTES]; /* the words, each NUL-terminated */
	uint16_t at[MAX_WORDS];
	size_t n, used;
};

static inline const char *word(const struct words *w, size_t i)
{
	return w->text + w->at[i];
}

static inline void words_clear(struct words *w)
{
	w->n = w->used = 0;
}

/* Add one word. Silently nothing when full: a label that long has said what it is. */
void words_add(struct words *w, const char *s, size_t len);

/* Add every word of 'from' in [first, last). */
void words_append(struct words *w, const struct words *from, size_t first, size_t last);

/* Keep the words for which 'keep' is set, in order. */
void words_filter(struct words *w, const bool *keep);

bool words_have(const struct words *w, const char *s);

/* Joined by single spaces into 'out' of WORDS_BYTES; sorted by bytes when 'sorted'. */
void words_join(const struct words *w, bool sorted, char *out);

bool word_is_number(const char *s);
bool word_is_signed(const char *s);

#endif
