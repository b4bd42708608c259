/* mapping - damaged references, read in a child, and used when they are read; damaged trees, here.
 *
 *	mapping CASES SEED symphony_ref.h5ad
 *
 * The file is imported and written as a reference, and damaged as container.h says. A case is fine
 * when the reference is refused with one line, or read and then maps cells to places that are numbers.
 */
/* inputs: tests/golden/map/symphony_ref.h5ad
 * cases: 300 */
#include "base/util.h"

#include "container.h"
#include "map/correction.h"
#include "map/import_symphony.h"
#include "map/spread.h"
#include "map/tree/label_tree.h"

static const char *const arrays[] = {"mean",
				     "sd",
				     "loadings",
				     "variance",
				     "coords/pca",
				     "clusters/Nr",
				     "clusters/C",
				     "clusters/chol_pca",
				     "clusters/centroids",
				     "labels/label/codes",
				     "n_cells",
				     "clip_low",
				     "knn_k",
				     "clusters/sigma",
				     "labels/label/counts",
				     "calibration/label/knn"};

static void make_reference(const char *from, const char *path)
{
	const char *const label[] = {"label"};
	struct build_rules rules = {.neighbors = true, .seed = 1};
	struct err err = ERR_INIT;
	struct pool *pool = pool_new(1);
	struct h5ad *f = h5ad_open(from, &err);
	struct reference *ref = f ? import_symphonypy(f, label, 1, &rules, pool, &err) : NULL;

	if (!ref || reference_write(ref, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	reference_free(ref);
	h5ad_close(f);
	pool_free(pool);
}

/* Map a few points: nothing that is read may lead to what is not finite. */
static int use(const struct reference *ref)
{
	size_t n = 5, dims = ref->n_dims;
	double *points = mem_zero(n * dims, sizeof(*points));
	struct pool *pool = pool_new(1);
	struct err err = ERR_INIT;
	struct batches all;
	int status = READ;

	for (size_t i = 0; i < n * dims; i++)
		points[i] = sin((double)i);
	batches_none(&all, n);
	if (ref->clusters.n && !correction_apply(ref, points, &all, 1, pool, points, &err))
		for (size_t i = 0; i < n * dims; i++)
			if (isnan(points[i]))
				status = NOT_FINITE;
	batches_release(&all);
	pool_free(pool);
	free(points);
	return status;
}

static int read_and_use(const char *path)
{
	struct err err = ERR_INIT;
	struct reference *ref = reference_read(path, &err);
	int status = ref ? use(ref) : container_refusal(&err);

	reference_free(ref);
	return status;
}

static bool tree_case(struct rng *rng)
{
	char text[64] = "((CD4,'CD8 T'=x)T:0.1,B)root;";
	struct err err = ERR_INIT;
	struct text out = TEXT_INIT;
	struct label_tree *t, *again;
	bool fine;

	for (size_t i = 0, n = rng_below(rng, 6); i < n; i++)
		text[rng_below(rng, 30)] = "(),'=;: ax\xff"[rng_below(rng, 11)];
	t = label_tree_read(text, &err);
	fine = t || err_is_set(&err);
	if (t) {
		again = label_tree_read(label_tree_text(t, &out), &err);
		fine = again != NULL;
		label_tree_free(again);
	}
	label_tree_free(t);
	text_release(&out);
	return fine;
}

int main(int argc, char **argv)
{
	static const struct container_fuzz f = {
		"mapping", make_reference, arrays, ARRAY_LEN(arrays), 300, read_and_use, tree_case};

	return container_main(&f, argc, argv);
}
