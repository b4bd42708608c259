/* array.h - one-dimensional arrays of a file, read whole or a part at a time, and checked.
 *
 * A dataset, or one field of a compound dataset. Hides number types, and strings of fixed or
 * variable length; what comes out is int64, double, bytes of 0 and 1, or UTF-8.
 *
 *	struct array a;
 *	if (!array_open(&a, file, "/obs/n_counts", NULL, err) && !array_floats(&a, values, err))
 *		use(values);           // a.n of them
 *	array_close(&a);
 */
#ifndef H5AD_ARRAY_H
#define H5AD_ARRAY_H

#include "h5ad/h5ad_private.h"

enum array_kind { ARRAY_STRING, ARRAY_BOOL, ARRAY_INT, ARRAY_FLOAT, ARRAY_OTHER };

struct array {
	const struct h5_file *file;
	char *path;  /* for messages, with the field */
	char *field; /* NULL for a plain dataset */
	hid_t dataset;
	hid_t type; /* of the elements as stored */
	enum array_kind kind;
	uint8_t width; /* bytes of an element that is a number */
	bool is_unsigned;
	size_t from, n;  /* the elements that are read: all, or those of array_part */
	uint64_t n_text; /* bytes of strings of variable length, since 'from' was 0 */
};

/* Call array_close in any case. A scalar is an array of one. */
int array_open(struct array *a, const struct h5_file *f, const char *path, const char *field,
	       struct err *err) MUST_USE;

/* The same of a dataset that is open; it moves into the array. */
int array_of(struct array *a, const struct h5_file *f, hid_t dataset, const char *path,
	     const char *field, struct err *err) MUST_USE;
void array_close(struct array *a);

/* From now on read only the elements [from, from + n), which there must be. */
void array_part(struct array *a, size_t from, size_t n);

/*
 * What is compressed in large chunks: keep one at hand, so that reading it part by part decodes it
 * once. For arrays that array_open opened.
 */
int array_keep_chunk(struct array *a, struct err *err) MUST_USE;

/*
 * All elements, or those of the part. The array must be of the kind; 'out' has room for a->n.
 * Integers of an unsigned type 8 bytes wide come as the same bits.
 */
static inline bool array_is_u64(const struct array *a)
{
	return a->kind == ARRAY_INT && a->is_unsigned && a->width == 8;
}
int array_ints(const struct array *a, int64_t *out, struct err *err) MUST_USE;
int array_floats(const struct array *a, double *out, struct err *err) MUST_USE;
int array_bools(const struct array *a, uint8_t *out, struct err *err) MUST_USE;
int array_strings(struct array *a, struct arena *arena, char **out, struct err *err) MUST_USE;

/* Elements of any kind as text, as column_text has it. */
int array_texts(struct array *a, struct arena *arena, char **out, struct err *err) MUST_USE;

#endif
