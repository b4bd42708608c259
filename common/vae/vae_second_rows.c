/* vae_second_rows.c - a shard's rows through the second latent and back; see vae_second_private.h. */
#include "base/util.h"

#include <math.h>

#include "vae/vae_second_private.h"

#define LEAST_P 1.1920929e-7
#define HALF_LOG_2PI 0.91893853320467274178
#define CELLS ((size_t)8) /* of a part, under batch norm */

typedef void row_work(struct shard *h, size_t row);

struct share {
	struct shard *h;
	row_work *work;
};

static void do_cells(void *arg, size_t part)
{
	const struct share *j = arg;
	struct shard *h = j->h;
	const size_t *starts = h->s->row_starts + h->first_cell;
	size_t to = starts[MIN((part + 1) * CELLS, h->n_cells)] - h->first_row;

	for (size_t row = starts[part * CELLS] - h->first_row; row < to; row++)
		j->work(h, row);
}

/* Every row of the group, those of a cell by one thread. */
static void each_row(struct shard *h, row_work *work)
{
	struct share j = {h, work};

	pool_run(h->s->pool, (h->n_cells + CELLS - 1) / CELLS, do_cells, &j);
}

static size_t cell_of(const struct shard *h, size_t row)
{
	return h->s->row_cell[h->first_row + row];
}

static size_t label_of(const struct shard *h, size_t row)
{
	return h->s->row_label[h->first_row + row];
}

static const real *z_of(const struct shard *h, size_t row)
{
	return h->s->w->z + cell_of(h, row) * h->s->w->v->recipe.n_latent;
}

/* ---- forward ---- */

CLONES static void add_vectors(real *restrict to, const real *restrict a, const real *restrict b,
			       size_t n)
{
	for (size_t j = 0; j < n; j++)
		to[j] = a[j] + b[j];
}

/* The first linear part of 'up', from that of z1, which d_hidden holds. */
static void spread_row(struct shard *h, size_t row)
{
	const struct dense *d = &h->s->w->v->up.layer[0];
	const real *from = h->s->w->d_hidden + cell_of(h, row) * d->n_out;
	const real *label = d->weight.value + (d->n_in + label_of(h, row)) * d->n_out;
	real *to = h->first + row * d->n_out;

	if (d->n_extra)
		add_vectors(to, from, label, d->n_out);
	else
		memcpy(to, from, d->n_out * sizeof(*to));
}

/* The variance, its root in the place of its logarithm, and a draw. */
CLONES static void draw_numbers(const real *restrict mean, real *restrict raw,
				const real *restrict draw, real *restrict v, real *restrict z,
				size_t n)
{
	for (size_t i = 0; i < n; i++) {
		v[i] = real_exp(raw[i]) + LEAST_VARIANCE;
		raw[i] = REAL_SQRT(v[i]);
		z[i] = mean[i] + raw[i] * draw[i];
	}
}

/* z2 of a row; draws that are given come label by label. */
static void draw_row(struct shard *h, size_t row)
{
	const struct second *s = h->s;
	size_t width = s->w->v->recipe.n_latent, at = row * width;
	size_t given = (label_of(h, row) * s->cells->n + cell_of(h, row)) * width;

	if (s->how->second_draw)
		memcpy(h->draw + at, s->how->second_draw + given, width * sizeof(real));
	else if (s->how->noise)
		noise_normals(s->how->noise, NOISE_SECOND, s->row_number[h->first_row + row],
			      h->draw + at, width);
	else
		memset(h->draw + at, 0, width * sizeof(real));
	draw_numbers(h->m2 + at, h->raw2 + at, h->draw + at, h->v2 + at, h->z2 + at, width);
}

/*
 * What z1 costs given z2, and z2's KL, but for halves and the constant of the former; 1 / variance
 * in the place of its logarithm.
 */
CLONES static void cost_numbers(const real *restrict z, const real *restrict pm,
				real *restrict raw1, const real *restrict m2,
				const real *restrict v2, real *restrict costs, real *restrict kls,
				size_t n)
{
	for (size_t i = 0; i < n; i++) {
		real d = z[i] - pm[i], inverse = real_exp(-raw1[i]);

		costs[i] = raw1[i] + d * d * inverse;
		raw1[i] = inverse;
		kls[i] = v2[i] + m2[i] * m2[i] - 1 - real_log(v2[i]);
	}
}

/* The room is that of gradients that do not exist yet. */
static void cost_row(struct shard *h, size_t row)
{
	size_t width = h->s->w->v->recipe.n_latent, at = row * width;
	real *costs = h->d1_mean + at, *kls = h->d1_raw + at;
	double cost = 0, kl = 0;

	cost_numbers(z_of(h, row), h->pm + at, h->raw1 + at, h->m2 + at, h->v2 + at, costs, kls,
		     width);
	for (size_t i = 0; i < width; i++) {
		cost += (double)costs[i];
		kl += (double)kls[i];
	}
	h->s->cost[h->first_row + row] = (double)width * HALF_LOG_2PI + 0.5 * cost;
	h->s->kl[h->first_row + row] = 0.5 * kl;
}

/* A cell's costs into the loss; the gradient of the classifier's logits. */
static void weigh_cell(struct shard *h, size_t cell)
{
	struct second *s = h->s;
	size_t labels = s->w->v->recipe.n_labels, to = s->row_starts[cell + 1];
	const real *p = s->w->p + cell * labels;
	real *d = s->w->d_class + cell * labels;
	double mean = 0, n = (double)s->cells->n;

	memset(d, 0, labels * sizeof(*d));
	for (size_t row = s->row_starts[cell]; row < to; row++) {
		double share = (double)p[s->row_label[row]];
		double kl =
			s->kl[row] + log(MIN(MAX(share, LEAST_P), 1 - LEAST_P) * (double)labels);

		h->reconstruction += share * s->cost[row];
		h->kl += share * kl;
		s->cost[row] += s->how->kl_weight * kl;
		mean += share * s->cost[row];
	}
	for (size_t row = s->row_starts[cell]; row < to; row++) {
		size_t label = s->row_label[row];

		d[label] = (real)((double)p[label] * (s->cost[row] - mean) / n);
	}
}

void shard_forward(struct shard *h, const struct pass *pass)
{
	struct nets *n = &h->nets;
	struct pool *pool = h->s->pool;
	const uint32_t *label = h->s->row_label + h->first_row;
	struct rows x = {.n = h->n_rows};

	each_row(h, spread_row);
	x.dense = stack_forward_from(&n->up, pool, h->first, x.n, label, pass, &h->up);
	dense_forward(&n->up_mean, pool, x, NULL, h->m2);
	dense_forward(&n->up_variance, pool, x, NULL, h->raw2);
	each_row(h, draw_row);
	x.dense = h->z2;
	x.dense = stack_forward(&n->down, pool, x, label, pass, &h->down);
	dense_forward(&n->down_mean, pool, x, NULL, h->pm);
	dense_forward(&n->down_variance, pool, x, NULL, h->raw1);
	each_row(h, cost_row);
	for (size_t cell = h->first_cell; cell < h->first_cell + h->n_cells; cell++)
		weigh_cell(h, cell);
}

/* ---- backward ---- */

/* The weight of a row: its class's probability, as a part of the mean. */
static real weight_of(const struct shard *h, size_t row)
{
	const struct vae_work *w = h->s->w;

	return w->p[cell_of(h, row) * w->v->recipe.n_labels + label_of(h, row)] /
	       (real)h->s->cells->n;
}

/* Gradients of z1's likelihood: of its mean and raw variance, and, summed over labels, of z1. */
CLONES static void likelihood_numbers(const real *restrict z, const real *restrict pm,
				      const real *restrict inverse, real *restrict d_mean,
				      real *restrict d_raw, real *restrict dz, size_t n, real p)
{
	for (size_t i = 0; i < n; i++) {
		real d = z[i] - pm[i], by = d * inverse[i];

		d_mean[i] = -p * by;
		d_raw[i] = p * (real)0.5 * (1 - d * by);
		dz[i] += p * by;
	}
}

static void likelihood_row(struct shard *h, size_t row)
{
	size_t width = h->s->w->v->recipe.n_latent, at = row * width;

	likelihood_numbers(z_of(h, row), h->pm + at, h->raw1 + at, h->d1_mean + at, h->d1_raw + at,
			   h->s->w->d_z + cell_of(h, row) * width, width, weight_of(h, row));
}

/* From z2's gradient, and its KL, to its mean and raw variance. */
CLONES static void second_numbers(const real *restrict dz, const real *restrict draw,
				  const real *restrict m2, const real *restrict v2,
				  const real *restrict root, real *restrict d_mean,
				  real *restrict d_raw, size_t n, real weight)
{
	for (size_t i = 0; i < n; i++) {
		real by = 1 / root[i];
		real dv = (real)0.5 * (dz[i] * draw[i] * by + weight * (1 - by * by));

		d_mean[i] = dz[i] + weight * m2[i];
		d_raw[i] = dv * (v2[i] - LEAST_VARIANCE);
	}
}

static void second_row(struct shard *h, size_t row)
{
	size_t width = h->s->w->v->recipe.n_latent, at = row * width;

	second_numbers(h->d2_z + at, h->draw + at, h->m2 + at, h->v2 + at, h->raw2 + at,
		       h->d2_mean + at, h->d2_raw + at, width,
		       (real)h->s->how->kl_weight * weight_of(h, row));
}

CLONES static void add_to(real *restrict to, const real *restrict from, size_t n)
{
	for (size_t j = 0; j < n; j++)
		to[j] += from[j];
}

/* The first layer of 'up': labels' vectors by their rows, z1's part, a cell's sum, to d_hidden. */
static void first_back(struct shard *h)
{
	struct dense *d = &h->nets.up.layer[0];
	size_t width = d->n_out;
	real *hidden = h->s->w->d_hidden;

	memset(hidden + h->first_cell * width, 0, h->n_cells * width * sizeof(*hidden));
	for (size_t row = 0; row < h->n_rows; row++) {
		add_to(hidden + cell_of(h, row) * width, h->d + row * width, width);
		if (d->n_extra && d->weight.grad)
			add_to(d->weight.grad + (d->n_in + label_of(h, row)) * width,
			       h->d + row * width, width);
	}
}

void shard_backward(struct shard *h, const struct pass *pass)
{
	struct nets *n = &h->nets;
	struct pool *pool = h->s->pool;
	const uint32_t *label = h->s->row_label + h->first_row;
	size_t rows = h->n_rows;
	struct rows x = {rows, h->down.out[n->down.n_layers - 1], NULL, NULL, NULL};

	each_row(h, likelihood_row);
	dense_backward(&n->down_mean, pool, x, NULL, h->d1_mean);
	dense_backward(&n->down_variance, pool, x, NULL, h->d1_raw);
	dense_backward_input(&n->down_mean, pool, rows, h->d1_mean, false, h->d);
	dense_backward_input(&n->down_variance, pool, rows, h->d1_raw, true, h->d);
	x.dense = h->z2;
	stack_backward(&n->down, pool, x, label, pass, &h->down, h->d, false, h->d2_z);
	each_row(h, second_row);
	x.dense = h->up.out[n->up.n_layers - 1];
	dense_backward(&n->up_mean, pool, x, NULL, h->d2_mean);
	dense_backward(&n->up_variance, pool, x, NULL, h->d2_raw);
	dense_backward_input(&n->up_mean, pool, rows, h->d2_mean, false, h->d);
	dense_backward_input(&n->up_variance, pool, rows, h->d2_raw, true, h->d);
	stack_backward_to(&n->up, pool, rows, label, pass, &h->up, h->d);
	first_back(h);
}
