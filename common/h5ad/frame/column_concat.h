/* column_concat.h - columns of several frames, one under the other.
 *
 *	const struct column *parts[] = {a, NULL, c};       // NULL: this frame has no such column
 *	size_t sizes[] = {100, 20, 300};
 *	struct column all = column_concat("cell_type", parts, sizes, 3);
 *
 * Kinds meet as anndata.concat makes pandas meet them. Categories give the union of the
 * categories in natural order (base/natural.h), or in the first part's order if it has them
 * all; ordered ones stay as they are if they are the same. Integers and floats widen, booleans
 * among them being 0 and 1; booleans and integers with holes become nullable booleans and floats;
 * what has nothing in common becomes text. A part with no value at all, as floats, has no say in
 * this.
 */
#ifndef H5AD_FRAME_COLUMN_CONCAT_H
#define H5AD_FRAME_COLUMN_CONCAT_H

#include "h5ad/frame/frame.h"

struct column column_concat(const char *name, const struct column *const *parts,
			    const size_t *sizes, size_t n_parts);

#endif
