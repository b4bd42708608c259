/* positions.c - see positions.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "graph/positions.h"

#define LARGEST 1e15 /* coordinate: the squares of distances fit a float */
#define IN_OBS "obs:"

static int look_over(const double *values, size_t n, size_t n_dims, struct h5ad *in,
		     const char *where, struct err *err)
{
	for (size_t i = 0; i < n * n_dims; i++)
		if (!(fabs(values[i]) <= LARGEST))
			return err_set(err, "%s: %s: row %zu holds %g", h5ad_path(in), where,
				       i / n_dims, values[i]);
	return 0;
}

/* Is there such an array? Else the error lists those there are. */
static int find_obsm(struct h5ad *in, const char *name, struct err *err)
{
	const char **there;
	size_t n = h5ad_n_members(in, "obsm");
	int ret;

	MEM_ARRAY(there, n + 1);
	for (size_t i = 0; i < n; i++) {
		there[i] = h5ad_member(in, "obsm", i);
		if (str_eq(there[i], name)) {
			free(there);
			return 0;
		}
	}
	ret = err_no_name(err, h5ad_path(in), "obsm", name, there, n);
	free(there);
	return ret;
}

static int read_obsm(double **values, size_t *n_dims, struct h5ad *in, const char *name,
		     struct err *err)
{
	struct text where = TEXT_INIT;
	int ret;

	if (find_obsm(in, name, err) || h5ad_obsm(in, name, values, n_dims, err))
		return -1;
	text_add(&where, "obsm/%s", name);
	ret = look_over(*values, h5ad_n_cells(in), *n_dims, in, where.s, err);
	text_release(&where);
	if (ret)
		free(*values);
	return ret;
}

int coordinates_read(float **points, size_t *n_dims, struct h5ad *in, const char *name,
		     struct err *err)
{
	double *values;
	size_t n;

	if (read_obsm(&values, n_dims, in, name, err))
		return -1;
	n = mem_product(h5ad_n_cells(in), *n_dims);
	MEM_ARRAY(*points, n);
	for (size_t i = 0; i < n; i++)
		(*points)[i] = (float)values[i];
	free(values);
	return 0;
}

static int check_dims(const struct positions *p, struct h5ad *in, const char *key, struct err *err)
{
	if (p->dims == 2 || p->dims == 3)
		return 0;
	return err_set(err, "%s: %s has %zu columns: positions have two or three", h5ad_path(in),
		       key, p->dims);
}

/* Columns of obs by name, side by side. */
static int read_columns(struct positions *p, struct h5ad *in, const char *key, struct err *err)
{
	struct frame *obs = h5ad_obs(in);
	char *copy = mem_str(key + strlen(IN_OBS)), *rest = copy, *name;
	int ret = 0;

	p->dims = 1;
	for (const char *c = copy; *c; c++)
		p->dims += *c == ',';
	if (ret == 0)
		ret = check_dims(p, in, key, err);
	p->at = mem_zero(mem_product(p->n, p->dims), sizeof(*p->at));
	for (size_t axis = 0; ret == 0 && (name = strsep(&rest, ",")); axis++) {
		const struct column *c = frame_column(obs, name, err);

		if (!c)
			ret = -1;
		else if (c->kind != COLUMN_INT && c->kind != COLUMN_FLOAT)
			ret = err_set(err, "%s: obs column %s is not numbers", h5ad_path(in), name);
		for (size_t i = 0; ret == 0 && i < p->n; i++)
			p->at[i * p->dims + axis] =
				column_missing(c, i) ? NAN : column_number(c, i);
	}
	free(copy);
	return ret ? ret : look_over(p->at, p->n, p->dims, in, key, err);
}

int positions_read(struct positions *p, struct h5ad *in, const char *key, struct err *err)
{
	int ret;

	*p = (struct positions){.n = h5ad_n_cells(in)};
	if (str_starts(key, IN_OBS))
		ret = read_columns(p, in, key, err);
	else if (read_obsm(&p->at, &p->dims, in, key, err))
		return -1;
	else
		ret = check_dims(p, in, key, err);
	if (ret)
		free(p->at);
	return ret;
}
