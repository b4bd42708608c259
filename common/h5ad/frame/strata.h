/* strata.h - the classes and groups of the cells, from columns of obs.
 *
 *	struct strata s;
 *	if (strata_find(&s, obs, "cell_type", "donor", false, err))
 *		die_err(err);
 *	use(s.classes[row], strata_class(&s, row));
 *	strata_release(&s);
 *
 * What matrix/sample.h draws from.
 */
#ifndef H5AD_FRAME_STRATA_H
#define H5AD_FRAME_STRATA_H

#include "h5ad/frame/frame.h"

struct strata {
	struct column_groups labels, groups;
	int32_t *classes;  /* per row; -1 without a label. The caller may take rows out so. */
	int32_t *group_of; /* per row, -1 for missing; NULL without groups. Within 'groups'. */
	size_t n_classes;
	bool keeps_missing; /* rows without a label are the last class */
};

/*
 * Classes by column 'label' (NULL: all rows are one class), groups by column 'by' (NULL: none).
 * With 'keep_missing' rows without a label are a class behind the others, if there are any.
 */
int strata_find(struct strata *s, struct frame *obs, const char *label, const char *by,
		bool keep_missing, struct err *err) MUST_USE;
void strata_release(struct strata *s);

/* What a row's class and group are called; "" for what has no name. */
const char *strata_class(const struct strata *s, size_t row);
const char *strata_group(const struct strata *s, size_t row);

#endif
