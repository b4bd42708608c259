/* clusters.c - see clusters.h. */
#include "base/util.h"

#include <unistd.h>

#include "calls/clusters.h"

static int from_table(struct clusters *c, const struct table *t, const struct calls_table *calls,
		      struct pool *pool, struct err *err)
{
	uint32_t *clusters, *row_of_calls;
	size_t cell, cluster;
	int ret;

	if (table_need(t, "cell", &cell, err) || table_need(t, "cluster", &cluster, err))
		return -1;
	MEM_ARRAY(clusters, t->n);
	MEM_ARRAY(row_of_calls, t->n);
	table_strings(t, cluster, pool, &c->names, clusters);
	ret = table_keys_match(&calls->cells, t, cell, pool, row_of_calls, err);
	for (size_t row = 0; ret == 0 && row < t->n; row++)
		c->of_cell[row_of_calls[row]] = clusters[row];
	free(clusters);
	free(row_of_calls);
	return ret;
}

static int from_file(struct clusters *c, const char *path, const struct calls_table *calls,
		     struct pool *pool, struct err *err)
{
	struct table *t = table_read(path, pool, err);
	int ret = t ? from_table(c, t, calls, pool, err) : -1;

	c->from_file = true;
	table_free(t);
	return ret;
}

static int check_complete(const struct clusters *c, const struct calls_table *calls,
			  const char *where, struct err *err)
{
	uint32_t none = strtab_find(&c->names, "");
	size_t n = 0, example = 0;

	for (size_t cell = 0; none != STRTAB_NONE && cell < calls->n; cell++)
		if (c->of_cell[cell] == none && n++ == 0)
			example = cell;
	if (n == 0)
		return 0;
	return err_set(err, "%s: %zu of %zu cells are in no cluster (such as %s)", where, n,
		       calls->n, calls_table_cell(calls, example));
}

int clusters_read(struct clusters *c, const char *where, const struct calls_table *calls,
		  struct pool *pool, struct err *err)
{
	size_t column = table_column(calls->table, where);

	MEM_ARRAY(c->of_cell, calls->n);
	if (access(where, F_OK) == 0)
		return from_file(c, where, calls, pool, err) ? -1
							     : check_complete(c, calls, where, err);
	if (column == SIZE_MAX)
		return err_no_name(err, calls->path, "file or column", where,
				   (const char *const *)calls->table->header,
				   calls->table->n_columns);
	table_strings(calls->table, column, pool, &c->names, c->of_cell);
	return check_complete(c, calls, where, err);
}

void clusters_release(struct clusters *c)
{
	strtab_release(&c->names);
	free(c->of_cell);
	*c = (struct clusters){0};
}
