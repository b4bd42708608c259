/* matcher.h - what a matcher holds; for match.c and matcher.c only. */
#ifndef ONTO_MATCHER_H
#define ONTO_MATCHER_H

#include "onto/calibrate.h"
#include "onto/names.h"
#include "onto/ngram.h"
#include "onto/patterns.h"

struct override {
	uint32_t term;
	size_t line;
};

struct matcher {
	struct onto *onto;
	struct lexicon *lexicon;
	struct names names;
	struct ngrams *ngrams;
	struct patterns *patterns;
	struct calibration *calibration;
	struct strtab override_labels;
	struct override *overrides;
	size_t cap_overrides;
	char *overrides_path;
};

#endif
