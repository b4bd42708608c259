/* atlas.c - see atlas.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "h5ad/h5ad.h"
#include "map/atlas.h"
#include "map/harmony/soft.h"

/* The columns asked for, or the only one there is. */
static int choose_columns(const struct reference *ref, const char *const **columns,
			  size_t *n_columns, const char **only, struct err *err)
{
	struct text there = TEXT_INIT;

	if (*n_columns)
		return 0;
	*only = ref->n_labels ? ref->labels[0].column : "";
	*columns = only;
	*n_columns = 1;
	if (ref->n_labels == 1)
		return 0;
	for (size_t i = 0; i < ref->n_labels; i++)
		text_add(&there, "%s%s", i ? ", " : "", ref->labels[i].column);
	err_set(err, "the reference has labels %s: which of them? (--label)", there.s);
	text_release(&there);
	return -1;
}

static int take_reference(struct atlas *a, const char *const *columns, size_t n_columns,
			  struct err *err)
{
	struct reference *ref = a->ref;
	const char *only;

	if (choose_columns(ref, &columns, &n_columns, &only, err))
		return -1;

	a->dims = ref->n_dims;
	for (size_t i = 0; i < n_columns; i++) {
		const struct ref_labels *l = reference_labels(ref, columns[i], err);

		if (!l)
			return -1;
		a->labels[a->n_labels++] =
			(struct atlas_labels){l->column, l->n, l->names, l->ids, l->of_cell, l};
	}
	if (!ref->corrected)
		return 0;
	a->n = ref->n_cells;
	a->points = mem_copy(ref->corrected, mem_product(a->n, a->dims), sizeof(double));
	return 0;
}

static int take_columns(struct atlas *a, struct h5ad *f, const char *const *columns,
			size_t n_columns, struct err *err)
{
	MEM_ZERO(a->groups, n_columns + 1);
	for (size_t i = 0; i < n_columns; i++) {
		const struct column *c = frame_column(h5ad_obs(f), columns[i], err);
		struct column_groups *g = &a->groups[i];

		if (!c)
			return err_prefix(err, "%s: obs", h5ad_path(f));
		*g = column_group(c);
		a->labels[a->n_labels++] =
			(struct atlas_labels){arena_str(&a->arena, columns[i], strlen(columns[i])),
					      g->n,
					      g->names,
					      NULL,
					      g->codes,
					      NULL};
	}
	return 0;
}

static int take_h5ad(struct atlas *a, const char *path, const char *coordinates,
		     const char *const *columns, size_t n_columns, struct err *err)
{
	struct h5ad *f = h5ad_open(path, err);
	int ret = -1;

	if (f && !n_columns) {
		h5ad_close(f);
		return err_set(err, "%s: which of its columns are labels? (--label)", path);
	}
	if (f && !h5ad_obsm(f, coordinates, &a->points, &a->dims, err)) {
		a->n = h5ad_n_cells(f);
		ret = take_columns(a, f, columns, n_columns, err);
		for (size_t i = 0; i < a->n * a->dims && !ret; i++)
			if (!isfinite(a->points[i]))
				ret = err_set(err, "%s: obsm/%s: row %zu holds %g", path,
					      coordinates, i / a->dims, a->points[i]);
	}
	h5ad_close(f);
	return ret;
}

struct atlas *atlas_open(const char *path, const char *coordinates, const char *const *columns,
			 size_t n_columns, struct err *err)
{
	struct atlas *a = mem_zero(1, sizeof(*a));
	bool is_reference = reference_is(path);
	int ret = -1;

	MEM_ZERO(a->labels, n_columns + 2);
	if (is_reference || !coordinates) {
		a->ref = reference_read(path, err);
		if (a->ref)
			ret = take_reference(a, columns, n_columns, err);
	} else {
		ret = take_h5ad(a, path, coordinates, columns, n_columns, err);
	}
	if (ret) {
		err_prefix(err, "%s", path);
		atlas_free(a);
		return NULL;
	}
	return a;
}

void atlas_free(struct atlas *a)
{
	if (!a)
		return;
	for (size_t i = 0; a->groups && i < a->n_labels; i++)
		column_groups_release(&a->groups[i]);
	free(a->groups);
	free(a->labels);
	free(a->points);
	reference_free(a->ref);
	arena_release(&a->arena);
	free(a);
}

void atlas_make_unit(struct atlas *a, struct pool *pool)
{
	unit_rows(a->points, a->n, a->dims, a->points, pool);
}
