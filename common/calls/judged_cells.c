/* judged_cells.c - see judged_cells.h. */
#include "base/util.h"

#include <unistd.h>

#include "calls/judged_cells.h"
#include "calls/placeholders.h"
#include "calls/unseen.h"

/* What the labels were before a gate, and are after it. */
static const char *const gate_columns[2] = {"label_original", "label"};

static int read_gate(struct judged_cells *j, struct pool *pool, struct err *err)
{
	if (table_column(j->calls->table, gate_columns[0]) == SIZE_MAX)
		return 0;
	for (int i = 0; i < 2; i++) {
		MEM_ARRAY(j->gated[i], j->calls->n);
		if (calls_table_number(j->calls, gate_columns[i], pool, &j->names, j->gated[i],
				       err))
			return -1;
	}
	return 0;
}

/* Per label, is it a true one? Not a missing one, nor a word that names no type. */
static bool *true_names(const struct judged_cells *j, const struct judged_words *o, struct err *err)
{
	struct placeholders *none = placeholders_but(o->keep_labels, o->n_keep_labels, err);
	bool *is = NULL;

	if (none)
		MEM_ARRAY(is, j->names.n + 1);
	for (size_t i = 0; is && i < j->names.n; i++) {
		const char *name = strtab_str(&j->names, (uint32_t)i);

		is[i] = *name && !placeholders_has(none, name);
	}
	placeholders_free(none);
	return is;
}

/* Cells whose truth is not known can be neither right nor wrong: they are left out. */
static int keep_those_with_truth(struct judged_cells *j, const struct judged_words *o,
				 struct err *err)
{
	bool *is_true = true_names(j, o, err);

	if (!is_true)
		return -1;
	MEM_ARRAY(j->place, j->calls->n);
	for (size_t cell = 0; cell < j->calls->n; cell++) {
		j->place[cell] = UINT32_MAX;
		if (j->truth[cell] == STRTAB_NONE || !is_true[j->truth[cell]])
			continue;
		j->place[cell] = (uint32_t)j->n;
		j->truth[j->n] = j->truth[cell];
		j->predicted[j->n] = j->predicted[cell];
		for (int i = 0; i < 2 && j->gated[0]; i++)
			j->gated[i][j->n] = j->gated[i][cell];
		if (j->confidence)
			j->confidence[j->n] = j->confidence[cell];
		if (j->novelty)
			j->novelty[j->n] = j->novelty[cell];
		if (j->group)
			j->group[j->n] = j->group[cell];
		j->n++;
	}
	j->n_without = j->calls->n - j->n;
	free(is_true);
	if (j->n)
		return 0;
	return err_set(err, "%s: no cell has a true label in %s", j->calls->path, o->truth);
}

bool judged_is_file(const char *truth)
{
	return str_eq(truth, "-") || access(truth, F_OK) == 0;
}

/* A column of numbers: the one asked for, or the first there is of two; NULL without. */
static int read_numbers(const struct judged_cells *j, struct pool *pool, const char *asked,
			const char *first, const char *second, double **numbers, struct err *err)
{
	const struct table *t = j->calls->table;
	size_t column = table_column(t, asked ? asked : first);

	if (!asked && column == SIZE_MAX && second)
		column = table_column(t, second);
	if (column == SIZE_MAX && asked)
		return err_no_name(err, j->calls->path, "column", asked,
				   (const char *const *)t->header, t->n_columns);
	if (column == SIZE_MAX)
		return 0;
	MEM_ARRAY(*numbers, j->calls->n);
	return table_numbers(t, column, pool, *numbers, err);
}

static int read_groups(struct judged_cells *j, struct pool *pool, const char *by, struct err *err)
{
	MEM_ARRAY(j->group, j->calls->n);
	if (!judged_is_file(by))
		return calls_table_number(j->calls, by, pool, &j->group_names, j->group, err);
	return calls_table_join(j->calls, by, &j->group_names, j->group, err);
}

static int read_labels(struct judged_cells *j, const struct judged_words *o, struct pool *pool,
		       struct err *err)
{
	if (j->calls->n == 0)
		return err_set(err, "%s: there are no cells in it", j->calls->path);
	MEM_ARRAY(j->truth, j->calls->n);
	MEM_ARRAY(j->predicted, j->calls->n);
	if (calls_table_number(j->calls, o->label, pool, &j->names, j->predicted, err) ||
	    read_gate(j, pool, err))
		return -1;
	if (judged_is_file(o->truth)
		    ? calls_table_join(j->calls, o->truth, &j->names, j->truth, err)
		    : calls_table_number(j->calls, o->truth, pool, &j->names, j->truth, err))
		return -1;
	if (read_numbers(j, pool, o->confidence, "probability", "confidence", &j->confidence,
			 err) ||
	    read_numbers(j, pool, o->novelty, "novelty", NULL, &j->novelty, err) ||
	    (j->novelty && !(j->called = unseen_known(j->calls, pool, &j->names, err))) ||
	    (o->by && read_groups(j, pool, o->by, err)))
		return -1;
	return keep_those_with_truth(j, o, err);
}

int judged_cells_read(struct judged_cells *j, const char *path, const struct judged_words *asked,
		      struct pool *pool, struct err *err)
{
	j->calls = calls_table_read(path, pool, err);
	return j->calls && calls_table_index(j->calls, pool, err) == 0
		       ? read_labels(j, asked, pool, err)
		       : -1;
}

void judged_cells_release(struct judged_cells *j)
{
	calls_table_free(j->calls);
	strtab_release(&j->names);
	strtab_release(&j->group_names);
	for (int i = 0; i < 2; i++)
		free(j->gated[i]);
	free(j->group);
	free(j->place);
	free(j->confidence);
	free(j->novelty);
	free(j->called);
	free(j->truth);
	free(j->predicted);
}
