/* gradients.c - every tensor's gradient is that of the loss, by central differences.
 *
 * Built with NN_DOUBLE: in single precision the differences of a loss of hundreds say nothing about
 * the sixth digit of a gradient.
 */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "mtl/mtl_step.h"
#include "tap.h"
#include "vae/net/vae_step.h"

#define N 12
#define GENES 9
#define RATIO 50

struct world {
	struct vae *v;
	struct vae_work *work;
	struct vae_cells cells;
	struct vae_how how;
};

static size_t starts[N + 1];
static uint32_t column[N * GENES], batch[N], label[N];
static real count[N * GENES], input[N * GENES], library[N], draw[N * 3], second[4 * N * 3];
static uint64_t number[N];

static void make_cells(struct rng *rng)
{
	size_t at = 0;

	for (size_t i = 0; i < N; i++) {
		library[i] = 0;
		for (uint32_t g = 0; g < GENES; g++) {
			if (rng_unit(rng) < 0.4)
				continue;
			column[at] = g;
			count[at] = (real)(1 + rng_below(rng, i == 0 ? 40 : 6));
			input[at] = log1p(count[at]);
			library[i] += count[at++];
		}
		starts[i + 1] = at;
		batch[i] = (uint32_t)(i % 3);
		label[i] = (uint32_t)(i % 4);
		number[i] = i;
	}
	for (size_t i = 0; i < N * 3; i++)
		draw[i] = rng_normal(rng);
	for (size_t i = 0; i < 4 * N * 3; i++)
		second[i] = rng_normal(rng);
}

static double loss(struct world *w, bool forward)
{
	double total;

	w->how.forward = forward;
	total = vae_step(w->work, &w->cells, &w->how).total;
	if (vae_has_classes(w->v))
		total += RATIO * vae_label_step(w->work, &w->cells, &w->how, RATIO);
	return total;
}

/*
 * The largest difference over some entries of a param, relative to its largest gradient, or to 0.1
 * where that is smaller: in front of a batch norm a bias has none at all.
 */
static double worst_of(struct world *w, struct param *p, struct rng *rng)
{
	double worst = 0, largest = 0.1;
	real *gradient = mem_copy(p->grad, p->n, sizeof(real));

	for (size_t i = 0; i < p->n; i++)
		largest = fmax(largest, fabs(gradient[i]));
	for (size_t k = 0; k < MIN(p->n, 20); k++) {
		size_t at = p->n <= 20 ? k : rng_below(rng, p->n);
		real kept = p->value[at];
		double up, down;

		p->value[at] = kept + 1e-6;
		up = loss(w, true);
		p->value[at] = kept - 1e-6;
		down = loss(w, true);
		p->value[at] = kept;
		worst = fmax(worst, fabs((up - down) / 2e-6 - gradient[at]) / largest);
	}
	free(gradient);
	return worst;
}

static void check(const char *name, struct vae_recipe recipe, struct pool *pool)
{
	struct rng rng = rng_seeded(7);
	struct param *params[VAE_PARAMS];
	struct world w = {.v = vae_new(&recipe)};
	double worst = 0;
	size_t n;

	vae_init(w.v, 3);
	w.v->encoder.dropout = w.v->classifier.dropout = w.v->up.dropout = 0;
	w.work = vae_work_new(w.v, pool);
	w.cells = (struct vae_cells){.n = N,
				     .counts = {N, NULL, starts, column, count},
				     .input = input,
				     .library = library,
				     .batch = batch,
				     .label = label,
				     .number = number};
	w.how = (struct vae_how){
		.training = true, .kl_weight = 0.3, .draw = draw, .second_draw = second};
	n = vae_params(w.v, params);
	for (size_t i = 0; i < n; i++)
		param_train(params[i], 0, params[i]->n);
	loss(&w, false);
	for (size_t i = 0; i < n; i++)
		worst = fmax(worst, worst_of(&w, params[i], &rng));
	OK(n > 10 && worst < 1e-6, "%s: %zu params, worst %.2g", name, n, worst);
	vae_work_free(w.work);
	vae_free(w.v);
}

/* ---- the multi-task mapper ---- */

static uint32_t coarse[N], fine[N];
static real target[N * 2];

/* Two levels: 3 nodes, of which the second has one child and the others two. Some cells stop. */
static struct mtl *make_mapper(void)
{
	static const uint32_t parents[] = {0, 0, 1, 2, 2};
	struct mtl_recipe recipe = {.n_genes = GENES, .hidden = {7, 5}};
	struct mtl_levels levels = {.n = 2};
	struct mtl *m;

	for (size_t k = 0; k < 2; k++) {
		struct mtl_level *l = &levels.level[k];

		l->name = mem_str(k ? "fine" : "coarse");
		for (size_t i = 0; i < (k ? 5 : 3); i++)
			names_add(&l->labels, "x");
		l->parent =
			k ? mem_copy(parents, 5, sizeof(*parents)) : mem_zero(3, sizeof(*parents));
		if (!mtl_level_index(l, k ? 3 : 1))
			BUG("levels");
	}
	m = mtl_new(&recipe, &levels);
	mtl_add_coordinate(m, "X_umap", 2);
	mtl_init(m, 5);
	return m;
}

static void check_mapper(struct pool *pool)
{
	struct rng rng = rng_seeded(11);
	struct mtl *m = make_mapper();
	struct mtl_work *work = mtl_work_new(m, pool);
	const uint32_t *node[] = {coarse, fine};
	const real *targets[] = {target};
	struct mtl_cells cells = {
		{N, NULL, starts, column, input}, number, node, (const real *const *)targets};
	struct mtl_how how = {.level_weight = {1, 0.7}, .coordinate_weight = 0.4};
	struct param *params[MTL_PARAMS];
	size_t n = mtl_params(m, params);
	double worst = 0;

	for (size_t i = 0; i < N; i++) {
		coarse[i] = (uint32_t)(i % 3);
		fine[i] = i % 5 == 4   ? MTL_NONE
			  : i % 3 == 0 ? (uint32_t)(i % 2)
			  : i % 3 == 1 ? 2
				       : 3 + (uint32_t)(i % 2);
	}
	for (size_t i = 0; i < N * 2; i++)
		target[i] = 2 * rng_normal(&rng);
	for (size_t i = 0; i < n; i++)
		param_train(params[i], 0, params[i]->n);
	mtl_step(work, &cells, &how);
	how.forward = true;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < MIN(params[i]->n, 20); k++) {
			size_t at = params[i]->n <= 20 ? k : rng_below(&rng, params[i]->n);
			real kept = params[i]->value[at];
			double up, down;

			params[i]->value[at] = kept + 1e-6;
			up = mtl_step(work, &cells, &how);
			params[i]->value[at] = kept - 1e-6;
			down = mtl_step(work, &cells, &how);
			params[i]->value[at] = kept;
			worst = fmax(worst, fabs((up - down) / 2e-6 - params[i]->grad[at]));
		}
	OK(n == 10 && worst < 1e-6, "multi-task mapper: %zu params, worst %.2g", n, worst);
	mtl_work_free(work);
	mtl_free(m);
}

int main(void)
{
	struct vae_recipe arches = {.n_genes = GENES,
				    .n_batches = 3,
				    .n_hidden = 7,
				    .n_latent = 3,
				    .n_layers = 2,
				    .dropout = 0.1,
				    .encode_covariates = true,
				    .deep = true,
				    .layer_norm_encoder = true,
				    .layer_norm_decoder = true};
	struct vae_recipe other = arches;
	struct pool *pool = pool_new(2);
	struct rng rng = rng_seeded(1);

	make_cells(&rng);
	check("scVI, layer norm, negative binomial", arches, pool);
	other.dispersion = DISPERSION_GENE_BATCH;
	other.deep = false;
	check("dispersion by batch, batches in the first layers", other, pool);
	other = arches;
	other.zero_inflated = true;
	check("extra zeros", other, pool);
	other = arches;
	other.n_labels = 4;
	check("scANVI", other, pool);
	other.linear_classifier = true;
	check("scANVI, linear classifier", other, pool);
	other = (struct vae_recipe){.n_genes = GENES,
				    .n_batches = 3,
				    .n_labels = 4,
				    .n_hidden = 7,
				    .n_latent = 3,
				    .n_layers = 1,
				    .zero_inflated = true,
				    .deep = true,
				    .batch_norm_encoder = true,
				    .batch_norm_decoder = true};
	check("scANVI, batch norm, extra zeros", other, pool);
	check_mapper(pool);
	pool_free(pool);
	return done_testing();
}
