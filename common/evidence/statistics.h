/* statistics.h - tails of the distributions that tests of evidence need, and many tests corrected.
 *
 * Hides series, continued fractions and logarithms; all are double, deterministic, and hold down
 * to the smallest normal number, where they become 0 as scipy's do.
 *
 *	p = normal_two_sided(z);                       // of |Z| >= |z|
 *	p = student_two_sided(t, degrees);
 *	struct urn urn = {20000, 50, 100, log_factorials(20000)};
 *	p = hypergeometric_upper(&urn, 4);             // of 4 or more
 *	adjust_bh(p, padj, n);
 *
 * Edge cases: a NaN argument gives NaN; student_two_sided of an infinite t is 0; of 0 degrees or
 * fewer NaN. Checked against scipy to 1e-12 relative (hypergeometric 1e-10).
 */
#ifndef EVIDENCE_STATISTICS_H
#define EVIDENCE_STATISTICS_H

#include "base/util.h"

double normal_two_sided(double z);
double student_two_sided(double t, double degrees);

/* Of 'population' things 'marked' are special, and 'drawn' are taken. */
struct urn {
	size_t population, marked, drawn;
	const long double *log_factorial; /* of 0 to 'population' */
};

/* For urns of up to 'n' things; the caller frees. */
long double *log_factorials(size_t n);

/*
 * The probability of 'k' special ones or more among those taken; and of a number as improbable as
 * 'k' or more so, as Fisher's test has it (within 1e-7 relative counts as equal, as in scipy).
 */
double hypergeometric_upper(const struct urn *u, size_t k);
double hypergeometric_two_sided(const struct urn *u, size_t k);

/* Benjamini and Hochberg's step-up over all n; NaN counts as 1. 'out' may be 'p' itself. */
void adjust_bh(const double *p, double *out, size_t n);

/* min(1, p n); NaN counts as 1. */
void adjust_bonferroni(const double *p, double *out, size_t n);

#endif
