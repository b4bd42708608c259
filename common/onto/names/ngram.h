/* ngram.h - names that are spelt alike.
 *
 * Letters in threes, weighted by how rare they are, compared by cosine: the last way to find a name
 * for a label that shares no whole word with one ("hepatocite", "adipocyts"). Few labels come to
 * that, and to cut all names takes a third of the time it takes to read an ontology: that is done
 * when one first does.
 *
 *	struct ngrams *g = ngrams_new(&names);
 *	size_t n = ngrams_best(g, "hepatocite", hits, 5);
 *	ngrams_free(g);
 *
 * Several threads may look at once. The names stay the caller's, and must not change any more.
 */
#ifndef ONTO_NAMES_NGRAM_H
#define ONTO_NAMES_NGRAM_H

#include "onto/names/term_names.h"

struct ngrams;

struct ngram_hit {
	uint32_t name;     /* index into names->list */
	double similarity; /* 0 to 1 */
};

struct ngrams *ngrams_new(const struct term_names *names);
void ngrams_free(struct ngrams *g); /* NULL is fine */

/* The most similar names, best first, ties by index, one per term. Returns how many. */
size_t ngrams_best(struct ngrams *g, const char *text, struct ngram_hit *hits, size_t cap);

#endif
