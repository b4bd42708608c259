/* plainer.h - what newer versions of anndata write, in forms that 0.8 and later read.
 *
 * anndata refuses a whole file for one value of an encoding it does not know, and pandas 3 and
 * anndata 0.12 brought two: "nullable-string-array", for text with missing values, which becomes a
 * string array, or a categorical where values are missing (as anndata itself wrote them before);
 * and "null", for None in uns, which is left out and said (base/notice.h).
 *
 *	struct plainer p = {.file = &in->h5};
 *	copy_tree(in->h5.file, "/uns", to, "uns", behind, &(struct copy_hook){plainer_copy, &p}, err);
 *
 * All other objects are copied as they are.
 */
#ifndef H5AD_DERIVE_PLAINER_H
#define H5AD_DERIVE_PLAINER_H

#include "h5ad/hdf5/hdf5.h"

struct plainer {
	const struct h5_file *file; /* that the objects are of */
};

/* For copy_tree's hook; 'arg' is a struct plainer. */
int plainer_copy(void *arg, hid_t object, hid_t to, const char *where, struct err *err) MUST_USE;

/* Is there anything of the kind in a file? */
bool plainer_is_needed(const struct h5_file *file);

#endif
