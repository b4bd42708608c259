/* mtl_step.c - cells through a multi-task mapper; see mtl_step.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "linalg/gemm.h"
#include "mtl/mtl_step.h"

struct mtl_work {
	struct mtl *m;
	struct pool *pool;
	size_t cap;
	struct tape tape[MTL_LAYERS];
	struct pass pass;
	const real *latent, *below; /* of the last pass: the last layer's, the first one's */
	real *logits, *d_logits;    /* n x the widest head */
	real *d_latent, *d_below;
};

struct mtl_work *mtl_work_new(struct mtl *m, struct pool *pool)
{
	struct mtl_work *w = mem_zero(1, sizeof(*w));

	gemm_alone();
	w->m = m;
	w->pool = pool;
	return w;
}

static void free_buffers(struct mtl_work *w)
{
	free(w->logits);
	free(w->d_logits);
	free(w->d_latent);
	free(w->d_below);
}

void mtl_work_free(struct mtl_work *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < MTL_LAYERS; i++)
		tape_free(&w->tape[i]);
	free_buffers(w);
	free(w);
}

static void reserve(struct mtl_work *w, size_t n)
{
	const struct mtl *m = w->m;
	size_t widest = 1;

	if (n <= w->cap)
		return;
	for (size_t k = 0; k < m->levels.n; k++)
		widest = MAX(widest, m->head[k].n_out);
	for (size_t i = 0; i < m->n_coordinates; i++)
		widest = MAX(widest, m->coordinate[i].width);
	free_buffers(w);
	w->cap = n;
	w->logits = mem_vectors(n * widest, sizeof(real));
	w->d_logits = mem_vectors(n * widest, sizeof(real));
	w->d_latent = mem_vectors(n * mtl_width(m), sizeof(real));
	w->d_below = mem_vectors(n * m->recipe.hidden[0], sizeof(real));
}

const real *mtl_forward(struct mtl_work *w, struct rows x, const struct noise *noise,
			const uint64_t *number)
{
	struct mtl *m = w->m;

	reserve(w, x.n);
	w->pass = (struct pass){.training = noise, .noise = noise, .cells = number};
	w->below = stack_forward(&m->layer[0], w->pool, x, NULL, &w->pass, &w->tape[0]);
	w->latent = stack_forward(&m->layer[1], w->pool, (struct rows){.n = x.n, .dense = w->below},
				  NULL, &w->pass, &w->tape[1]);
	return w->latent;
}

static void head_forward(struct mtl_work *w, const struct dense *head, size_t n)
{
	dense_forward(head, w->pool, (struct rows){.n = n, .dense = w->latent}, NULL, w->logits);
}

/* Shares among the children of one parent, from their logits. */
static void siblings(const real *logits, size_t n, double temperature, double *shares)
{
	double top = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		top = MAX(top, (double)logits[i]);
	for (size_t i = 0; i < n; i++)
		sum += shares[i] =
			(double)real_exp((real)(((double)logits[i] - top) / temperature));
	for (size_t i = 0; i < n; i++)
		shares[i] /= sum;
}

/* ---- probabilities ---- */

void mtl_probabilities(struct mtl_work *w, size_t n, float *const *p)
{
	const struct mtl *m = w->m;

	for (size_t k = 0; k < m->levels.n; k++) {
		const struct mtl_level *l = &m->levels.level[k];
		size_t nodes = l->labels.n, above = k ? m->levels.level[k - 1].labels.n : 1;
		double *shares = mem_alloc(nodes + 1, sizeof(*shares));

		head_forward(w, &m->head[k], n);
		for (size_t i = 0; i < n; i++)
			for (size_t parent = 0; parent < l->n_parents; parent++) {
				size_t from = l->starts[parent], to = l->starts[parent + 1];
				double whole = k ? (double)p[k - 1][i * above + parent] : 1;

				siblings(w->logits + i * nodes + from, to - from, m->temperature[k],
					 shares);
				for (size_t at = from; at < to; at++)
					p[k][i * nodes + at] = (float)(whole * shares[at - from]);
			}
		free(shares);
	}
}

void mtl_coordinates(struct mtl_work *w, size_t n, size_t which, float *out)
{
	const struct mtl_coordinate *c = &w->m->coordinate[which];

	head_forward(w, &c->head, n);
	for (size_t i = 0; i < n * c->width; i++)
		out[i] = (float)w->logits[i] * c->sd[i % c->width] + c->mean[i % c->width];
}

/* ---- losses ---- */

/* A cell's cross entropy among its node's siblings; with 'd' its gradient, of 'factor' times it. */
static double cell_loss(const struct mtl_level *l, const real *logits, uint32_t node,
			double temperature, double factor, double *shares, real *d)
{
	size_t from = l->starts[l->parent[node]], to = l->starts[l->parent[node] + 1];

	siblings(logits + from, to - from, temperature, shares);
	for (size_t at = from; d && at < to; at++)
		d[at] = (real)(factor * (shares[at - from] - (at == node)));
	return -log(shares[node - from] < 1e-37 ? 1e-37 : shares[node - from]); /* NaN stays */
}

double mtl_level_loss(struct mtl_work *w, const struct mtl_cells *c, size_t level,
		      double temperature, size_t *n)
{
	const struct mtl_level *l = &w->m->levels.level[level];
	double *shares = mem_alloc(l->labels.n + 1, sizeof(*shares)), sum = 0;

	head_forward(w, &w->m->head[level], c->x.n);
	*n = 0;
	for (size_t i = 0; i < c->x.n; i++) {
		if (c->node[level][i] == MTL_NONE)
			continue;
		sum += cell_loss(l, w->logits + i * l->labels.n, c->node[level][i], temperature, 0,
				 shares, NULL);
		++*n;
	}
	free(shares);
	return sum;
}

/* From a head's d_logits to its own gradients and that of the places. */
static void head_back(struct mtl_work *w, struct dense *head, size_t n)
{
	dense_backward(head, w->pool, (struct rows){.n = n, .dense = w->latent}, NULL, w->d_logits);
	dense_backward_input(head, w->pool, n, w->d_logits, true, w->d_latent);
}

static double level_step(struct mtl_work *w, const struct mtl_cells *c, const struct mtl_how *how,
			 size_t level)
{
	const struct mtl_level *l = &w->m->levels.level[level];
	size_t n = c->x.n, nodes = l->labels.n;
	double factor = how->level_weight[level] / (double)n, sum = 0;
	double *shares = mem_alloc(nodes + 1, sizeof(*shares));

	head_forward(w, &w->m->head[level], n);
	memset(w->d_logits, 0, n * nodes * sizeof(*w->d_logits));
	for (size_t i = 0; i < n; i++)
		if (c->node[level][i] != MTL_NONE)
			sum += cell_loss(l, w->logits + i * nodes, c->node[level][i], 1, factor,
					 shares, w->d_logits + i * nodes);
	free(shares);
	if (!how->forward)
		head_back(w, &w->m->head[level], n);
	return factor * sum;
}

static double coordinate_step(struct mtl_work *w, const struct mtl_cells *c,
			      const struct mtl_how *how, size_t which)
{
	struct mtl_coordinate *coordinate = &w->m->coordinate[which];
	size_t values = c->x.n * coordinate->width;
	double factor = how->coordinate_weight / (double)values, sum = 0;

	head_forward(w, &coordinate->head, c->x.n);
	for (size_t i = 0; i < values; i++) {
		double d = (double)w->logits[i] - (double)c->target[which][i];
		double size = fabs(d);

		sum += size <= 1 ? 0.5 * d * d : size - 0.5;
		w->d_logits[i] = (real)(factor * (size <= 1 ? d : d > 0 ? 1 : -1));
	}
	if (!how->forward)
		head_back(w, &coordinate->head, c->x.n);
	return factor * sum;
}

double mtl_step(struct mtl_work *w, const struct mtl_cells *c, const struct mtl_how *how)
{
	struct mtl *m = w->m;
	size_t n = c->x.n;
	double loss = 0;

	mtl_forward(w, c->x, how->noise, c->number);
	memset(w->d_latent, 0, n * mtl_width(m) * sizeof(*w->d_latent));
	for (size_t k = 0; k < m->levels.n; k++)
		loss += level_step(w, c, how, k);
	for (size_t i = 0; i < m->n_coordinates && how->coordinate_weight > 0; i++)
		loss += coordinate_step(w, c, how, i);
	if (how->forward)
		return loss;
	stack_backward(&m->layer[1], w->pool, (struct rows){.n = n, .dense = w->below}, NULL,
		       &w->pass, &w->tape[1], w->d_latent, false, w->d_below);
	stack_backward(&m->layer[0], w->pool, c->x, NULL, &w->pass, &w->tape[0], w->d_below, false,
		       NULL);
	return loss;
}
