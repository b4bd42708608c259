/* sureness.h - how likely the label that won a vote is the right one.
 *
 * A share of votes is no probability: nearly all neighbours agree on most cells, rightly or not.
 * Held-out cells of an atlas, called by the others, say how often a share was right: a logistic
 * curve over the logarithm of the odds, of two numbers.
 *
 *	double sure[2];
 *	sureness_fit(shares, right, n, sure);               // held-out cells
 *	probability = sureness_of(sure, 0.93);
 *
 * Shares are kept from 0 and 1 by a two-hundredth. A weak pull towards the share itself (odds as
 * they are) decides where few cells were wrong.
 */
#ifndef MAP_TREE_SURENESS_H
#define MAP_TREE_SURENESS_H

#include "base/util.h"

/* 'right' is per share. Without cells the share itself. */
void sureness_fit(const double *shares, const bool *right, size_t n, double sure[2]);

/* Rises with the share when sure[1] > 0. NaN for NaN. */
double sureness_of(const double sure[2], double share);

#endif
