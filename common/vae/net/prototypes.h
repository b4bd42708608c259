/* prototypes.h - a class as a place in latent space, and how far its own cells lie from it.
 *
 * The prototype of a class is the mean of its reference cells' posterior means. With it goes the
 * distribution of those cells' distances to it, as percentiles; a query's distance is then told as
 * the share of the class's own cells that lie nearer: 0.5 is ordinary, 1 is beyond them all.
 *
 *	struct prototypes p = prototypes_learn(latent, n, width, label, NULL, &names, names.n);
 *	prototypes_place(&p, query, n_query, shares, distance, quantile);
 *	prototypes_release(&p);
 *
 * Distances are Euclidean; the nearest prototype, the first of equals, is a cell's label. Shares
 * are exp(-distance), divided by their sum: scPoli's confidence. Classes without a cell have no
 * prototype.
 */
#ifndef VAE_NET_PROTOTYPES_H
#define VAE_NET_PROTOTYPES_H

#include "base/names.h"

enum { PROTOTYPE_QUANTILES = 101 }; /* at 0, 0.01, ... 1 */

/* Zeroed is none. */
struct prototypes {
	size_t n, width;
	struct names labels;
	float *mean;     /* n x width */
	float *quantile; /* n x PROTOTYPE_QUANTILES: distances, rising */
	float *cells;    /* n: how many each is the mean of */
};

/*
 * From n rows of 'latent'. 'label' is per row a number of 'labels', or anything from n_labels on
 * for none. Rows where 'empty' is set (it may be NULL) are left out.
 */
struct prototypes prototypes_learn(const float *latent, size_t n, size_t width,
				   const uint32_t *label, const bool *empty,
				   const struct names *labels, size_t n_labels);
struct prototypes prototypes_copy(const struct prototypes *p);
void prototypes_release(struct prototypes *p);

/* Per row its shares (rows x p->n), the distance to the nearest and the share of that class's cells
 * that are nearer. */
void prototypes_place(const struct prototypes *p, const float *latent, size_t n, float *shares,
		      float *distance, float *quantile);

#endif
