/* cell_groups.c - see cell_groups.h. */
#include "base/util.h"

#include "base/names.h"
#include "evidence/cell_groups.h"
#include "expression/group_moments.h"
#include "h5ad/frame/text_table.h"

static void take_groups(struct cell_groups *g, const struct column *column)
{
	struct column_groups groups = column_group(column);

	g->n = groups.n;
	g->n_without = groups.n_missing;
	MEM_ARRAY(g->of, g->n_cells);
	MEM_ARRAY(g->names, groups.n);
	g->sizes = mem_copy(groups.counts, groups.n, sizeof(*g->sizes));
	for (size_t i = 0; i < groups.n; i++)
		g->names[i] = arena_str(&g->arena, groups.names[i], strlen(groups.names[i]));
	for (size_t cell = 0; cell < g->n_cells; cell++)
		g->of[cell] = groups.codes[cell] < 0 ? GROUP_NONE : (uint32_t)groups.codes[cell];
	column_groups_release(&groups);
}

static int read_table(struct cell_groups *g, struct frame *obs, const char *path,
		      const char *column, struct err *err)
{
	struct text_table *table = text_table_read(path, err);
	char **keys = table ? frame_keys(obs, err) : NULL, **values;
	struct text_match m = {0};
	size_t at;
	int ret = -1;

	if (!keys)
		goto free_table;
	at = text_table_column(table, column ? column : "cluster");
	if (column && at == SIZE_MAX) {
		err_no_name(err, path, "column", column, (const char *const *)table->names,
			    table->n_columns);
		goto free_table;
	}
	if (at == SIZE_MAX)
		at = text_table_column(table, "label");
	if (at == SIZE_MAX)
		at = 1;
	if (table->n_columns < 2) {
		err_set(err, "%s: a table of cells and their clusters is needed", path);
		goto free_table;
	}
	m = text_table_match(table, keys, obs->n_rows);
	if (m.n_unknown) {
		err_set(err, "%s: %zu of %zu cells are not in the file, the first is '%s'", path,
			m.n_unknown, table->n_rows, m.unknown);
		goto free_table;
	}
	values = text_table_values(table, at, &m, obs->n_rows);
	struct column found = column_from_text("cluster", values, obs->n_rows, true);
	take_groups(g, &found);
	column_release(&found);
	free(values);
	ret = 0;
free_table:
	free(m.rows);
	text_table_free(table);
	return ret;
}

int cell_groups_read(struct cell_groups *g, struct h5ad *file, const char *column,
		     const char *table, struct err *err)
{
	struct frame *obs = h5ad_obs(file);
	const struct column *c;

	*g = (struct cell_groups){.n_cells = h5ad_n_cells(file)};
	if (table) {
		if (read_table(g, obs, table, column, err))
			return -1;
	} else {
		if (!(c = frame_column(obs, column, err)))
			return -1;
		take_groups(g, c);
		frame_forget(obs, c);
	}
	if (g->n == 0) {
		err_refuse(err, "%s: no cell has a group in %s (h5-info lists the columns)",
			   h5ad_path(file), table ? table : column);
		cell_groups_release(g);
		return -1;
	}
	return 0;
}

void cell_groups_release(struct cell_groups *g)
{
	free(g->of);
	free(g->names);
	free(g->sizes);
	arena_release(&g->arena);
	*g = (struct cell_groups){0};
}

int cell_groups_find(const struct cell_groups *g, const char *name, size_t *group, struct err *err)
{
	for (*group = 0; *group < g->n; ++*group)
		if (str_eq(g->names[*group], name))
			return 0;
	return err_no_name(err, "groups", "group", name, (const char *const *)g->names, g->n);
}

/* Keep only those flagged, numbered anew in the same order. */
static void cell_groups_keep(struct cell_groups *g, const bool *kept)
{
	uint32_t *now;
	size_t n = 0;

	MEM_ARRAY(now, g->n);
	for (size_t i = 0; i < g->n; i++) {
		now[i] = kept[i] ? (uint32_t)n : GROUP_NONE;
		if (!kept[i]) {
			g->n_without += g->sizes[i];
			continue;
		}
		g->names[n] = g->names[i];
		g->sizes[n++] = g->sizes[i];
	}
	for (size_t cell = 0; cell < g->n_cells; cell++)
		if (g->of[cell] != GROUP_NONE)
			g->of[cell] = now[g->of[cell]];
	g->n = n;
	free(now);
}

/* Flag the groups to keep by their names. */
static int flag_named(const struct cell_groups *g, const struct group_choice *choice, bool *kept,
		      struct err *err)
{
	struct names wanted = {0};
	size_t at;
	int ret = 0;

	if (choice->wanted)
		names_add_list(&wanted, choice->wanted);
	for (size_t i = 0; i < g->n; i++)
		kept[i] = !choice->wanted;
	for (size_t i = 0; i < wanted.n && !ret; i++) {
		ret = cell_groups_find(g, wanted.s[i], &at, err);
		if (!ret)
			kept[at] = true;
	}
	if (choice->reference && !ret) {
		ret = cell_groups_find(g, choice->reference, &at, err);
		if (!ret)
			kept[at] = true;
	}
	names_release(&wanted);
	return ret;
}

int cell_groups_choose(struct cell_groups *g, const struct group_choice *choice, size_t *n_small,
		       struct err *err)
{
	bool *kept = mem_zero(g->n, sizeof(*kept));
	int ret = flag_named(g, choice, kept, err);

	*n_small = 0;
	for (size_t i = 0; i < g->n && !ret; i++) {
		if (!kept[i] || g->sizes[i] > 1)
			continue;
		if (!choice->skip_small)
			ret = err_refuse(err,
					 "group '%s' has one cell: no test can be made of it "
					 "(--skip-small leaves it in the rest)",
					 g->names[i]);
		kept[i] = false;
		++*n_small;
	}
	if (!ret)
		cell_groups_keep(g, kept);
	free(kept);
	return ret;
}

int cell_groups_write(const struct cell_groups *g, const char *name, struct frame *obs,
		      struct writer *w, struct err *err)
{
	char **values;

	if (!obs)
		return -1;
	MEM_ARRAY(values, g->n_cells);
	for (size_t cell = 0; cell < g->n_cells; cell++)
		values[cell] = g->of[cell] == GROUP_NONE ? NULL : g->names[g->of[cell]];
	struct column c = column_categories(name, values, g->n_cells);
	frame_add(obs, &c);
	free(values);
	return writer_frame(w, "obs", obs, err);
}
