/* calibrate.h - from what kind of answer it is to the probability that it is right.
 *
 * What an answer is worth depends on how it was found and, when the label is the term's own, on
 * how much it says: "macrophage" is often an organ's own macrophage to an expert, "kidney
 * collecting duct epithelial cell" is that. More was tried (how many terms are under the answer,
 * where a name comes from, coverage of the label, margin to the runner-up, words of other
 * labels) and did not hold on sources that were kept aside.
 *
 * ontology/calibration.tsv has one row per kind of answer: a bias and one weight per feature of
 * a logistic model, fitted by `make calibration LABELS=file` with whole sources held out.
 *
 *	struct calibration *c = calibration_read("ontology/calibration.tsv", &err);
 *	answer.score = calibration_score(c, &answer);
 *	calibration_free(c);
 */
#ifndef ONTO_MATCH_CALIBRATE_H
#define ONTO_MATCH_CALIBRATE_H

#include "onto/match/match.h"

enum feature {
	FEATURE_WORDS, /* words of the label, 6 at most */
	N_FEATURES
};

/* Kinds of answers. The first four groups have one kind per label, alias, exact synonym, other. */
enum kind {
	KIND_EXACT = 0,
	KIND_SET = 4,
	KIND_REPAIRED = 8,
	KIND_REDUCED = 12,
	KIND_PATTERN_FIRST = 16,
	KIND_PATTERN_LAST,
	KIND_OVERLAP,
	KIND_NGRAM,
	KIND_COMMON,
	KIND_VERBATIM, /* the label is the term's, case aside */
	N_KINDS
};

struct calibration;

struct calibration *calibration_read(const char *path, struct err *err) MUST_USE;
void calibration_free(struct calibration *c); /* NULL is fine */

/* Within [0.01, 0.99]. Without a table: the nominal score of the tier. */
double calibration_score(const struct calibration *c, const struct match *m);

const char *calibration_feature_name(enum feature f);
const char *calibration_kind_name(int kind);

#endif
