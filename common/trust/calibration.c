/* calibration.c - see calibration.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/cholesky.h"
#include "trust/calibration.h"

#define MANY_CELLS 1000 /* from here on classes have numbers of their own */
#define MOST_TURNS 50
#define LEAST_SLOPE 0.01
#define TIE 20.0       /* strength of the penalty on offsets */
#define SLOPE_TIE 80.0 /* and on slopes */

void calibrated(const struct model_calibration *c, const double *decisions, size_t n_classes,
		double *probabilities)
{
	double top = -INFINITY, sum = 0;

	for (size_t k = 0; k < n_classes; k++) {
		probabilities[k] = c->slope[k] * decisions[k] + c->offset[k];
		top = MAX(top, probabilities[k]);
	}
	for (size_t k = 0; k < n_classes; k++)
		sum += probabilities[k] = exp(probabilities[k] - top);
	for (size_t k = 0; k < n_classes; k++)
		probabilities[k] /= sum;
}

double moderation(const struct model_calibration *c, size_t n_classes, double variance)
{
	double slope = 0;

	for (size_t k = 0; c && k < n_classes; k++)
		slope += c->slope[k] / (double)n_classes;
	slope = c ? slope : 1;
	return sqrt(1 + 3.14159265358979323846 / 8 * slope * slope * variance);
}

void uncalibrated(const struct model *m, const double *decisions, double *probabilities)
{
	bool none = m->loss == LOSS_OVR_LOG && m->n_rows > 1;
	double top = none ? 0 : -INFINITY, sum = 0;
	double scale = m->n_rows > 1 || m->loss == LOSS_SOFTMAX ? 1 : 0.5;

	/* A binary model's two decisions are one, d and -d: its odds are exp(2 d / 2). */
	for (size_t k = 0; k < m->n_classes; k++)
		top = MAX(top, scale * decisions[k]);
	sum = none ? exp(-top) : 0;
	for (size_t k = 0; k < m->n_classes; k++)
		sum += probabilities[k] = exp(scale * decisions[k] - top);
	for (size_t k = 0; k < m->n_classes; k++)
		probabilities[k] /= sum;
}

struct calibrating {
	const double *decisions;
	const uint32_t *labels;
	size_t n_cells, n_classes; /* as in calibration_cells */
	double *weight; /* per class: all classes together weigh as many as there are cells */
	double common;
	bool shared; /* one slope for all, no offsets */
	size_t n;    /* numbers that are free */
	double *p;   /* of one cell */
	double *gradient, *hessian;
};

static void set_weights(struct calibrating *f)
{
	size_t *count = mem_zero(f->n_classes, sizeof(*count)), there = 0;

	for (size_t i = 0; i < f->n_cells; i++)
		count[f->labels[i]]++;
	for (size_t k = 0; k < f->n_classes; k++)
		there += count[k] > 0;
	for (size_t k = 0; k < f->n_classes; k++)
		f->weight[k] = count[k] ? (double)f->n_cells / (double)(there * count[k]) : 0;
	free(count);
}

/* Weighted mean loss, without the penalty. */
static double loss_of(const struct calibrating *f, const struct model_calibration *c)
{
	double sum = 0;

	for (size_t i = 0; i < f->n_cells; i++) {
		calibrated(c, f->decisions + i * f->n_classes, f->n_classes, f->p);
		sum -= f->weight[f->labels[i]] * log(fmax(f->p[f->labels[i]], 1e-300));
	}
	return sum / (double)f->n_cells;
}

static double penalty_of(const struct calibrating *f, const struct model_calibration *c)
{
	double sum = 0;

	for (size_t k = 0; k < f->n_classes && !f->shared; k++) {
		double off = c->slope[k] - f->common;

		sum += SLOPE_TIE * off * off + TIE * c->offset[k] * c->offset[k];
	}
	return sum / (double)f->n_cells;
}

/* One cell's part in gradient and Hessian when all classes share a slope. */
static void add_shared(struct calibrating *f, const double *d, uint32_t label, double w)
{
	double mean = 0, square = 0;

	for (size_t k = 0; k < f->n_classes; k++) {
		mean += f->p[k] * d[k];
		square += f->p[k] * d[k] * d[k];
	}
	f->gradient[0] += w * (mean - d[label]);
	f->hessian[0] += w * (square - mean * mean);
}

/* And when each has its own: numbers 2k and 2k + 1 are slope and offset of class k. */
static void add_own(struct calibrating *f, const double *d, uint32_t label, double w)
{
	for (size_t k = 0; k < f->n_classes; k++) {
		double off = w * (f->p[k] - (k == label));
		double *slope = f->hessian + 2 * k * f->n, *offset = slope + f->n;

		f->gradient[2 * k] += off * d[k];
		f->gradient[2 * k + 1] += off;
		for (size_t j = 0; j <= k; j++) {
			double h = w * f->p[k] * ((j == k) - f->p[j]);

			slope[2 * j] += h * d[k] * d[j];
			slope[2 * j + 1] += h * d[k];
			offset[2 * j] += h * d[j];
			offset[2 * j + 1] += h;
		}
	}
}

static void add_penalty(struct calibrating *f, const struct model_calibration *c)
{
	for (size_t k = 0; k < f->n_classes && !f->shared; k++) {
		f->gradient[2 * k] += 2 * SLOPE_TIE * (c->slope[k] - f->common);
		f->gradient[2 * k + 1] += 2 * TIE * c->offset[k];
		f->hessian[2 * k * f->n + 2 * k] += 2 * SLOPE_TIE;
		f->hessian[(2 * k + 1) * f->n + 2 * k + 1] += 2 * TIE;
	}
	for (size_t i = 0; i < f->n; i++)
		f->hessian[i * f->n + i] += 1e-9 * (double)f->n_cells;
}

static void derive(struct calibrating *f, const struct model_calibration *c)
{
	memset(f->gradient, 0, f->n * sizeof(*f->gradient));
	memset(f->hessian, 0, f->n * f->n * sizeof(*f->hessian));
	for (size_t i = 0; i < f->n_cells; i++) {
		const double *d = f->decisions + i * f->n_classes;
		double w = f->weight[f->labels[i]];

		calibrated(c, d, f->n_classes, f->p);
		if (f->shared)
			add_shared(f, d, f->labels[i], w);
		else
			add_own(f, d, f->labels[i], w);
	}
	add_penalty(f, c);
}

static void move(const struct calibrating *f, const struct model_calibration *from, double step,
		 struct model_calibration *to)
{
	for (size_t k = 0; k < f->n_classes; k++) {
		double slope = from->slope[k] - step * f->gradient[f->shared ? 0 : 2 * k];

		to->slope[k] = fmax(slope, LEAST_SLOPE);
		to->offset[k] = from->offset[k] - (f->shared ? 0 : step * f->gradient[2 * k + 1]);
	}
}

/* Newton's method, with steps halved until they help. */
static void descend(struct calibrating *f, struct model_calibration *c)
{
	struct model_calibration trial = {0};
	double now = loss_of(f, c) + penalty_of(f, c);

	MEM_ZERO(trial.slope, f->n_classes);
	MEM_ZERO(trial.offset, f->n_classes);
	for (int turn = 0; turn < MOST_TURNS; turn++) {
		double step = 2, then = INFINITY;

		derive(f, c);
		if (cholesky_factor(f->hessian, f->n, 0))
			break;
		cholesky_solve(f->hessian, f->n, f->gradient, 1);
		while (!(then < now) && step > 1e-6) {
			step /= 2;
			move(f, c, step, &trial);
			then = loss_of(f, &trial) + penalty_of(f, &trial);
		}
		if (!(then < now))
			break;
		move(f, c, step, c);
		if (now - then < 1e-12)
			break;
		now = then;
	}
	free(trial.slope);
	free(trial.offset);
}

static void run(struct calibrating *f, struct model_calibration *c, bool shared)
{
	f->shared = shared;
	f->n = shared ? 1 : 2 * f->n_classes;
	f->gradient = mem_alloc(f->n, sizeof(*f->gradient));
	f->hessian = mem_alloc(mem_product(f->n, f->n), sizeof(*f->hessian));
	descend(f, c);
	free(f->gradient);
	free(f->hessian);
}

static bool all_alike(const uint32_t *labels, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (labels[i] != labels[0])
			return false;
	return true;
}

struct model_calibration *calibration_fit(const struct calibration_cells *cells, bool own)
{
	size_t n_classes = cells->n_classes;
	struct calibrating f = {.decisions = cells->decisions,
				.labels = cells->labels,
				.n_cells = cells->n,
				.n_classes = n_classes};
	struct model_calibration *c;

	if (all_alike(cells->labels, cells->n))
		return NULL;
	MEM_ZERO(c, 1);
	MEM_ZERO(c->slope, n_classes);
	MEM_ZERO(c->offset, n_classes);
	MEM_ZERO(f.weight, n_classes);
	MEM_ZERO(f.p, n_classes);
	c->n_cells = (double)cells->n;
	for (size_t k = 0; k < n_classes; k++)
		c->slope[k] = 1;
	set_weights(&f);
	run(&f, c, true);
	f.common = c->slope[0];
	if (own && cells->n >= MANY_CELLS)
		run(&f, c, false);
	free(f.weight);
	free(f.p);
	return c;
}

void calibration_damp(struct model_calibration *c, size_t n_classes)
{
	for (size_t k = 0; k < n_classes; k++) {
		c->slope[k] = (c->slope[k] + 1) / 2;
		c->offset[k] /= 2;
	}
}
