/* model_set.h - several models for one pass over the cells.
 *
 * Each is called by its file's name, which must be its own; all take cells that are normalised to
 * the same target sum.
 *
 *	struct model_set set;
 *	if (model_set_name(&set, paths, n, &err) || model_set_read(&set, paths, &err))
 *		die_err(&err);
 *	use(set.models[0], set.names[0]);
 *	model_set_release(&set);
 */
#ifndef MODEL_MODEL_SET_H
#define MODEL_MODEL_SET_H

#include "model/model.h"

struct model_set {
	struct model **models;
	char **names; /* their files, without folder and suffix */
	size_t n;
	double target_sum;
};

/* Name them, then read and check them. On failure the set is to be released all the same. */
int model_set_name(struct model_set *set, const char *const *paths, size_t n,
		   struct err *err) MUST_USE;
int model_set_read(struct model_set *set, const char *const *paths, struct err *err) MUST_USE;
void model_set_release(struct model_set *set);

#endif
