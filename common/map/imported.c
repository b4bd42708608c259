/* imported.c - see imported.h. */
#include "base/util.h"

#include "map/imported.h"

struct reference *imported_new(void)
{
	struct reference *ref = reference_new();

	ref->genes.clip_low = -10;
	ref->genes.clip_high = 10;
	ref->genes.target_sum = 1e4;
	ref->knn_k = 15;
	ref->knn_cosine = true;
	return ref;
}

void imported_variance(struct reference *ref)
{
	double n = (double)MAX(ref->n_cells, (size_t)1);

	ref->variance = mem_zero(ref->n_dims, sizeof(double));
	for (size_t i = 0; i < ref->n_cells * ref->n_dims; i++)
		ref->variance[i % ref->n_dims] += ref->pca[i] * ref->pca[i] / n;
}

/* A little more than 1 is a rounded sum. */
static int check_members(const double *members, size_t n, const char *where, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!(members[i] >= 0 && members[i] <= 1.001))
			return err_set(err, "%s: %g is no membership", where, members[i]);
	return 0;
}

struct reference *imported_finish(struct reference *ref, double *members, size_t K,
				  const char *where, const struct build_rules *rules,
				  struct pool *pool, struct err *err)
{
	int ret = -1;

	if (members && !check_members(members, K * ref->n_cells, where, err))
		ret = build_finish(ref, members, K, "symphony", NULL, rules, pool, err);
	free(members);
	if (!ret)
		return ref;
	reference_free(ref);
	return NULL;
}
