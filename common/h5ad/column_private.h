/* column_private.h - what the files behind column_file.h share. Only column_*.c include it. */
#ifndef H5AD_COLUMN_PRIVATE_H
#define H5AD_COLUMN_PRIVATE_H

#include "h5ad/column_file.h"

enum form {
	FORM_PLAIN,
	FORM_CODES_IN_UNS, /* 0.6: codes here, categories at /uns/NAME_categories */
	FORM_CODES_LINKED, /* 0.7: an attribute refers to the categories, or lists them */
	FORM_CATEGORICAL,  /* 0.8: a group of codes and categories */
	FORM_NULLABLE,     /* a group of values and mask */
};

int column_form(const struct column_place *at, enum form *form, struct err *err) MUST_USE;

/* The array that has a value per row. Close it in any case. */
int column_open_values(const struct column_place *at, enum form form, struct array *a,
		       struct err *err) MUST_USE;

/* What the form and the array say of a column: all but its name and its values. */
void column_set_form(enum form form, const struct array *a, struct column *c);
enum column_kind column_kind_of(const struct array *a);

/* Read the categories and check that they are distinct. */
int column_fill_categories(const struct column_place *at, enum form form, struct column *c,
			   struct err *err) MUST_USE;

/* Where parts of a column are. To be freed. */
char *column_path(const char *path, const char *name);
char *column_uns_categories(const struct column_place *at);

int column_wrong(const struct column_place *at, const char *what, struct err *err); /* -1 */

#endif
