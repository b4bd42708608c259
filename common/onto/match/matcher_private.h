/* matcher_private.h - what a matcher holds; for match.c and matcher.c only.
 *
 * All of it is read by matcher_open and never changes: labels may be matched in several threads.
 * What a user's own file says of a label (an override) goes before everything the matcher knows.
 */
#ifndef ONTO_MATCH_MATCHER_PRIVATE_H
#define ONTO_MATCH_MATCHER_PRIVATE_H

#include "onto/match/calibrate.h"
#include "onto/names/ngram.h"
#include "onto/names/patterns.h"
#include "onto/names/term_names.h"

/* A line of the file of overrides. */
struct override {
	uint32_t term; /* of the ontology; or none: the label is to stay without one */
	size_t line;   /* for messages */
};

/* The order of the members is that of building: each stands on those above it. */
struct matcher {
	struct onto *onto;               /* borrowed */
	struct lexicon *lexicon;         /* what words mean: fillers, plurals, abbreviations */
	struct term_names names;         /* every name and synonym of a type, as words */
	struct ngrams *ngrams;           /* of the names, for words that are misspelt */
	struct patterns *patterns;       /* labels that follow a rule: codes, numbers, brackets */
	struct calibration *calibration; /* how often answers of a kind are right */

	/* The user's own answers, by label; numbers of 'override_labels' count 'overrides'. */
	struct strtab override_labels;
	struct override *overrides;
	size_t cap_overrides;
	char *overrides_path; /* for messages; NULL without a file */
};

#endif
