/* obs_plan.h - which columns of a table go into obs, under what names.
 *
 * From --map, --prefix and --drop; or by a preset: the pipeline's own names (pipette_label, ...),
 * or as others expect them: CellTypist's, those of the pipeline's specification (cell_type,
 * cell_type_confidence, ..., ids "Unknown" where there is none), the one column CELLxGENE asks for,
 * or the columns of a CAP annotation set.
 *
 *	struct obs_plan plan = {0};
 *	if (obs_plan_make(&plan, table, &choices, &err)) die_err(&err);
 *	for (i = 0; i < plan.n; i++) ...       // table column -> name in obs
 *	obs_plan_release(&plan);
 */
#ifndef H5AD_FRAME_OBS_PLAN_H
#define H5AD_FRAME_OBS_PLAN_H

#include "h5ad/frame/text_table.h"

struct obs_names {
	char **items;
	size_t n, cap;
};

/* "a,b,c"; NULL is an empty list. */
struct obs_names obs_names_split(const char *list);
void obs_names_release(struct obs_names *names);

struct obs_choices {
	const char *map, *prefix, *preset, *text;
	bool drop;
};

struct obs_entry {
	size_t column; /* of the table */
	char *name;    /* in obs */
	bool is_text;  /* never numbers */
	bool category; /* a category however many values there are */
	bool cl_ids;   /* CELLxGENE's ids: missing is "unknown", ids it forbids are refused */
	bool unknown;  /* missing is "Unknown" */
	bool exists;   /* not the values, but whether there is one */
};

struct obs_plan {
	struct obs_entry *entries;
	size_t n, cap;
};

int obs_plan_make(struct obs_plan *plan, const struct text_table *t, const struct obs_choices *how,
		  struct err *err) MUST_USE;
void obs_plan_release(struct obs_plan *plan);

/* Check and complete the values of an entry, in place. */
int obs_entry_finish(const struct obs_entry *e, char **values, size_t n, struct err *err) MUST_USE;

/* The column an entry asks for, of finished values. */
struct column obs_entry_column(const struct obs_entry *e, char *const *values, size_t n);

/* No two cells may have one name where names are what rows are found by. */
int obs_check_keys(char *const *keys, size_t n, struct err *err) MUST_USE;

#endif
