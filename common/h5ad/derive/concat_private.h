/* concat_private.h - what the files of concat share. */
#ifndef H5AD_DERIVE_CONCAT_PRIVATE_H
#define H5AD_DERIVE_CONCAT_PRIVATE_H

#include "h5ad/derive/concat.h"
#include "h5ad/derive/modern.h"

/* One member of obsm as it stands in each input. */
struct member_stack {
	struct concat *c;
	char *where;       /* "obsm/X_pca" */
	struct modern *in; /* per input */
	hid_t *objects;    /* per input; invalid where it has none */
	size_t n_columns;  /* of the result: the fewest there are, or the most if the join is outer
			    */
	size_t widest;     /* columns of the widest input */
};

/* X, layers and raw. */
int concat_matrices(struct concat *c, struct writer *out, struct err *err) MUST_USE;

/* obsm of all inputs, one under the other; varm that agrees. What cannot be is left out, noted. */
int concat_members(struct concat *c, struct writer *out, struct err *err) MUST_USE;

/*
 * Write a stack whose members are all dense arrays, or all sparse. 1 when they do not go together,
 * and nothing is written.
 */
int concat_dense(struct member_stack *s, struct writer *out, struct err *err) MUST_USE;
int concat_sparse(struct member_stack *s, struct writer *out, struct err *err) MUST_USE;

/* Note that only the first columns of a member are kept: not all inputs have more. */
void concat_cut_columns(const struct member_stack *s, size_t n_columns);

/* The type that holds two types of numbers, as numpy promotes; a copy, or -1 when there is none. */
hid_t concat_type(hid_t a, hid_t b);

/* Per gene of the result, its row in an input's var, or SIZE_MAX. The caller frees. */
size_t *concat_rows_of(const struct concat *c, size_t input);

#endif
