/* scorer.c - scores from stored values equal the dense formula, however cells are cut. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "model/predict/scorer.h"
#include "tap.h"

#define N_FILE_GENES 300
#define N_CELLS 150

struct world {
	struct model *m;
	char *genes[N_FILE_GENES]; /* of the file: "g0", ..., the model's are every third and some
				      more */
	struct cells block;
};

/* A model of random numbers; mean and scale such that the clip bites, at absent values too. */
static struct model *make_model(struct rng *rng, size_t n_classes, size_t n_rows, size_t n_genes)
{
	struct model *m = model_new(n_classes, n_rows, n_genes);

	for (size_t c = 0; c < n_classes; c++) {
		char *name = mem_printf("class %03zu", c);

		m->classes[c] = model_str(m, name);
		free(name);
	}
	for (size_t g = 0; g < n_genes; g++) {
		char *name = mem_printf("g%zu", g * 3 % 331);

		m->genes[g] = model_str(m, name);
		free(name);
		m->mean[g] = g % 10 ? rng_unit(rng) : -20 * rng_unit(rng);
		m->scale[g] = 0.05 + rng_unit(rng);
	}
	for (size_t i = 0; i < n_rows * n_genes; i++)
		m->coef[i] = rng_normal(rng);
	for (size_t r = 0; r < n_rows; r++)
		m->intercept[r] = rng_normal(rng);
	return m;
}

static void make_block(struct cells *block, struct rng *rng)
{
	size_t at = 0;

	cells_reserve(block, N_CELLS, (size_t)N_CELLS * N_FILE_GENES);
	block->n_cells = N_CELLS;
	block->n_genes = N_FILE_GENES;
	block->starts[0] = 0;
	for (size_t cell = 0; cell < N_CELLS; cell++) {
		for (size_t g = 0; g < N_FILE_GENES && cell != 7; g++) {
			if (rng_unit(rng) > 0.3)
				continue;
			block->genes[at] = (uint32_t)g;
			block->values[at++] = (float)(rng_unit(rng) * 6);
		}
		block->starts[cell + 1] = at;
	}
}

static struct world make_world(size_t n_classes, size_t n_rows)
{
	struct rng rng = rng_seeded(n_classes);
	struct world w = {.m = make_model(&rng, n_classes, n_rows, 120)};

	for (size_t g = 0; g < N_FILE_GENES; g++)
		w.genes[g] = mem_printf("g%zu", g);
	make_block(&w.block, &rng);
	return w;
}

static void release_world(struct world *w)
{
	model_free(w->m);
	for (size_t g = 0; g < N_FILE_GENES; g++)
		free(w->genes[g]);
	cells_release(&w->block);
}

/* The formula, value by value, in long double. */
static double dense_score(const struct world *w, size_t cell, size_t row)
{
	const struct model *m = w->m;
	long double sum = m->intercept[row];

	for (size_t g = 0; g < m->n_genes; g++) {
		for (size_t f = 0; f < N_FILE_GENES; f++) {
			long double x = 0, z;

			if (!str_eq(w->genes[f], m->genes[g]))
				continue;
			for (size_t i = w->block.starts[cell]; i < w->block.starts[cell + 1]; i++) {
				if (w->block.genes[i] == f)
					x = w->block.values[i];
			}
			z = (x - m->mean[g]) / m->scale[g];
			sum += m->coef[row * m->n_genes + g] * MIN(z, m->clip);
		}
	}
	return (double)sum;
}

static void test_against_dense(size_t n_classes, size_t n_rows)
{
	struct world w = make_world(n_classes, n_rows);
	struct pool *pool = pool_new(2);
	struct scorer *s = scorer_new(w.m, NULL, w.genes, N_FILE_GENES);
	const double *scores = scorer_run(s, &w.block, pool);
	double worst = 0;

	for (size_t cell = 0; cell < N_CELLS; cell += 7) {
		for (size_t c = 0; c < n_classes; c++) {
			double sign = n_rows == n_classes || c ? 1 : -1;
			double want = sign * dense_score(&w, cell, n_rows == n_classes ? c : 0);

			worst = MAX(worst, fabs(scores[cell * n_classes + c] - want));
		}
	}
	OK(worst < 1e-11, "%zu classes of %zu rows: dense and sparse agree (%g)", n_classes, n_rows,
	   worst);
	scorer_free(s);
	pool_free(pool);
	release_world(&w);
}

/* Cells one at a time, by one thread and by four: the same bytes. */
static void test_cuts(void)
{
	struct world w = make_world(53, 53);
	struct pool *one = pool_new(1), *four = pool_new(4);
	struct scorer *whole = scorer_new(w.m, NULL, w.genes, N_FILE_GENES);
	struct scorer *single = scorer_new(w.m, NULL, w.genes, N_FILE_GENES);
	double *scores = scorer_run(whole, &w.block, four);
	bool same = true;

	for (size_t cell = 0; cell < N_CELLS; cell++) {
		size_t from = w.block.starts[cell];
		size_t starts[2] = {0, w.block.starts[cell + 1] - from};
		struct cells alone = {.n_cells = 1,
				      .n_genes = N_FILE_GENES,
				      .starts = starts,
				      .genes = w.block.genes + from,
				      .values = w.block.values + from};

		same &= memcmp(scorer_run(single, &alone, one), scores + cell * 53,
			       53 * sizeof(double)) == 0;
	}
	OK(same, "cells one at a time and by one thread give the same bytes as together by four");
	scorer_free(whole);
	scorer_free(single);
	pool_free(one);
	pool_free(four);
	release_world(&w);
}

static void test_coverage(void)
{
	struct world w = make_world(3, 3);
	struct scorer *s = scorer_new(w.m, NULL, w.genes, N_FILE_GENES);
	struct coverage c = scorer_coverage(s);
	double present = 0, all = 0;
	size_t n = 0;

	for (size_t g = 0; g < w.m->n_genes; g++) {
		bool has = strtol(w.m->genes[g] + 1, NULL, 10) < N_FILE_GENES;

		n += has;
		for (size_t r = 0; r < 3; r++) {
			all += fabs(w.m->coef[r * w.m->n_genes + g]);
			present += has ? fabs(w.m->coef[r * w.m->n_genes + g]) : 0;
		}
	}
	OK(c.n_present == n && n < 120 && c.n_genes == 120, "coverage counts the genes");
	OK(fabs(c.genes - (double)n / 120) < 1e-12, "their share");
	OK(fabs(c.weight - present / all) < 1e-12, "and their share of the weight");
	scorer_free(s);
	s = scorer_new(w.m, NULL, (char *[]){"x", "y"}, 2);
	OK(scorer_coverage(s).n_present == 0, "no gene in common");
	scorer_free(s);
	release_world(&w);
}

static void test_links(void)
{
	struct world w = make_world(3, 3);
	double scores[3] = {1, -800, 800}, p[3], sum;
	struct scorer *s = scorer_new(w.m, NULL, w.genes, N_FILE_GENES);

	scorer_link(s, scores, p);
	OK(fabs(p[0] - 1 / (1 + exp(-1))) < 1e-15 && p[1] >= 0 && p[1] < 1e-300 && p[2] == 1,
	   "a sigmoid per class, at the ends too");
	scorer_free(s);
	w.m->loss = LOSS_SOFTMAX;
	s = scorer_new(w.m, NULL, w.genes, N_FILE_GENES);
	scores[2] = 2;
	scorer_link(s, scores, p);
	sum = p[0] + p[1] + p[2];
	OK(fabs(sum - 1) < 1e-15 && fabs(p[2] / p[0] - exp(1)) < 1e-14, "a softmax");
	scorer_free(s);
	release_world(&w);
}

static void test_calls(void)
{
	double scores[4] = {-1, 2, 2, 0}, p[4] = {0.1, 0.8, 0.8, 0.3}, zero[4] = {0};
	struct call call = scorer_call(scores, p, 4);

	OK(call.best == 1 && call.second == 2, "of equal scores the first class wins");
	OK(call.confidence == 0.8 && call.margin == 0, "confidence and margin");
	OK(fabs(call.entropy - (0.05 * -log(0.05) + 2 * 0.4 * -log(0.4) + 0.15 * -log(0.15))) <
		   1e-14,
	   "entropy of the shares");
	call = scorer_call(scores, zero, 4);
	OK(fabs(call.entropy - log(4)) < 1e-15, "no likely class: as uncertain as can be");
	scores[0] = 9;
	call = scorer_call(scores, p, 4);
	OK(call.best == 0 && call.second == 1, "the first class can be the best");
}

int main(void)
{
	const size_t sizes[] = {2, 3, 8, 9, 16, 24, 31, 40, 48, 49, 100};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		test_against_dense(sizes[i], sizes[i]);
	test_against_dense(2, 1);
	test_cuts();
	test_coverage();
	test_links();
	test_calls();
	return done_testing();
}
