/* concat_internal.h - what the files of concat share. */
#ifndef H5AD_CONCAT_INTERNAL_H
#define H5AD_CONCAT_INTERNAL_H

#include "h5ad/concat.h"

/* The obsm arrays of all inputs, one under the other; others are noted as left out. */
int concat_obsm(struct concat *c, struct writer *out, struct err *err) MUST_USE;

#endif
