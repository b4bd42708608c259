/* mapped_query.c - see mapped_query.h. */
#include "base/util.h"

#include <math.h>

#include "map/mapped_query.h"

bool mapped_query_has(const struct h5ad *f, const char *key)
{
	for (size_t i = 0; i < h5ad_n_members(f, "obsm"); i++)
		if (str_eq(h5ad_member(f, "obsm", i), key))
			return true;
	return false;
}

static int read_distance(struct mapped_query *q, struct frame *obs, struct err *err)
{
	const struct column *c;

	if (!frame_find(obs, "map_distance"))
		return 0;
	c = frame_column(obs, "map_distance", err);
	if (!c)
		return -1;
	MEM_ARRAY(q->map_distance, q->n + 1);
	for (size_t i = 0; i < q->n; i++)
		q->map_distance[i] = column_number(c, i);
	return 0;
}

int mapped_query_read(struct mapped_query *q, struct h5ad *f, const char *key, size_t dims,
		      struct err *err)
{
	struct frame *obs = h5ad_obs(f);
	size_t got = 0;
	int ret = 0;

	*q = (struct mapped_query){.n = h5ad_n_cells(f)};
	if (!obs || h5ad_obsm(f, key, &q->points, &got, err))
		return -1;
	if (got != dims)
		ret = err_refuse(err,
				 "%s: obsm/%s has %zu dimensions, the reference %zu: not of one "
				 "space",
				 h5ad_path(f), key, got, dims);
	for (size_t i = 0; i < q->n * got && !ret; i++)
		if (!isfinite(q->points[i]))
			ret = err_set(err, "%s: obsm/%s: row %zu holds %g", h5ad_path(f), key,
				      i / got, q->points[i]);
	if (!ret)
		ret = read_distance(q, obs, err);
	if (ret)
		mapped_query_release(q);
	return ret;
}

void mapped_query_release(struct mapped_query *q)
{
	free(q->points);
	free(q->map_distance);
	*q = (struct mapped_query){0};
}
