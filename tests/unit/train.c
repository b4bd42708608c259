/* The numerical core of training, against plain dense arithmetic. */
#include "tap.h"

#include <float.h>
#include <math.h>

#include "base/rng.h"
#include "train/cohort/even_draw.h"
#include "train/solver/fit.h"

enum { CELLS = 700, GENES = 1100, CLASSES = 19 };

static float dense[CELLS][GENES];
static int32_t class_of[CELLS];
static struct pool *pool;

/* Sparse cells with class structure; gene 7 is never there, gene 8 always the same. */
static void make_cells(void)
{
	struct rng rng = rng_seeded(3);

	for (size_t i = 0; i < CELLS; i++) {
		class_of[i] = (int32_t)rng_below(&rng, CLASSES);
		for (size_t g = 0; g < GENES; g++) {
			double up = g % CLASSES == (size_t)class_of[i] ? 0.3 : 0;

			if (rng_unit(&rng) < 0.04 + (g % 10 == 0) * 0.5 + up)
				dense[i][g] = (float)(rng_unit(&rng) * 3 + 0.1);
		}
		dense[i][7] = 0;
		dense[i][8] = 1.5F;
	}
	dense[5][30] = 500; /* beyond the clip */
}

static struct cells cells_from(const size_t *order, size_t first, size_t n)
{
	struct cells cells = {0};
	size_t stored = 0;

	cells_reserve(&cells, n, n * GENES);
	cells.n_genes = GENES;
	for (size_t i = 0; i < n; i++) {
		for (size_t g = 0; g < GENES; g++) {
			if (dense[order[first + i]][g] == 0)
				continue;
			cells.genes[stored] = (uint32_t)g;
			cells.values[stored++] = dense[order[first + i]][g];
		}
		cells.starts[++cells.n_cells] = stored;
	}
	return cells;
}

static struct design *design_of(const size_t *order, const uint8_t *levels, size_t memory)
{
	struct design *d = design_new(GENES, levels, CELLS, memory, NULL);
	struct err err = ERR_INIT;

	for (size_t first = 0; first < CELLS; first += 99) {
		struct cells cells = cells_from(order, first, MIN(99, CELLS - first));

		if (design_add(d, &cells, first, NULL, pool, &err))
			BUG("%s", err.text);
		cells_release(&cells);
	}
	if (design_seal(d, pool, &err))
		BUG("%s", err.text);
	return d;
}

static int32_t *labels_of(const struct design *d, const size_t *order)
{
	int32_t *label = mem_alloc(d->n_slots, sizeof(*label));

	for (size_t slot = 0; slot < d->n_slots; slot++)
		label[slot] = d->source[slot] == CELL_NONE ? -1 : class_of[order[d->source[slot]]];
	return label;
}

static struct scaling scaling_of(struct design *d, const int32_t *label, bool with_mean)
{
	struct scaling s;
	struct err err = ERR_INIT;

	struct scaling_rules rules = {.with_mean = with_mean, .clip = 10};

	if (scaling_measure(&s, d, d->n_blocks, label, &rules, pool, &err))
		BUG("%s", err.text);
	return s;
}

static double standardised(const struct scaling *s, size_t cell, size_t gene)
{
	double mean = s->with_mean ? s->mean[gene] : 0;

	return s->present[gene] ? fmin((dense[cell][gene] - mean) / s->scale[gene], 10) : 0;
}

static void test_scaling(struct design *d, const int32_t *label)
{
	struct scaling s = scaling_of(d, label, true);
	double worst = 0;

	for (size_t g = 0; g < GENES; g++) {
		double mean = 0, square = 0, scale;

		for (size_t i = 0; i < CELLS; i++)
			mean += dense[i][g] / (double)CELLS;
		for (size_t i = 0; i < CELLS; i++)
			square += (dense[i][g] - mean) * (dense[i][g] - mean);
		scale = g == 7 || g == 8 ? 1 : sqrt(square / CELLS);
		worst = fmax(worst, fabs(mean - s.mean[g]) + fabs(scale - s.scale[g]));
	}
	OK(worst < 1e-12, "means and scales are those of dense arithmetic (%g)", worst);
	OK(!s.present[7] && s.present[8], "a gene that no cell has is not present");
	scaling_release(&s);
}

static void test_products(struct design *d, const int32_t *label, bool wide, bool with_mean)
{
	uint32_t classes[CLASSES];
	struct rng rng = rng_seeded(5);
	struct scaling s = scaling_of(d, label, with_mean);
	struct err err = ERR_INIT;
	double worst = 0, worst_back = 0;

	for (uint32_t c = 0; c < CLASSES; c++)
		classes[c] = c;

	struct lanes lanes = lanes_for(classes, CLASSES, CLASSES);
	struct products p = {d, &s, &lanes, pool, d->n_blocks, wide};
	size_t rows = GENES + 1, slots = products_slots(&p);
	double *coef = mem_vectors(rows * lanes.n, sizeof(*coef));
	double *back = mem_vectors(rows * lanes.n, sizeof(*back));
	void *scores = mem_vectors(slots * lanes.n, sizeof(double));

	for (size_t i = 0; i < rows * lanes.n; i++)
		coef[i] = rng_normal(&rng) * 0.1;
	OK(products_forward(&p, coef, scores, &err) == 0, "forward product");
	for (size_t slot = 0; slot < slots; slot++)
		for (size_t c = 0; c < CLASSES && label[slot] >= 0; c++) {
			double sum = coef[lanes_at(&lanes, rows, GENES, c)];
			size_t at = lanes_at(&lanes, slots, slot, c);

			for (size_t g = 0; g < GENES; g++)
				sum += coef[lanes_at(&lanes, rows, g, c)] *
				       standardised(&s, d->source[slot], g);
			worst = fmax(worst, fabs(sum - (wide ? ((double *)scores)[at]
							     : ((float *)scores)[at])));
		}
	OK(worst < (wide ? 1e-6 : 5e-5), "scores are dense ones, wide %d centred %d (%g)", wide,
	   with_mean, worst);
	for (size_t slot = 0; slot < slots; slot++)
		for (size_t l = 0; l < lanes.n; l++) {
			double r = label[slot] < 0 ? 0 : rng_normal(&rng);
			size_t at = lanes_at(&lanes, slots, slot, l);

			if (wide)
				((double *)scores)[at] = r;
			else
				((float *)scores)[at] = (float)r;
		}
	OK(products_backward(&p, scores, back, &err) == 0, "backward product");
	for (size_t g = 0; g < rows; g++)
		for (size_t c = 0; c < CLASSES; c += 3) {
			double sum = 0;

			for (size_t slot = 0; slot < slots; slot++) {
				size_t at = lanes_at(&lanes, slots, slot, c);
				double r = wide ? ((double *)scores)[at] : ((float *)scores)[at];

				if (label[slot] >= 0)
					sum += r * (g == GENES
							    ? 1
							    : standardised(&s, d->source[slot], g));
			}
			worst_back =
				fmax(worst_back, fabs(sum - back[lanes_at(&lanes, rows, g, c)]));
		}
	OK(worst_back < (wide ? 1e-5 : 3e-4), "gradients are dense ones, wide %d centred %d (%g)",
	   wide, with_mean, worst_back);
	free(coef);
	free(back);
	free(scores);
	lanes_release(&lanes);
	scaling_release(&s);
}

/* Mean loss plus penalty of one class, in plain double arithmetic. */
static double objective(const struct scaling *s, const double *w, size_t class, double C,
			const int32_t *label_of_cell)
{
	double sum = 0, square = 0;

	for (size_t i = 0; i < CELLS; i++) {
		double score = w[GENES], u;

		for (size_t g = 0; g < GENES; g++)
			score += w[g] * standardised(s, i, g);
		u = label_of_cell[i] == (int32_t) class ? -score : score;
		sum += fmax(u, 0) + log1p(exp(-fabs(u)));
	}
	for (size_t g = 0; g < GENES; g++)
		square += w[g] * w[g];
	return sum / CELLS + square / (2 * C * CELLS);
}

static struct fit fitted(struct design *d, const int32_t *label, const struct scaling *s,
			 double tolerance, enum model_loss loss, struct pool *with)
{
	struct fit fit = fit_new(GENES, CLASSES, loss);
	struct fit_options o = {.loss = loss, .C = 1, .tolerance = tolerance, .max_passes = 300};
	struct err err = ERR_INIT;

	if (fit_run(&fit, d, d->n_blocks, s, label, &o, with, &err))
		BUG("%s", err.text);
	return fit;
}

static void coef_of(const struct fit *fit, size_t class, double *w)
{
	for (size_t row = 0; row <= GENES; row++)
		w[row] = fit->coef[lanes_at(&fit->lanes, GENES + 1, row, class)];
}

/* Finite differences of the dense objective at the reported optimum: nothing left to gain. */
static void test_optimum(struct design *d, const int32_t *label)
{
	struct scaling s = scaling_of(d, label, true);
	struct fit fit = fitted(d, label, &s, 1e-8, LOSS_OVR_LOG, pool);
	double w[GENES + 1], worst = 0, off = 0;

	OK(fit.n_short == 0 && fit.wide, "every class meets 1e-8 (%zu passes)", fit.passes);
	for (size_t c = 0; c < CLASSES; c += 6) {
		coef_of(&fit, c, w);
		off = fmax(off, fabs(objective(&s, w, c, 1, class_of) - fit.objective[c]));
		for (size_t g = 0; g <= GENES; g += 55) {
			double h = 1e-4, keep = w[g], up, down;

			w[g] = keep + h;
			up = objective(&s, w, c, 1, class_of);
			w[g] = keep - h;
			down = objective(&s, w, c, 1, class_of);
			w[g] = keep;
			worst = fmax(worst, fabs(up - down) / (2 * h));
		}
	}
	OK(worst < 2e-8, "finite differences of the dense objective vanish there (%g)", worst);
	OK(off < 1e-9, "the reported objective is the dense one (%g)", off);

	struct fit coarse = fitted(d, label, &s, 3e-6, LOSS_OVR_LOG, pool);
	double gap = 0;

	for (size_t i = 0; i < (GENES + 1) * fit.lanes.n; i++)
		gap = fmax(gap, fabs(fit.coef[i] - coarse.coef[i]));
	OK(!coarse.wide && coarse.n_short == 0 && gap < 3e-6 * sqrt(GENES + 1) * CELLS,
	   "floats reach the default tolerance, near the same place (%g, %zu passes, %zu short)",
	   gap, coarse.passes, coarse.n_short);
	fit_release(&coarse);
	fit_release(&fit);
	scaling_release(&s);
}

enum { NESTED = 7 };

/* Losses of all lanes, added up, at these scores; residuals into 'residual'. */
static double nested_loss(const struct loss *loss, const double *scores, double *residual)
{
	size_t n = BLOCK_CELLS * loss->lanes->n;
	double *at = mem_vectors(n, sizeof(*at)),
	       *losses = mem_zero(loss->lanes->n, sizeof(double));
	double *step = mem_zero(loss->lanes->n, sizeof(*step)), sum = 0;

	memcpy(at, scores, n * sizeof(*at));
	memset(residual, 0, n * sizeof(*residual));
	loss_step(loss, at, step, residual, losses);
	for (size_t l = 0; l < loss->lanes->n; l++)
		sum += losses[l];
	free(at);
	free(losses);
	free(step);
	return sum;
}

/* Along a direction at step t: the loss, and what loss_slope says of it. */
static double along(const struct loss *loss, const double *scores, const double *direction,
		    double t, double *slope, double *curvature)
{
	size_t lanes = loss->lanes->n, n = BLOCK_CELLS * lanes;
	double *at = mem_vectors(n, sizeof(*at)), *residual = mem_vectors(n, sizeof(*at)), sum;
	double *step = mem_zero(lanes, sizeof(*step)), *a = mem_zero(lanes, sizeof(*a)),
	       *b = mem_zero(lanes, sizeof(*b));

	for (size_t i = 0; i < n; i++)
		at[i] = scores[i] + t * direction[i];
	sum = nested_loss(loss, at, residual);
	for (size_t l = 0; l < lanes; l++)
		step[l] = t;
	loss_slope(loss, scores, step, direction, a, b);
	*slope = *curvature = 0;
	for (size_t l = 0; l < lanes; l++) {
		*slope += a[l];
		*curvature += b[l];
	}
	free(at);
	free(residual);
	free(step);
	free(a);
	free(b);
	return sum;
}

/* Class 0 is above 1 and 2, class 3 above 4; residuals and slopes against finite differences. */
static void test_nested(void)
{
	uint8_t within[NESTED * NESTED] = {0};
	uint32_t classes[NESTED];
	int32_t label[BLOCK_CELLS];
	double weights[NESTED], worst = 0, h = 1e-5, slope, curvature, up, down, s1, s2, c1, c2;
	struct rng rng = rng_seeded(11);

	for (uint32_t c = 0; c < NESTED; c++) {
		classes[c] = c;
		within[c * NESTED + c] = 1;
		weights[c] = 0.5 + 0.3 * c;
	}
	within[1] = within[2] = within[3 * NESTED + 4] = 1;
	for (size_t i = 0; i < BLOCK_CELLS; i++)
		label[i] = i % 9 == 8 ? -1 : (int32_t)(i % NESTED);

	struct lanes lanes = lanes_for(classes, NESTED, NESTED);
	struct loss loss = {.kind = LOSS_SOFTMAX,
			    .lanes = &lanes,
			    .label = label,
			    .weight_in = weights,
			    .weight_out = weights,
			    .within = within,
			    .pool = pool,
			    .n_blocks = 1,
			    .wide = true};
	size_t n = BLOCK_CELLS * lanes.n;
	double *scores = mem_vectors(n, sizeof(double)), *residual = mem_vectors(n, sizeof(double));
	double *other = mem_vectors(n, sizeof(double)), *direction = mem_vectors(n, sizeof(double));

	for (size_t i = 0; i < n; i++) {
		scores[i] = 2 * rng_normal(&rng);
		direction[i] = 0;
	}
	nested_loss(&loss, scores, residual);
	for (size_t slot = 0; slot < BLOCK_CELLS; slot += 5)
		for (size_t c = 0; c < NESTED; c++) {
			size_t at = lanes_at(&lanes, BLOCK_CELLS, slot, c);
			double keep = scores[at];

			scores[at] = keep + h;
			up = nested_loss(&loss, scores, other);
			scores[at] = keep - h;
			down = nested_loss(&loss, scores, other);
			scores[at] = keep;
			direction[at] = rng_normal(&rng);
			worst = fmax(worst, fabs((up - down) / (2 * h) - residual[at]));
		}
	OK(worst < 1e-6, "nested classes: residuals are finite differences (%g)", worst);
	along(&loss, scores, direction, 0.7, &slope, &curvature);
	up = along(&loss, scores, direction, 0.7 + h, &s1, &c1);
	down = along(&loss, scores, direction, 0.7 - h, &s2, &c2);
	OK(fabs((up - down) / (2 * h) - slope) < 1e-5 &&
		   fabs((s1 - s2) / (2 * h) - curvature) < 1e-5,
	   "and so are slope and curvature along a line (%g, %g)", (up - down) / (2 * h) - slope,
	   (s1 - s2) / (2 * h) - curvature);
	free(scores);
	free(residual);
	free(other);
	free(direction);
	lanes_release(&lanes);
}

static bool same_fit(const struct fit *a, const struct fit *b)
{
	return memcmp(a->coef, b->coef, (GENES + 1) * a->lanes.n * sizeof(*a->coef)) == 0;
}

static void test_sameness(struct design *d, const int32_t *label, const size_t *order)
{
	struct scaling s = scaling_of(d, label, true);
	struct fit fit = fitted(d, label, &s, 3e-6, LOSS_OVR_LOG, pool);
	struct pool *one = pool_new(1), *many = pool_new(7);
	struct fit alone = fitted(d, label, &s, 3e-6, LOSS_OVR_LOG, one);
	struct fit together = fitted(d, label, &s, 3e-6, LOSS_OVR_LOG, many);

	OK(same_fit(&fit, &alone) && same_fit(&fit, &together), "threads do not change a byte");

	struct design *on_disk = design_of(order, NULL, 200000);
	struct fit from_disk = fitted(on_disk, label, &s, 3e-6, LOSS_OVR_LOG, pool);

	OK(on_disk->bytes_on_disk > 0 && on_disk->bytes_on_disk < on_disk->bytes,
	   "some of the blocks went to disk");
	OK(same_fit(&fit, &from_disk), "memory or disk: the same bytes");
	fit_release(&fit);
	fit_release(&alone);
	fit_release(&together);
	fit_release(&from_disk);
	design_free(on_disk);
	pool_free(one);
	pool_free(many);
	scaling_release(&s);
}

static void test_permuted(struct design *d, const int32_t *label)
{
	size_t order[CELLS];
	uint8_t levels[CELLS];
	struct scaling s = scaling_of(d, label, true);
	struct fit fit = fitted(d, label, &s, 1e-8, LOSS_OVR_LOG, pool);
	double worst = 0;

	for (size_t i = 0; i < CELLS; i++) {
		order[i] = i * 311 % CELLS;
		levels[i] = i % 5 ? 1 : 0;
	}

	struct design *other = design_of(order, levels, SIZE_MAX);
	int32_t *other_label = labels_of(other, order);

	for (size_t slot = 0; slot < other->n_slots; slot++)
		if (other_label[slot] >= 0)
			other_label[slot] = CLASSES - 1 - other_label[slot];

	struct fit turned = fitted(other, other_label, &s, 1e-8, LOSS_OVR_LOG, pool);

	for (size_t row = 0; row <= GENES; row++)
		for (size_t c = 0; c < CLASSES; c++)
			worst = fmax(worst, fabs(fit.coef[lanes_at(&fit.lanes, GENES + 1, row, c)] -
						 turned.coef[lanes_at(&fit.lanes, GENES + 1, row,
								      CLASSES - 1 - c)]));
	OK(other->n_levels == 2 && other->level_end[0] == 1, "a level of its own for the sample");
	OK(worst < 1e-4, "permuting cells and classes permutes the optimum (%g)", worst);
	fit_release(&fit);
	fit_release(&turned);
	free(other_label);
	design_free(other);
	scaling_release(&s);
}

static void test_softmax(struct design *d, const int32_t *label)
{
	struct scaling s = scaling_of(d, label, true);
	struct fit fit = fitted(d, label, &s, 1e-8, LOSS_SOFTMAX, pool);
	static double p[CELLS][CLASSES];
	double worst = 0;

	for (size_t i = 0; i < CELLS; i++) {
		double sum = 0;

		for (size_t c = 0; c < CLASSES; c++) {
			double score = fit.coef[lanes_at(&fit.lanes, GENES + 1, GENES, c)];

			for (size_t g = 0; g < GENES; g++)
				score += fit.coef[lanes_at(&fit.lanes, GENES + 1, g, c)] *
					 standardised(&s, i, g);
			sum += p[i][c] = exp(score);
		}
		for (size_t c = 0; c < CLASSES; c++)
			p[i][c] = p[i][c] / sum - (class_of[i] == (int32_t)c);
	}
	for (size_t c = 0; c < CLASSES; c++)
		for (size_t g = 0; g < GENES; g += 7) {
			double sum = fit.coef[lanes_at(&fit.lanes, GENES + 1, g, c)];

			for (size_t i = 0; i < CELLS; i++)
				sum += p[i][c] * standardised(&s, i, g);
			worst = fmax(worst, fabs(sum) / CELLS);
		}
	OK(fit.n_short == 0 && worst < 2e-8,
	   "softmax: its dense gradient vanishes (%g, %zu passes)", worst, fit.passes);
	fit_release(&fit);
	scaling_release(&s);
}

static void test_narrow(const size_t *order)
{
	struct design *d = design_of(order, NULL, 300000);
	uint32_t map[GENES], n = 0;
	struct err err = ERR_INIT;
	int32_t *label;
	struct scaling wide_scaling, s;
	double sum = 0, expected = 0;

	for (size_t g = 0; g < GENES; g++)
		map[g] = g % 3 == 1 ? n++ : UINT32_MAX;
	label = labels_of(d, order);
	wide_scaling = scaling_of(d, label, true);
	d = design_narrow(d, map, n, pool, &err);
	OK(d && d->n_genes == n, "a design with a third of the genes");
	s = scaling_of(d, label, true);
	for (size_t g = 0; g < GENES; g++)
		if (map[g] != UINT32_MAX) {
			expected += wide_scaling.scale[g] * (double)(g + 1) + wide_scaling.mean[g];
			sum += s.scale[map[g]] * (double)(g + 1) + s.mean[map[g]];
		}
	OK(sum == expected, "has the same values for them");
	free(label);
	design_free(d);
	scaling_release(&s);
	scaling_release(&wide_scaling);
}

/* Without the values of cells that do not count, a fit is the same to the byte. */
static void test_picked(struct design *d, const int32_t *all)
{
	int32_t *label = mem_copy(all, d->n_slots, sizeof(*label));
	uint8_t *keep = mem_zero(d->n_slots, sizeof(*keep));
	struct fit_options options = {.loss = LOSS_SOFTMAX,
				      .C = 0.1,
				      .tolerance = 1e-4,
				      .max_passes = 8,
				      .balanced = true};
	struct fit fits[2] = {fit_new(GENES, CLASSES, LOSS_SOFTMAX),
			      fit_new(GENES, CLASSES, LOSS_SOFTMAX)};
	struct design *picked, *designs[2] = {d, NULL};
	struct err err = ERR_INIT;

	for (size_t slot = 0; slot < d->n_slots; slot++) {
		keep[slot] = label[slot] >= 0 && slot % 3 != 1;
		label[slot] = keep[slot] ? label[slot] : -1;
	}
	picked = designs[1] = design_pick(d, keep, pool, &err);
	OK(picked && picked->n_slots == d->n_slots && picked->n_stored < d->n_stored * 3 / 4,
	   "a design with two thirds of the cells' values");
	for (int i = 0; i < 2; i++) {
		struct scaling s = scaling_of(designs[i], label, true);

		if (fit_run(&fits[i], designs[i], designs[i]->n_blocks, &s, label, &options, pool,
			    &err))
			BUG("%s", err.text);
		scaling_release(&s);
	}
	OK(memcmp(fits[0].coef, fits[1].coef,
		  (GENES + 1) * fits[0].lanes.n * sizeof(*fits[0].coef)) == 0,
	   "gives the fit that leaving the others out gives");
	for (int i = 0; i < 2; i++)
		fit_release(&fits[i]);
	design_free(picked);
	free(label);
	free(keep);
}

/* Small classes whole, large ones alike, and never more than asked for. */
static void test_even_draw(void)
{
	enum { N = 1000 };
	int32_t class[N];
	size_t count[3] = {0};
	uint8_t *drawn;

	for (size_t i = 0; i < N; i++)
		class[i] = i % 100 == 0 ? 0 : i % 100 == 1 ? -1 : i % 100 < 40 ? 1 : 2;
	drawn = even_draw(&(struct even_draw){class, N, 3, 110, 5});
	for (size_t i = 0; i < N; i++) {
		if (drawn[i])
			count[class[i] < 0 ? 0 : class[i]]++;
	}
	OK(count[0] == 10 && count[1] == 50 && count[2] == 50, "10, 50 and 50 cells: %zu, %zu, %zu",
	   count[0], count[1], count[2]);
	free(drawn);
	drawn = even_draw(&(struct even_draw){class, N, 3, N, 5});
	count[0] = 0;
	for (size_t i = 0; i < N; i++)
		count[0] += drawn[i] == (class[i] >= 0);
	OK(count[0] == N, "all cells that have a class, where all are wanted");
	free(drawn);
}

int main(void)
{
	size_t order[CELLS];

	pool = pool_new(2);
	make_cells();
	for (size_t i = 0; i < CELLS; i++)
		order[i] = i;

	struct design *d = design_of(order, NULL, SIZE_MAX);
	int32_t *label = labels_of(d, order);

	test_scaling(d, label);
	for (int turn = 0; turn < 4; turn++)
		test_products(d, label, turn & 1, turn & 2);
	test_optimum(d, label);
	test_sameness(d, label, order);
	test_permuted(d, label);
	test_softmax(d, label);
	test_nested();
	test_narrow(order);
	test_picked(d, label);
	test_even_draw();
	free(label);
	design_free(d);
	pool_free(pool);
	return done_testing();
}
