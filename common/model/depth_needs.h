/* depth_needs.h - what few counts do to a call: how sure it has to be, and how strange it looks.
 *
 * lr-train thins its own training cells (train/thinned.h) and keeps, per depth, the confidence
 * above which their calls stay right. The table goes with the model:
 *	/depth/counts      rising; a row holds for cells of that many counts of the model's genes,
 *	                   up to the next row
 *	/depth/confidence  0 to 1; 1: no confidence is enough
 *	/depth/novelty     0 and up, not rising: by how much cells of so few counts look stranger than
 *	                   they do whole (trust/novelty.h); models without landmarks lack it
 *
 *	double needed = depth_needs_at(model->depth, n_counts);
 *	if (confidence < needed)
 *		it_is_a_guess();
 *
 * A model without the table (a pickle) needs nothing.
 */
#ifndef MODEL_DEPTH_NEEDS_H
#define MODEL_DEPTH_NEEDS_H

#include "base/mem.h"

struct depth_needs {
	size_t n;
	double *counts, *confidence;
	double *novelty; /* NULL when not known */
};

/* Room for 'n' rows, zeroed. Free with depth_needs_free. */
struct depth_needs *depth_needs_new(size_t n);
struct depth_needs *depth_needs_copy(const struct depth_needs *d); /* NULL of NULL */
void depth_needs_free(struct depth_needs *d);                      /* NULL is fine */

/* What a cell needs; the first row holds for cells of fewer counts, too. 0 when 'd' is NULL. */
double depth_needs_at(const struct depth_needs *d, double counts);

/* How much of a cell's novelty its few counts make; between rows by the logarithm of counts. */
double depth_novelty_at(const struct depth_needs *d, double counts);

/* Do the rows rise, and are they shares? Is no novelty below 0? */
bool depth_needs_valid(const struct depth_needs *d);

#endif
