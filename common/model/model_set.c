/* model_set.c - see model_set.h. */
#include "base/util.h"

#include "model/model_file.h"
#include "model/model_set.h"

int model_set_name(struct model_set *set, const char *const *paths, size_t n, struct err *err)
{
	*set = (struct model_set){.n = n};
	MEM_ZERO(set->models, n);
	MEM_ZERO(set->names, n);
	for (size_t i = 0; i < n; i++) {
		set->names[i] = model_file_name(paths[i]);
		for (size_t k = 0; k < i; k++)
			if (str_eq(set->names[k], set->names[i]))
				return err_set(err, "two models are called %s (%s, %s)",
					       set->names[i], paths[k], paths[i]);
	}
	return 0;
}

int model_set_read(struct model_set *set, const char *const *paths, struct err *err)
{
	for (size_t i = 0; i < set->n; i++) {
		set->models[i] = model_read(paths[i], err);
		if (!set->models[i])
			return -1;
		if (i && set->models[i]->target_sum != set->target_sum)
			return err_set(err,
				       "%s and %s were trained on different target sums (use them "
				       "in two runs)",
				       set->names[0], set->names[i]);
		set->target_sum = set->models[i]->target_sum;
	}
	return 0;
}

void model_set_release(struct model_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		model_free(set->models[i]);
		free(set->names[i]);
	}
	free(set->models);
	free(set->names);
	*set = (struct model_set){0};
}
