/* strata.c - the classes and groups of the cells, from columns of obs. */
#include "base/util.h"

#include "h5ad/frame/strata.h"

static int group_by(struct frame *obs, const char *name, struct column_groups *groups,
		    struct err *err)
{
	const struct column *c = frame_column(obs, name, err);

	if (!c)
		return -1;
	*groups = column_group(c);
	return 0;
}

static int find_classes(struct strata *s, struct frame *obs, const char *label, bool keep_missing,
			struct err *err)
{
	MEM_ZERO(s->classes, obs->n_rows);
	s->n_classes = 1;
	if (!label)
		return 0;
	if (group_by(obs, label, &s->labels, err))
		return -1;
	s->keeps_missing = keep_missing && s->labels.n_missing;
	s->n_classes = s->labels.n + s->keeps_missing;
	for (size_t i = 0; i < obs->n_rows; i++) {
		int32_t code = s->labels.codes[i];
		s->classes[i] = code < 0 && s->keeps_missing ? (int32_t)s->labels.n : code;
	}
	return 0;
}

int strata_find(struct strata *s, struct frame *obs, const char *label, const char *by,
		bool keep_missing, struct err *err)
{
	*s = (struct strata){.n_classes = 0};
	if (find_classes(s, obs, label, keep_missing, err) ||
	    (by && group_by(obs, by, &s->groups, err))) {
		strata_release(s);
		return -1;
	}
	s->group_of = by ? s->groups.codes : NULL;
	return 0;
}

void strata_release(struct strata *s)
{
	column_groups_release(&s->labels);
	column_groups_release(&s->groups);
	free(s->classes);
	*s = (struct strata){.n_classes = 0};
}

const char *strata_class(const struct strata *s, size_t row)
{
	int32_t class = s->classes[row];

	return class >= 0 && (size_t) class < s->labels.n ? s->labels.names[class] : "";
}

const char *strata_group(const struct strata *s, size_t row)
{
	int32_t group = s->group_of ? s->group_of[row] : -1;

	return group < 0 ? "" : s->groups.names[group];
}
