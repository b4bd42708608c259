/* mapping - damaged references, read in a child, and used when they are read; damaged trees, here.
 *
 *	mapping CASES SEED symphony_ref.h5ad
 *
 * The file is imported and written as a reference, with a model of sctransform's that is made up, and
 * damaged as container.h says. A case is fine when the reference is refused with one line, or read and
 * then places cells, by counts and by that model where it is whole, and maps them, to places that are
 * numbers.
 */
/* inputs: tests/golden/map/symphony_ref.h5ad
 * cases: 300 */
#include "base/util.h"

#include "container.h"
#include "map/correction.h"
#include "map/import_symphony.h"
#include "map/projection.h"
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
				     "calibration/label/knn",
				     "residuals/intercept",
				     "residuals/slope",
				     "residuals/dispersion",
				     "residuals/least"};

static void add_residuals(struct reference *ref)
{
	struct ref_residuals *r = &ref->genes.residuals;

	r->least = 0.04;
	MEM_ZERO(r->intercept, ref->genes.n);
	MEM_ZERO(r->slope, ref->genes.n);
	MEM_ZERO(r->dispersion, ref->genes.n);
	for (size_t i = 0; i < ref->genes.n; i++) {
		r->intercept[i] = -9;
		r->slope[i] = 2.3;
		r->dispersion[i] = (double)(i % 3);
	}
}

static void make_reference(const char *from, const char *path)
{
	const char *const label[] = {"label"};
	struct build_rules rules = {.neighbors = true, .seed = 1};
	struct err err = ERR_INIT;
	struct pool *pool = pool_new(1);
	struct h5ad *f = h5ad_open(from, &err);
	struct reference *ref = f ? import_symphonypy(f, label, 1, &rules, pool, &err) : NULL;

	if (ref)
		add_residuals(ref);
	if (!ref || reference_write(ref, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	reference_free(ref);
	h5ad_close(f);
	pool_free(pool);
}

/* A block of a few cells with one count of every third gene, as a stream. */
struct few_cells {
	struct stream base;
	struct cells block;
	bool given;
};

static int give_cells(struct stream *s, struct cells **block, struct err *err UNUSED)
{
	struct few_cells *f = (struct few_cells *)s;

	*block = &f->block;
	f->given = !f->given;
	return f->given;
}

static void fill_cells(struct few_cells *f, size_t n, size_t n_genes)
{
	size_t at = 0;

	*f = (struct few_cells){.base = {.next = give_cells, .n_cells = n, .n_genes = n_genes}};
	cells_reserve(&f->block, n, n * n_genes);
	MEM_GROW(f->block.counts, n, f->block.cap_counts);
	f->block.n_cells = n;
	f->block.n_genes = n_genes;
	f->block.starts[0] = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t g = i; g < n_genes; g += 3) {
			f->block.genes[at] = (uint32_t)g;
			f->block.values[at++] = 1;
		}
		f->block.starts[i + 1] = at;
		f->block.counts[i] = i ? (double)(at - f->block.starts[i]) : 0;
	}
}

/* Place them: 'points' are cells x dims. */
static int place(const struct reference *ref, double *points, size_t n, struct pool *pool)
{
	struct projection *p = projection_new(ref, ref->genes.names, ref->genes.n);
	struct err err = ERR_INIT;
	struct few_cells cells;
	int status = READ;

	fill_cells(&cells, n, ref->genes.n);
	if (projection_read(p, &cells.base, pool, points, NULL, &err))
		status = NO_REASON;
	for (size_t i = 0; i < n * ref->n_dims; i++)
		if (isnan(points[i]))
			status = NOT_FINITE;
	cells_release(&cells.block);
	projection_free(p);
	return status;
}

/* Map a few points: nothing that is read may lead to what is not finite. */
static int use(const struct reference *ref)
{
	size_t n = 5, dims = ref->n_dims;
	double *points = mem_zero(n * dims, sizeof(*points));
	struct pool *pool = pool_new(1);
	struct err err = ERR_INIT;
	struct batches all;
	struct reference plain = *ref;
	int status = place(ref, points, n, pool);

	plain.genes.residuals.slope = NULL; /* as of log-normalised values */
	status = status ? status : place(&plain, points, n, pool);
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

static int use_of(struct reference *ref, const struct err *err)
{
	int status = ref ? use(ref) : container_refusal(err);

	reference_free(ref);
	return status;
}

/* Both ways: with what there is of every cell, and without, as ref-map does. */
static int read_and_use(const char *path)
{
	struct err err = ERR_INIT, space = ERR_INIT;
	struct reference *ref = reference_read(path, &err);
	int whole = use_of(ref, &err), alone;

	ref = reference_read_space(path, &space);
	alone = use_of(ref, &space);
	return whole > REFUSED ? whole : alone;
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
