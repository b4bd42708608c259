/* words.c - see words.h. */
#include "base/util.h"

#include "onto/names/words.h"

void words_add(struct words *w, const char *s, size_t len)
{
	if (len == 0 || w->n == MAX_WORDS || w->used + len + 1 > WORDS_BYTES)
		return;
	w->at[w->n++] = (uint16_t)w->used;
	memcpy(w->text + w->used, s, len);
	w->used += len;
	w->text[w->used++] = '\0';
}

void words_append(struct words *w, const struct words *from, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		words_add(w, word(from, i), strlen(word(from, i)));
}

void words_filter(struct words *w, const bool *keep)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (keep[i])
			w->at[n++] = w->at[i];
	w->n = n;
}

bool words_have(const struct words *w, const char *s)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(word(w, i), s))
			return true;
	return false;
}

void words_join(const struct words *w, bool sorted, char *out)
{
	const char *list[MAX_WORDS];
	size_t at = 0;

	for (size_t i = 0; i < w->n; i++) {
		size_t j = i;

		for (; sorted && j > 0 && strcmp(list[j - 1], word(w, i)) > 0; j--)
			list[j] = list[j - 1];
		list[j] = word(w, i);
	}
	for (size_t i = 0; i < w->n; i++) {
		size_t len = strlen(list[i]);

		if (i)
			out[at++] = ' ';
		memcpy(out + at, list[i], len);
		at += len;
	}
	out[at] = '\0';
}

bool word_is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789./")];
}

bool word_is_signed(const char *s)
{
	size_t len = strlen(s);

	return len > 1 && (s[len - 1] == '+' || s[len - 1] == '-');
}
