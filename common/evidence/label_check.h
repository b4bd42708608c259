/* label_check.h - what the marker genes of a cluster say its type is, and what of a label given.
 *
 * One rule for all: it names clusters that have no label, and judges labels that have one, whoever
 * gave them: votes, people, a model of cells or of language.
 *
 *	struct verdict v;
 *	label_check(&v, &space, &genes, &check_defaults, values, NULL);      // name it
 *	label_check(&v, &space, &genes, &check_defaults, values, &given);    // judge a label
 *	verdict_release(&v);
 *
 * The best type is the one with the highest z; its rival the highest that is neither above nor
 * below it. Too little evidence, or none that the tables know, is Unresolved with a reason. When
 * the rival is near, the answer climbs to what both are, if that is inside one lineage; else it is
 * Unresolved, and names both (doublets, merged clusters). Confidence is the weakest of three links.
 * It is a measure of support, not a probability.
 */
#ifndef EVIDENCE_LABEL_CHECK_H
#define EVIDENCE_LABEL_CHECK_H

#include "base/text.h"
#include "evidence/label_space.h"

struct check_rules {
	double least_z;        /* 4: below, support is too weak to name a cluster */
	double least_z_given;  /* 3: or to hold a label that somebody gave */
	double least_margin;   /* .3 */
	double least_coverage; /* .1: share of the strongest genes that some type lists */
	double strong_z;       /* so much above these gives full confidence: 5 */
	double clear_margin;   /* .5 */
	size_t least_support;  /* genes: 2 */
	double conflict_evidence, conflict_idf; /* of a gene that speaks for another lineage */
};

extern const struct check_rules check_defaults; /* fixed on seven open sets, then left alone */

enum check_status {
	CHECK_RESOLVED, /* no label was given: this is it */
	CHECK_CLIMBED,
	CHECK_UNRESOLVED,
	CHECK_SUPPORTED, /* of a label given */
	CHECK_WEAK,
	CHECK_CONFLICT,
	CHECK_UNLISTED /* the tables do not know the type: no verdict, not a failure */
};
const char *check_status_name(enum check_status status);

struct given_label {
	const char *name;
	uint32_t term; /* or ONTO_NONE */
};

struct verdict {
	enum check_status status;
	const char *label, *id; /* the answer, or the label given; borrowed */
	size_t best, second;    /* types of the space, or SIZE_MAX */
	double best_z, second_z, margin, coverage;
	double support; /* z of the label's type; NaN without one */
	size_t rank;    /* of the label's type among all that are listed; 0 without one */
	double contradiction, confidence;
	const char *limit;  /* what bounded the confidence: support, margin or genes */
	const char *reason; /* "" or few-markers, coverage, weak, mixed, climbed, conflict, ... */
	struct text genes, conflicts; /* the strongest for and against, joined by commas */
};

/* 'values' is the evidence of one cluster, per gene of the space; 'genes' names them. */
void label_check(struct verdict *v, const struct label_space *s, const struct strtab *genes,
		 const struct check_rules *rules, const float *values,
		 const struct given_label *given);
void verdict_release(struct verdict *v);

#endif
