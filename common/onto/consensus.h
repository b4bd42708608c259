/* consensus.h - the most specific term that enough voters support.
 *
 * A voter for a term speaks for all its ancestors, too (as in popV). Of the terms with more than
 * the quorum, the one with the fewest terms below it wins; then the one with more support, then
 * the lowest id. Terms above more than half of the ontology ("cell") say nothing and never win.
 *
 *	struct consensus *c = consensus_new(cl, 0.5);
 *	term = consensus_find(c, terms, weights, 3);    // CD4 T, CD8 T, B: "T cell"
 *	consensus_free(c);
 *
 * With a quorum of half, two who disagree get their lowest common ancestor.
 */
#ifndef ONTO_CONSENSUS_H
#define ONTO_CONSENSUS_H

#include "onto/onto.h"

struct consensus;

/* 'quorum' is the share of all weight that a term's support must exceed. Borrows the ontology. */
struct consensus *consensus_new(const struct onto *o, double quorum);
void consensus_free(struct consensus *c); /* NULL is fine */

/*
 * What 'n' voters agree on, or ONTO_NONE. Voters without a term (ONTO_NONE) support nothing, but
 * their weight counts. Not for several threads at once.
 */
uint32_t consensus_find(struct consensus *c, const uint32_t *terms, const double *weights,
			size_t n);

/*
 * popV's parent vote: the deepest term that all voters but 'errors' support, or where there is none
 * the one that most support. More precisely: support counts up to n - errors; the most of that
 * wins, then the term farthest from the root (by its shortest way), then the one more voters say
 * itself, then the one with fewest terms below, then the lowest id. ONTO_NONE when nobody votes.
 */
uint32_t consensus_parent(struct consensus *c, const uint32_t *terms, size_t n, size_t errors);

/* Is 'above' the term itself or one of its ancestors? As onto_is_a, but quick. */
bool consensus_supports(const struct consensus *c, uint32_t term, uint32_t above);

#endif
