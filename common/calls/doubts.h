/* doubts.h - reasons not to trust a call.
 *
 * Each looks at one row of a predictions table and speaks or is silent. In order, the first that
 * speaks being the one that decides:
 *	EMPTY  not one count of a gene that the model knows: the label is what it says of nothing
 *	DEPTH  so few counts that calls of this confidence are often wrong (model/depth_needs.h), and
 *	       no calibrated probability of 0.6 or more of 32 counts or more
 *	COVER  the file's genes tell too little of what tells this label
 *	FAR    like no training cell; or its cluster is, where the table says so (cluster_novelty.h)
 *	SPLIT  of an ensemble's table: its models do not say the same
 *	LOW    the label is not likely enough, or where that is not known not confident enough
 *	TIE    its lead over the second is small
 * The last two doubt that the label is the right one of those there are; the others that any is.
 *
 *	bool spoke[N_DOUBTS];
 *	if (doubts_of(calls, &rules, spoke) < N_DOUBTS)
 *		puts("Unknown");
 *
 * A number that a table does not have is no reason, but for the confidence: none at all is LOW.
 */
#ifndef CALLS_DOUBTS_H
#define CALLS_DOUBTS_H

#include "calls/calls.h"

#define N_DOUBTS 7
#define DOUBTS_OF_LABEL 5 /* from this one on */

extern const char *const doubt_names[N_DOUBTS];

/*
 * 0 is no such rule, but for min_confidence and min_probability. A max_novelty of NaN is what the
 * row's own novelty_limit says, which its model learnt, or NOVELTY_LIMIT without one.
 */
#define NOVELTY_LIMIT 2.75

struct doubt_rules {
	double min_confidence, min_probability, min_margin, max_novelty, min_explained;
	double max_disagreement;
	bool depth;
	bool by_clusters; /* FAR by novelty_voted and novelty_usual in rows that have them */
};

/* Which speak of the row that was read last; the number of the first, N_DOUBTS for none. */
size_t doubts_of(const struct calls *cell, const struct doubt_rules *rules, bool spoke[N_DOUBTS]);

#endif
