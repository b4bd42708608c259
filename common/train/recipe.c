/* recipe.c - see recipe.h. */
#include "base/util.h"

#include "train/cohort.h"
#include "train/recipe.h"

const char *const recipe_names[] = {"robust", "celltypist", NULL};

static const struct recipe recipes[] = {
	{.name = "robust",
	 .loss = "softmax",
	 .class_weight = "balanced",
	 .C = "0.03",
	 .scaling = "soft",
	 .min_cells = COHORT_BY_SIZE,
	 .n_factors = 100},
	{.name = "celltypist",
	 .loss = "ovr-log",
	 .class_weight = "none",
	 .C = "1",
	 .scaling = "deviation",
	 .min_cells = 50},
};

const struct recipe *recipe_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(recipes); i++)
		if (str_eq(recipes[i].name, name))
			return &recipes[i];
	return NULL;
}
