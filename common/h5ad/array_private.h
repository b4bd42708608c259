/* array_private.h - what the files behind array.h share. Only array*.c include it. */
#ifndef H5AD_ARRAY_PRIVATE_H
#define H5AD_ARRAY_PRIVATE_H

#include "h5ad/array.h"

/* What H5Dread is to make: 'element', alone or as the one field of a compound. */
hid_t array_memory_type(const struct array *a, hid_t element);

/* Elements [from, from + n) of the dataset, as 'memory' has them. */
bool array_read_rows(const struct array *a, hid_t memory, size_t from, size_t n, void *out);

/* Is it of the kind, and is as much stored as it claims? */
int array_check(const struct array *a, enum array_kind kind, const char *what,
		struct err *err) MUST_USE;

int array_unreadable(const struct array *a, struct err *err); /* -1 with HDF5's reason */

#endif
