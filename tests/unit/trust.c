/* trust.c - missing genes, calibration and novelty against their definitions. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "linalg/cholesky.h"
#include "linalg/symmetric.h"
#include "tap.h"
#include "trust/calibration.h"
#include "trust/lineage.h"
#include "trust/missing.h"
#include "trust/novelty.h"

#define GENES 40
#define FACTORS 6
#define CLASSES 4

static struct model *make_model(struct rng *rng)
{
	struct model *m = model_new(CLASSES, CLASSES, GENES);

	m->loss = LOSS_SOFTMAX;
	m->factors = model_factors_new(GENES, FACTORS);
	for (size_t i = 0; i < GENES * FACTORS; i++)
		m->factors->loadings[i] = (float)(0.3 * rng_normal(rng));
	for (size_t g = 0; g < GENES; g++) {
		m->factors->rest[g] = (float)(0.05 + rng_unit(rng));
		m->scale[g] = 1;
	}
	for (size_t i = 0; i < CLASSES * GENES; i++)
		m->coef[i] = rng_normal(rng);
	return m;
}

static double covariance(const struct model *m, size_t a, size_t b)
{
	const struct model_factors *f = m->factors;
	double sum = a == b ? (double)f->rest[a] : 0;

	for (size_t k = 0; k < f->n; k++)
		sum += (double)f->loadings[a * f->n + k] * (double)f->loadings[b * f->n + k];
	return sum;
}

/* W_p + S_pp^-1 S_pm W_m, without the factors' shortcut; and the variance that it tells. */
static double direct_row(const struct model *m, const bool *present, const double *w, double *to)
{
	double s[GENES * GENES], b[GENES], all = 0, told = 0;
	size_t at[GENES], n = 0;

	for (size_t g = 0; g < GENES; g++)
		if (present[g])
			at[n++] = g;
	for (size_t i = 0; i < n; i++) {
		b[i] = 0;
		for (size_t j = 0; j < n; j++)
			s[i * n + j] = covariance(m, at[i], at[j]);
		for (size_t g = 0; g < GENES; g++)
			b[i] += covariance(m, at[i], g) * w[g];
	}
	for (size_t a = 0; a < GENES; a++)
		for (size_t c = 0; c < GENES; c++)
			all += w[a] * covariance(m, a, c) * w[c];
	memset(to, 0, GENES * sizeof(*to));
	for (size_t i = 0; i < n; i++)
		to[at[i]] = b[i];
	if (cholesky_factor(s, n, 0))
		BUG("not positive definite");
	cholesky_solve(s, n, b, 1);
	for (size_t i = 0; i < n; i++) {
		told += b[i] * to[at[i]];
		to[at[i]] = b[i];
	}
	return told / all;
}

static void test_missing(void)
{
	struct rng rng = rng_seeded(5);
	struct model *m = make_model(&rng);
	double row[GENES], worst = 0, worst_share = 0;
	bool present[GENES], all[GENES];
	struct err err = ERR_INIT;
	struct expected *e;

	for (size_t g = 0; g < GENES; g++) {
		present[g] = rng_unit(&rng) < 0.4;
		all[g] = true;
	}
	e = expected_weights(m, present, &err);
	for (size_t c = 0; e && c < CLASSES; c++) {
		double share = direct_row(m, present, m->coef + c * GENES, row);

		worst_share = fmax(worst_share, fabs(share - e->explained[c]));
		for (size_t g = 0; g < GENES; g++)
			worst = fmax(worst, fabs(row[g] - e->coef[c * GENES + g]));
	}
	OK(e && worst < 1e-9, "weights are the conditional expectation's (off by %g)", worst);
	OK(worst_share < 1e-9, "and the explained share is that of the scores' variance");
	expected_free(e);
	e = expected_weights(m, all, &err);
	OK(e && !memcmp(e->coef, m->coef, CLASSES * GENES * sizeof(double)) && e->least == 1,
	   "with no gene missing the weights are the model's, to the bit");
	expected_free(e);
	model_free(m);
}

/* The same decisions as the numbers from scipy below were found with. */
static struct model_calibration *calibrate(size_t n, bool own)
{
	double *d = mem_alloc(3 * n, sizeof(*d));
	uint32_t *labels = mem_alloc(n, sizeof(*labels));
	struct model_calibration *c;

	for (size_t i = 0; i < n; i++) {
		labels[i] = (uint32_t)(i % 5 ? i % 3 : (i + 1) % 3);
		for (size_t k = 0; k < 3; k++)
			d[i * 3 + k] =
				(double)((i * 7 + k * 5) % 11) / 3 - (k != i % 3 ? 1.5 : -0.2);
	}
	c = calibration_fit(&(struct calibration_cells){d, labels, n, 3}, own);
	free(d);
	free(labels);
	return c;
}

/* scipy 1.x, minimize_scalar (bounded) and minimize (BFGS) of the same objective. */
static void test_calibration(void)
{
	static const double slope[] = {0.6809545967244922, 0.4994904641604846, 0.669628152184398},
			    offset[] = {-0.028829498186730553, 0.03377814181078312,
					-0.004948555091089904};
	struct model_calibration *few = calibrate(24, true), *many = calibrate(1200, true);
	double worst = 0, p[3], sum = 0;
	uint32_t alike[] = {1, 1};

	OK(fabs(few->slope[0] - 0.6035934267742162) < 1e-6 && few->slope[0] == few->slope[2] &&
		   few->offset[1] == 0,
	   "few cells: scipy's one slope (%.9g)", few->slope[0]);
	for (size_t k = 0; k < 3; k++)
		worst = fmax(worst, fmax(fabs(many->slope[k] - slope[k]),
					 fabs(many->offset[k] - offset[k])));
	OK(worst < 1e-5, "many cells: scipy's slopes and offsets (off by %g)", worst);
	calibrated(many, (const double[]){800, -800, 3}, 3, p);
	for (size_t k = 0; k < 3; k++)
		sum += p[k];
	OK(fabs(sum - 1) < 1e-12, "probabilities sum to 1");
	OK(!calibration_fit(&(struct calibration_cells){(const double[]){1, 2, 3, 4}, alike, 2, 2},
			    false),
	   "cells of one class calibrate nothing");
	model_calibration_free(few);
	model_calibration_free(many);
}

/* Novelty of a cell of so many counts. */
static double novelty_at(const struct model *m, const bool *present, const double *place,
			 double counts)
{
	struct novelty *n = novelty_new(m, present);
	double novelty = novelty_judge(n, place, (const double[]){-9, -9, -9, -9}, counts).novelty;

	novelty_free(n);
	return novelty;
}

/* What few counts make of a cell's novelty is taken off it. */
static void test_shallow(struct model *m, bool *present, const double *place)
{
	struct depth_needs *d = depth_needs_new(3);
	double whole = novelty_at(m, present, place, 64), half;

	m->depth = d;
	OK(novelty_at(m, present, place, 4) == whole,
	   "a model that does not know takes nothing off");
	MEM_ZERO(d->novelty, 3);
	memcpy(d->counts, (const double[]){4, 16, 64}, 3 * sizeof(double));
	memcpy(d->novelty, (const double[]){1.5, 0.5, 0}, 3 * sizeof(double));
	OK(whole > 1.5 && novelty_at(m, present, place, 64) == whole &&
		   novelty_at(m, present, place, 999) == whole &&
		   novelty_at(m, present, place, 0) == whole,
	   "nothing of deep cells, nor of those whose counts are not known");
	OK(fabs(novelty_at(m, present, place, 16) - (whole - 0.5)) < 1e-12 &&
		   fabs(novelty_at(m, present, place, 8) - (whole - 1)) < 1e-12 &&
		   fabs(novelty_at(m, present, place, 1) - (whole - 1.5)) < 1e-12,
	   "of shallow ones as the rows say, and halfway in doublings between them");
	d->novelty[0] = 99;
	OK(novelty_at(m, present, place, 4) == 0, "no novelty is below 0");
	d->novelty[0] = 1.5;
	for (size_t g = 0; g < GENES; g++)
		m->mean[g] = 1;
	present[0] = false;
	half = novelty_at(m, present, place, 16.0 * (GENES - 1) / GENES);
	free(d->novelty);
	d->novelty = NULL;
	OK(fabs(novelty_at(m, present, place, 4) - 0.5 - half) < 1e-12,
	   "counts of some of the genes are a share of a cell's");
}

static void test_novelty(void)
{
	struct rng rng = rng_seeded(7);
	struct model *m = make_model(&rng);
	struct model_landmarks *l = mem_zero(1, sizeof(*l));
	double energies[400], place[3] = {1, 2, -1};
	bool present[GENES];
	struct novelty *n;
	double near_one, far_one, farther;

	for (size_t i = 0; i < 400; i++) {
		energies[i] = -(double)(i / 2) / 200;
	}
	m->landmarks = l;
	l->n = 100;
	l->n_axes = 3;
	MEM_ZERO(l->places, 300);
	for (size_t i = 0; i < 300; i++)
		l->places[i] = (float)rng_normal(&rng);
	novelty_learn(l, energies, 400);
	for (size_t g = 0; g < GENES; g++)
		present[g] = true;
	n = novelty_new(m, present);
	near_one = novelty_judge(n, place, (const double[]){9, 0, 0, 0}, 0).p_score;
	far_one = novelty_judge(n, place, (const double[]){-9, -9, -9, -9}, 0).p_score;
	farther = novelty_judge(n, place, (const double[]){-19, -19, -19, -19}, 0).p_score;
	OK(near_one == 1 && far_one > farther && farther > 0 && far_one < 0.01,
	   "what no held-out cell reaches is strange, never impossible, and strangest is stranger");
	OK(fabs((double)l->energies[200] + 0.495) < 1e-6, "the middle quantile is the median");
	OK(novelty_judge(n, place, (const double[]){0.45, -99, -99, -99}, 0).p_score < 0.47 &&
		   novelty_judge(n, place, (const double[]){0.45, -99, -99, -99}, 0).p_score > 0.44,
	   "a share is that of the cells at least as strange");
	OK(novelty_limit(100) == 1.6 && novelty_limit(3) == 1, "a limit by the landmarks' number");
	double third[3] = {place[0] / 3, place[1] / 3, place[2] / 3};
	OK(fabs(novelty_distance(n, place, SIZE_MAX) - novelty_distance(n, third, SIZE_MAX)) < 1e-6,
	   "a cell of a third of the depth is as far");
	test_shallow(m, present, place);
	novelty_free(n);
	model_free(m);
}

static void test_symmetric(void)
{
	enum { N = 30 };
	struct rng rng = rng_seeded(8);
	double a[N * N], copy[N * N], values[N], vectors[N * N], worst = 0;

	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j <= i; j++)
			a[i * N + j] = a[j * N + i] = rng_normal(&rng);
	memcpy(copy, a, sizeof(a));
	symmetric_eigen(a, N, values, vectors);
	for (size_t p = 0; p < N; p++)
		for (size_t i = 0; i < N; i++) {
			double sum = -values[p] * vectors[i * N + p];

			for (size_t j = 0; j < N; j++)
				sum += copy[i * N + j] * vectors[j * N + p];
			worst = fmax(worst, fabs(sum));
		}
	for (size_t p = 1; p < N; p++)
		if (values[p] > values[p - 1])
			worst = INFINITY;
	OK(worst < 1e-12, "eigenpairs fall and satisfy A v = value v (off by %g)", worst);
	OK(cholesky_factor((double[]){1, 0, 2, 1}, 2, 0) == -1, "an indefinite matrix is refused");
}

/* The moderated sigmoid against the mean of sigmoids over a normal score, summed finely. */
static void test_moderation(void)
{
	double worst = 0;

	for (double mean = -4; mean <= 4; mean += 0.5)
		for (double variance = 0.1; variance <= 6; variance *= 2) {
			double sum = 0, step = 0.01;

			for (double x = -8; x <= 8; x += step)
				sum += step * exp(-x * x / 2) / sqrt(2 * M_PI) /
				       (1 + exp(-(mean + x * sqrt(variance))));
			worst = fmax(
				worst,
				fabs(sum - 1 / (1 + exp(-mean / moderation(NULL, 2, variance)))));
		}
	OK(worst < 0.03, "a moderated score is nearly the mean of its probabilities (%g)", worst);
	OK(moderation(NULL, 2, 0) == 1, "and one that is known is itself");
}

/* Odds against "none of them" for one-versus-rest, shares for softmax, the sigmoid for two. */
static void test_uncalibrated(void)
{
	const double d[] = {1, -2, 0.5, 3};
	double p[4], sum = 1, worst = 0;
	struct model *m = model_new(4, 4, 1), *two = model_new(2, 1, 1);
	const double pair[] = {-1.3, 1.3};

	m->loss = LOSS_OVR_LOG;
	for (int k = 0; k < 4; k++)
		sum += exp(d[k]);
	uncalibrated(m, d, p);
	for (int k = 0; k < 4; k++)
		worst = fmax(worst, fabs(p[k] - exp(d[k]) / sum));
	m->loss = LOSS_SOFTMAX;
	uncalibrated(m, d, p);
	for (int k = 0; k < 4; k++)
		worst = fmax(worst, fabs(p[k] - exp(d[k]) / (sum - 1)));
	two->loss = LOSS_OVR_LOG;
	uncalibrated(two, pair, p);
	worst = fmax(worst, fabs(p[1] - 1 / (1 + exp(-1.3))) + fabs(p[0] + p[1] - 1));
	OK(worst < 1e-12, "what decisions say without calibration (%g)", worst);
	model_free(m);
	model_free(two);
}

/* Random paths through three levels: no term is likelier than the one above it. */
static void test_lineage(void)
{
	enum { N = 12, LEVELS = 3 };
	struct rng rng = rng_seeded(9);
	struct model *m = model_new(N, N, 1);
	struct lineage *l;
	double p[N], sum = 0, worst = 0, worst_sum = 0;
	char name[32];

	m->levels = model_levels_new(N, LEVELS);
	for (size_t k = 0; k < N; k++) {
		p[k] = rng_unit(&rng);
		sum += p[k];
		for (size_t i = 0; i < LEVELS; i++) {
			snprintf(name, sizeof(name), "%zu.%zu", i, k / (6 >> i));
			m->levels->of_class[k * LEVELS + i] = model_str(m, name);
		}
	}
	for (size_t k = 0; k < N; k++)
		p[k] /= sum;
	l = lineage_of_levels(m);
	for (size_t k = 0; k < N; k++) {
		double last = p[k];

		for (size_t i = 0; i < l->n_above[k]; i++) {
			const struct lineage_term *t = &l->terms[l->above[k][i]];
			double here = lineage_sum(t, p), want = 0;

			for (size_t j = 0; j < t->n_classes; j++)
				want += p[t->classes[j]];
			worst = fmax(worst, last - here);
			worst_sum = fmax(worst_sum, fabs(fmin(want, 1) - here));
			last = here;
		}
		OK(l->n_above[k] == 2, "class %zu has two terms above it that say more", k);
	}
	OK(worst <= 0 && worst_sum < 1e-15,
	   "sums rise up the lineage and are those of the classes (%g, %g)", worst, worst_sum);
	lineage_free(l);
	model_free(m);
}

int main(void)
{
	test_missing();
	test_calibration();
	test_novelty();
	test_symmetric();
	test_moderation();
	test_uncalibrated();
	test_lineage();
	return done_testing();
}
