/* products - how fast the two sparse products of training run, and what bounds them.
 *
 *	products CELLS GENES STORED_PER_CELL CLASSES [THREADS]
 *
 * Prints nanoseconds per stored value and thread, GFLOP/s, and the bytes of values read and of
 * score rows touched per second, for float and double.
 */
#include "base/util.h"

#include <math.h>

#include "base/progress.h"
#include "base/rng.h"
#include "base/text.h"
#include "train/solver/products.h"

static struct design *make_design(size_t n_cells, size_t n_genes, size_t per_cell,
				  struct pool *pool)
{
	struct rng rng = rng_seeded(1);
	struct design *d = design_new(n_genes, NULL, n_cells, SIZE_MAX, NULL);
	double *density = mem_alloc(n_genes, sizeof(*density)), total = 0;
	struct err err = ERR_INIT;

	for (size_t g = 0; g < n_genes; g++)
		total += density[g] = pow(rng_unit(&rng), 6);
	for (size_t first = 0; first < n_cells; first += 1024) {
		struct cells cells = {0};
		size_t n = MIN(1024, n_cells - first), stored = 0;

		cells_reserve(&cells, n, n * n_genes);
		cells.n_genes = n_genes;
		cells.starts[0] = 0;
		for (size_t i = 0; i < n; i++) {
			for (size_t g = 0; g < n_genes; g++) {
				if (rng_unit(&rng) > -expm1(-density[g] / total * (double)per_cell))
					continue;
				cells.genes[stored] = (uint32_t)g;
				cells.values[stored++] = (float)(1 + rng_unit(&rng));
			}
			cells.starts[++cells.n_cells] = stored;
		}
		if (design_add(d, &cells, first, NULL, pool, &err))
			BUG("%s", err.text);
		cells_release(&cells);
	}
	if (design_seal(d, pool, &err))
		BUG("%s", err.text);
	free(density);
	return d;
}

static void report(const char *what, double seconds, const struct products *p)
{
	double n = (double)p->design->n_stored, lanes = (double)p->lanes->n;
	double row = lanes * (double)products_number(p);

	printf("%s\t%s\t%.4f\t%.2f\t%.1f\t%.1f\t%.1f\n", what, p->wide ? "double" : "float",
	       seconds, seconds * 1e9 / n * (double)pool_size(p->pool),
	       n * lanes * 2 / seconds * 1e-9, (double)p->design->bytes / seconds * 1e-9,
	       n * row / seconds * 1e-9);
}

static void run(struct products *p)
{
	size_t rows = p->design->n_genes + 1, size = products_number(p);
	double *coef = mem_vectors(rows * p->lanes->n, sizeof(*coef));
	double *gradient = mem_vectors(rows * p->lanes->n, sizeof(*gradient));
	void *scores = mem_vectors(products_slots(p) * p->lanes->n, size);
	double best[2] = {INFINITY, INFINITY};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < rows * p->lanes->n; i++)
		coef[i] = (double)(i % 17) * 0.01;
	for (int turn = 0; turn < 7; turn++) {
		double began = clock_seconds(), between;

		if (products_forward(p, coef, scores, &err))
			BUG("%s", err.text);
		between = clock_seconds();
		if (products_backward(p, scores, gradient, &err))
			BUG("%s", err.text);
		best[0] = fmin(best[0], between - began);
		best[1] = fmin(best[1], clock_seconds() - between);
	}
	report("forward", best[0], p);
	report("backward", best[1], p);
	free(coef);
	free(gradient);
	free(scores);
}

int main(int argc, char **argv)
{
	size_t number[5] = {20000, 20000, 1750, 40, 0};
	uint32_t classes[1024];
	struct err err = ERR_INIT;

	for (int i = 1; i < argc && i <= 5; i++)
		if (!parse_size(argv[i], 1, 100000000, &number[i - 1]))
			return 2;
	for (uint32_t c = 0; c < 1024; c++)
		classes[c] = c;

	struct pool *pool = pool_new(number[4]);
	struct design *d = make_design(number[0], number[1], number[2], pool);
	struct lanes lanes = lanes_for(classes, number[3], number[3]);
	int32_t *label = mem_zero(d->n_slots, sizeof(*label));
	struct scaling scaling;
	double began = clock_seconds();

	if (scaling_measure(&scaling, d, d->n_blocks, label,
			    &(struct scaling_rules){.with_mean = true, .clip = 10}, pool, &err))
		BUG("%s", err.text);
	printf("# %zu values, %.2f bytes each, %zu lanes, %zu threads; moments %.3f s\n",
	       d->n_stored, (double)d->bytes / (double)d->n_stored, lanes.n, pool_size(pool),
	       clock_seconds() - began);
	printf("product\tnumbers\tseconds\tns_per_value_and_thread\tGFLOP_per_s\tGB_per_s_values\t"
	       "GB_per_s_rows\n");
	struct products p = {d, &scaling, &lanes, pool, d->n_blocks, false};

	run(&p);
	p.wide = true;
	run(&p);
	free(label);
	scaling_release(&scaling);
	lanes_release(&lanes);
	design_free(d);
	pool_free(pool);
	return 0;
}
