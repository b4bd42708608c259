/* matcher_private.h - what a matcher holds; for match.c and matcher.c only.
 *
 * All of it is read by matcher_open and never changes: labels may be matched in several threads.
 * What a user's own file says of a label (an override) goes before everything the matcher knows.
 */
#ifndef ONTO_MATCH_MATCHER_PRIVATE_H
#define ONTO_MATCH_MATCHER_PRIVATE_H

#include "onto/match/calibrate.h"
#include "onto/match/ngram.h"
#include "onto/match/patterns.h"
#include "onto/match/term_names.h"

/* A line of the file of overrides. */
struct override {
	uint32_t term;
	size_t line;
};

struct matcher {
	struct onto *onto;
	struct lexicon *lexicon;
	struct term_names names;
	struct ngrams *ngrams;
	struct patterns *patterns;
	struct calibration *calibration;
	struct strtab override_labels;
	struct override *overrides;
	size_t cap_overrides;
	char *overrides_path;
};

#endif
