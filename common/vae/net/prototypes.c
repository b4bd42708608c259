/* prototypes.c - classes as places in latent space; see prototypes.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "linalg/exponential.h"
#include "vae/net/prototypes.h"

static double distance_of(const float *a, const float *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double d = (double)a[i] - (double)b[i];

		sum += d * d;
	}
	return sqrt(sum);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* ---- learning ---- */

struct class_cells {
	size_t *rows;
	size_t n;
};

static void list_class_cells(struct class_cells *m, const uint32_t *label, const bool *empty,
			     size_t n, size_t which)
{
	m->n = 0;
	for (size_t i = 0; i < n; i++)
		if (label[i] == which && !(empty && empty[i]))
			m->rows[m->n++] = i;
}

static void learn_one(struct prototypes *p, const float *latent, const struct class_cells *m,
		      double *sums, float *distances)
{
	float *mean = p->mean + p->n * p->width;
	float *quantile = p->quantile + p->n * PROTOTYPE_QUANTILES;

	memset(sums, 0, p->width * sizeof(*sums));
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < p->width; k++)
			sums[k] += (double)latent[m->rows[i] * p->width + k];
	for (size_t k = 0; k < p->width; k++)
		mean[k] = (float)(sums[k] / (double)m->n);
	for (size_t i = 0; i < m->n; i++)
		distances[i] = (float)distance_of(latent + m->rows[i] * p->width, mean, p->width);
	qsort(distances, m->n, sizeof(*distances), by_value);
	for (size_t q = 0; q < PROTOTYPE_QUANTILES; q++) {
		double at = (double)(m->n - 1) * (double)q / (PROTOTYPE_QUANTILES - 1);
		size_t low = (size_t)at, high = MIN(low + 1, m->n - 1);
		double part = at - (double)low;

		quantile[q] = (float)((1 - part) * (double)distances[low] +
				      part * (double)distances[high]);
	}
	p->cells[p->n] = (float)m->n;
}

struct prototypes prototypes_learn(const float *latent, size_t n, size_t width,
				   const uint32_t *label, const bool *empty,
				   const struct names *labels, size_t n_labels)
{
	struct prototypes p = {.width = width};
	struct class_cells m = {.rows = mem_alloc(n + 1, sizeof(*m.rows))};
	double *sums = mem_zero(width + 1, sizeof(*sums));
	float *distances = mem_zero(n + 1, sizeof(*distances));

	MEM_ZERO(p.mean, n_labels * width + 1);
	MEM_ZERO(p.quantile, n_labels * PROTOTYPE_QUANTILES + 1);
	MEM_ZERO(p.cells, n_labels + 1);
	for (size_t k = 0; k < n_labels; k++) {
		list_class_cells(&m, label, empty, n, k);
		if (!m.n)
			continue;
		learn_one(&p, latent, &m, sums, distances);
		names_add(&p.labels, labels->s[k]);
		p.n++;
	}
	free(m.rows);
	free(sums);
	free(distances);
	return p;
}

struct prototypes prototypes_copy(const struct prototypes *p)
{
	return (struct prototypes){
		.n = p->n,
		.width = p->width,
		.labels = names_of(p->labels.s, p->labels.n),
		.mean = mem_copy(p->mean, p->n * p->width, sizeof(float)),
		.quantile = mem_copy(p->quantile, p->n * PROTOTYPE_QUANTILES, sizeof(float)),
		.cells = mem_copy(p->cells, p->n, sizeof(float))};
}

void prototypes_release(struct prototypes *p)
{
	names_release(&p->labels);
	free(p->mean);
	free(p->quantile);
	free(p->cells);
	*p = (struct prototypes){0};
}

/* ---- placing ---- */

/* The share of a class's own cells that lie nearer. */
static double quantile_at(const float *q, double distance)
{
	size_t at = 0;

	if (distance < (double)q[0])
		return 0;
	if (distance >= (double)q[PROTOTYPE_QUANTILES - 1])
		return 1;
	while (distance >= (double)q[at + 1])
		at++;
	return ((double)at + (distance - (double)q[at]) / ((double)q[at + 1] - (double)q[at])) /
	       (PROTOTYPE_QUANTILES - 1);
}

static void place_one(const struct prototypes *p, const float *at, float *shares, float *distance,
		      float *quantile)
{
	size_t nearest = 0;
	double sum = 0;

	for (size_t k = 0; k < p->n; k++) {
		shares[k] = (float)distance_of(at, p->mean + k * p->width, p->width);
		if (shares[k] < shares[nearest])
			nearest = k;
	}
	*distance = shares[nearest];
	*quantile =
		(float)quantile_at(p->quantile + nearest * PROTOTYPE_QUANTILES, (double)*distance);
	for (size_t k = 0; k < p->n; k++)
		sum += exp_double((double)*distance - (double)shares[k]);
	for (size_t k = 0; k < p->n; k++)
		shares[k] = (float)(exp_double((double)*distance - (double)shares[k]) / sum);
}

void prototypes_place(const struct prototypes *p, const float *latent, size_t n, float *shares,
		      float *distance, float *quantile)
{
	for (size_t i = 0; p->n && i < n; i++)
		place_one(p, latent + i * p->width, shares + i * p->n, distance + i, quantile + i);
}
