#include "base/util.h"

#include "h5ad/select.h"

/* The values of a list, cut at commas that no backslash precedes; the whole list is one too. */
static void cut_values(const char *list, struct strtab *values)
{
	struct text value = TEXT_INIT;

	strtab_add(values, list);
	for (;; list++) {
		if (*list == '\\' && list[1] == ',') {
			text_add_char(&value, *++list);
		} else if (*list == ',' || !*list) {
			strtab_add(values, value.s);
			text_clear(&value);
			if (!*list)
				break;
		} else {
			text_add_char(&value, *list);
		}
	}
	text_release(&value);
}

int where_apply(struct frame *obs, const char *condition, bool *keep, struct err *err)
{
	const char *equals = strchr(condition, '=');
	struct strtab values = {0};
	struct text scratch = TEXT_INIT;

	if (!equals || equals == condition)
		return err_set(err, "\"%s\" is no condition (COLUMN=VALUE or COLUMN!=VALUE)",
			       condition);
	bool negated = equals[-1] == '!';
	char *name = mem_strn(condition, (size_t)(equals - condition) - negated);
	const struct column *c = frame_column(obs, name, err);
	free(name);
	if (!c)
		return -1;
	cut_values(equals + 1, &values);
	for (size_t i = 0; i < obs->n_rows; i++)
		if (keep[i])
			keep[i] = (strtab_find(&values, column_text(c, i, &scratch)) !=
				   STRTAB_NONE) != negated;
	text_release(&scratch);
	strtab_release(&values);
	return 0;
}

int where_apply_all(struct h5ad *f, const char *const *conditions, size_t n, bool *keep,
		    struct err *err)
{
	struct frame *obs = h5ad_obs(f, err);

	for (size_t i = 0; i < n; i++)
		if (!obs || where_apply(obs, conditions[i], keep, err))
			return err_prefix(err, "%s", h5ad_path(f));
	return 0;
}
