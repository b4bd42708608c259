/* class_levels.c - see class_levels.h. */
#include "base/util.h"

#include "train/class_levels.h"

static uint32_t *place(struct class_levels *l, size_t class, size_t level)
{
	return &l->of_class[class * l->n + level];
}

static const char *name_at(struct class_levels *l, size_t class, size_t level)
{
	return strtab_str(&l->names, *place(l, class, level));
}

static int read_column(struct class_levels *l, const struct cohort *c, struct frame *obs,
		       size_t level, struct err *err)
{
	const struct column *column = frame_column(obs, l->columns[level], err);
	struct column_groups groups;
	int ret = 0;

	if (!column)
		return -1;
	groups = column_group(column);
	for (size_t cell = 0; cell < c->n && !ret; cell++) {
		int32_t code = groups.codes[c->rows[cell]];
		size_t class = (size_t)c->class_of[cell];
		uint32_t *at = place(l, class, level), name;

		if (code < 0 || !groups.names[code][0])
			continue;
		name = strtab_add(&l->names, groups.names[code]);
		if (*at != STRTAB_NONE && *at != name)
			ret = err_set(err,
				      "obs column %s: cells of %s are %s and %s: a label has one "
				      "parent",
				      l->columns[level], c->classes[class],
				      name_at(l, class, level), groups.names[code]);
		*at = name;
	}
	column_groups_release(&groups);
	return ret;
}

/* Where a class has no name of its own the last one goes on; at the top its label is all there is. */
static void fill_up(struct class_levels *l, const struct cohort *c)
{
	for (size_t k = 0; k < l->n_classes; k++)
		for (size_t level = 0; level < l->n; level++) {
			uint32_t *at = place(l, k, level);

			if (*at == STRTAB_NONE)
				*at = level ? *place(l, k, level - 1)
					    : strtab_add(&l->names, c->classes[k]);
		}
}

static int check_parents(struct class_levels *l, struct err *err)
{
	for (size_t level = 1; level < l->n; level++)
		for (size_t a = 0; a < l->n_classes; a++)
			for (size_t b = 0; b < a; b++)
				if (*place(l, a, level) == *place(l, b, level) &&
				    *place(l, a, level - 1) != *place(l, b, level - 1))
					return err_set(
						err,
						"obs columns %s and %s: %s is under %s and under "
						"%s: a name has one parent (give one of them "
						"another name)",
						l->columns[level - 1], l->columns[level],
						name_at(l, a, level), name_at(l, b, level - 1),
						name_at(l, a, level - 1));
	return 0;
}

static int check_names(const struct class_levels *l, struct err *err)
{
	for (uint32_t i = 0; i < l->names.n; i++)
		if (strpbrk(strtab_str(&l->names, i), "|\t\r\n"))
			return err_set(err, "level \"%s\" has a |, a tab or a newline",
				       strtab_str(&l->names, i));
	return 0;
}

int class_levels_read(struct class_levels *l, const struct cohort *c, struct frame *obs,
		      const char *const *columns, size_t n, struct err *err)
{
	*l = (struct class_levels){.columns = columns, .n = n, .n_classes = c->n_classes};
	MEM_ARRAY(l->of_class, mem_product(c->n_classes, n));
	for (size_t i = 0; i < c->n_classes * n; i++)
		l->of_class[i] = STRTAB_NONE;
	for (size_t level = 0; level < n; level++)
		if (read_column(l, c, obs, level, err))
			return -1;
	fill_up(l, c);
	return check_parents(l, err) || check_names(l, err) ? -1 : 0;
}

void class_levels_give(const struct class_levels *l, struct model *m)
{
	model_levels_free(m->levels);
	m->levels = NULL;
	if (!l->n)
		return;
	m->levels = model_levels_new(m->n_classes, l->n);
	for (size_t i = 0; i < l->n; i++)
		m->levels->names[i] = model_str(m, l->columns[i]);
	for (size_t i = 0; i < m->n_classes * l->n; i++)
		m->levels->of_class[i] = model_str(m, strtab_str(&l->names, l->of_class[i]));
}

void class_levels_release(struct class_levels *l)
{
	strtab_release(&l->names);
	free(l->of_class);
	*l = (struct class_levels){.n = 0};
}
