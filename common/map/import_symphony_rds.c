/* import_symphony_rds.c - see import_symphony_rds.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/rds_table.h"
#include "map/import_symphony_rds.h"
#include "map/imported.h"

/* A matrix of the list, of that many rows and columns (0: any). NULL with an error. */
static const struct rds_value *matrix(const struct rds *file, const char *name, uint64_t n_rows,
				      uint64_t n_columns, uint64_t dim[2], struct err *err)
{
	const struct rds_value *v = rds_element(file, file->root, name);

	if (!v || !rds_dim(file, v, dim))
		return err_null(err,
				"%s: %s: there is no such matrix (is it a Symphony reference?)",
				file->path, name);
	if (n_rows && dim[0] != n_rows)
		return err_null(err, "%s: %s has %llu rows, expected %llu", file->path, name,
				(unsigned long long)dim[0], (unsigned long long)n_rows);
	if (n_columns && dim[1] != n_columns)
		return err_null(err, "%s: %s has %llu columns, expected %llu", file->path, name,
				(unsigned long long)dim[1], (unsigned long long)n_columns);
	return v;
}

/* R stores columns one after the other: as they are, or turned round. */
static double *numbers(const struct rds_value *v, const uint64_t dim[2], bool turned)
{
	double *out = mem_alloc(mem_product(dim[0], dim[1]) + 1, sizeof(*out));

	for (uint64_t j = 0; j < dim[1]; j++)
		for (uint64_t i = 0; i < dim[0]; i++)
			out[turned ? i * dim[1] + j : j * dim[0] + i] =
				rds_number(v, j * dim[0] + i);
	return out;
}

static int read_genes(struct reference *ref, const struct rds *file, struct err *err)
{
	const struct rds_value *genes = rds_element(file, file->root, "vargenes");
	const struct rds_value *names = genes ? rds_element(file, genes, "symbol") : NULL;
	const struct rds_value *mean = genes ? rds_element(file, genes, "mean") : NULL;
	const struct rds_value *deviation = genes ? rds_element(file, genes, "stddev") : NULL;
	uint64_t n = rds_length(names), dim[2];
	const struct rds_value *loadings;

	if (!rds_is(names, RDS_STRING) || !n || rds_length(mean) != n || rds_length(deviation) != n)
		return err_set(err,
			       "%s: vargenes: symbol, mean and stddev are not there for every gene "
			       "(is it a Symphony reference?)",
			       file->path);
	loadings = matrix(file, "loadings", n, 0, dim, err);
	if (!loadings)
		return -1;
	if (dim[1] < 1 || dim[1] > IMPORTED_MOST_DIMS)
		return err_set(err, "%s: loadings of %llu components", file->path,
			       (unsigned long long)dim[1]);
	ref->n_dims = dim[1];
	ref->genes.n = n;
	ref->genes.loadings = numbers(loadings, dim, true);
	MEM_ARRAY(ref->genes.names, n + 1);
	MEM_ARRAY(ref->genes.mean, n + 1);
	MEM_ARRAY(ref->genes.deviation, n + 1);
	for (uint64_t g = 0; g < n; g++) {
		const char *name = rds_text(file, names, g);

		if (!name)
			return err_set(err, "%s: vargenes: gene %llu has no symbol", file->path,
				       (unsigned long long)g + 1);
		ref->genes.names[g] = reference_str(ref, name);
		ref->genes.mean[g] = rds_number(mean, g);
		ref->genes.deviation[g] = rds_number(deviation, g);
	}
	return 0;
}

static int read_cells(struct reference *ref, const struct rds *file, struct err *err)
{
	uint64_t dim[2];
	const struct rds_value *pca = matrix(file, "Z_orig", ref->n_dims, 0, dim, err), *corrected;

	if (!pca)
		return -1;
	ref->n_cells = dim[1];
	ref->pca = numbers(pca, dim, false);
	corrected = matrix(file, "Z_corr", ref->n_dims, ref->n_cells, dim, err);
	if (!corrected)
		return -1;
	ref->corrected = numbers(corrected, dim, false);
	imported_variance(ref);
	return 0;
}

/* Labels, and names of the cells: those of the rows, or their numbers. */
static int read_labels(struct reference *ref, const struct rds *file, const char *const *columns,
		       size_t n_columns, struct err *err)
{
	const struct rds_value *meta = rds_element(file, file->root, "meta_data");
	struct text skipped = TEXT_INIT;
	struct rds_table table;
	struct frame *obs;
	int ret;

	if (!meta || rds_table_open(&table, file, meta, err))
		return err_is_set(err) ? err_prefix(err, "%s: meta_data", file->path)
				       : err_set(err, "%s: there is no meta_data", file->path);
	if (table.n_rows != ref->n_cells)
		return err_set(err, "%s: meta_data has %zu rows for %zu cells", file->path,
			       table.n_rows, ref->n_cells);
	MEM_ARRAY(ref->cells, ref->n_cells + 1);
	for (size_t i = 0; i < ref->n_cells; i++) {
		const char *name = table.keys ? rds_text(file, table.keys, i) : NULL;
		char *made = mem_printf("cell%zu", i + 1);

		ref->cells[i] = reference_str(ref, name ? name : made);
		free(made);
	}
	obs = frame_new(ref->n_cells);
	rds_table_fill(&table, obs, NULL, &skipped);
	ret = build_labels(ref, obs, columns, n_columns, 0, err);
	frame_free(obs);
	text_release(&skipped);
	return ret;
}

/* Memberships, cells x K. NULL with an error. */
static double *read_members(const struct reference *ref, const struct rds *file, size_t *K,
			    struct err *err)
{
	uint64_t dim[2];
	const struct rds_value *v = matrix(file, "R", 0, ref->n_cells, dim, err);

	if (!v)
		return NULL;
	if (dim[0] < 2 || dim[0] > ref->n_cells)
		return err_null(err, "%s: R: %llu clusters of %zu cells", file->path,
				(unsigned long long)dim[0], ref->n_cells);
	*K = dim[0];
	return numbers(v, dim, false);
}

struct reference *import_symphony_rds(const struct rds *file, const char *const *columns,
				      size_t n_columns, const struct build_rules *rules,
				      struct pool *pool, struct err *err)
{
	struct reference *ref = imported_new();
	char *where = mem_printf("%s: R", file->path);
	double *members = NULL;
	size_t K = 0;

	if (!read_genes(ref, file, err) && !read_cells(ref, file, err) &&
	    !read_labels(ref, file, columns, n_columns, err) &&
	    !reference_check(ref, file->path, err))
		members = read_members(ref, file, &K, err);
	ref = imported_finish(ref, members, K, where, rules, pool, err);
	free(where);
	return ref;
}
