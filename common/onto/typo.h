/* typo.h - the known word that a misspelt one stands for.
 *
 * Long words only, which differ by one insertion, deletion, change or swap, or by two when they
 * are longer still. The first letter is taken to be right.
 *
 *	struct typos x = {.n_by_letter = {0}};
 *	typos_index(&x, &words);
 *	const char *meant = typos_meant(&x, "hepatocite", weigh, NULL);         // "hepatocyte"
 *	typos_release(&x);
 */
#ifndef ONTO_TYPO_H
#define ONTO_TYPO_H

#include "base/strtab.h"

struct typos {
	const char **by_letter[27]; /* long words by their first letter, borrowed */
	size_t n_by_letter[27], cap_by_letter[27];
};

/* Know all words of a table, which must not change after. */
void typos_index(struct typos *x, const struct strtab *words);

/*
 * The nearest of the known words, of several the lightest by weigh(data, word). NULL when there is
 * none, when 'w' is short, or has anything but letters.
 */
const char *typos_meant(const struct typos *x, const char *w,
			double (*weigh)(const void *data, const char *word), const void *data);

void typos_release(struct typos *x);

#endif
