/* vae_second_rows.c - a shard's rows through the second latent and back; see vae_second_private.h. */
#include "base/util.h"

#include <math.h>

#include "vae/net/vae_second_private.h"

#define LEAST_P 1.1920929e-7
#define HALF_LOG_2PI 0.91893853320467274178
#define CELLS ((size_t)8) /* of a part, under batch norm */

/* Rows [from, to) of a group. */
typedef void rows_work(struct shard *h, size_t from, size_t to);

struct share {
	struct shard *h;
	rows_work *work;
};

static void do_cells(void *arg, size_t part)
{
	const struct share *j = arg;
	const struct shard *h = j->h;
	const size_t *starts = h->s->row_starts + h->first_cell;
	size_t to = MIN((part + 1) * CELLS, h->n_cells);

	j->work(j->h, starts[part * CELLS] - h->first_row, starts[to] - h->first_row);
}

/* Every row of the group, those of a cell by one thread. */
static void each_row(struct shard *h, rows_work *work)
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

/* The first linear part of 'up', from that of z1, which d_hidden holds, and the label's vector. */
static void spread_rows(struct shard *h, size_t from, size_t to)
{
	const struct dense *d = &h->s->w->v->up.layer[0];

	for (size_t row = from; row < to; row++) {
		const real *z1 = h->s->w->d_hidden + cell_of(h, row) * d->n_out;
		const real *label = d->weight.value + (d->n_in + label_of(h, row)) * d->n_out;
		real *to_row = h->up.normal[0] + row * d->n_out;

		if (d->n_extra)
			add_vectors(to_row, z1, label, d->n_out);
		else
			memcpy(to_row, z1, d->n_out * sizeof(*to_row));
	}
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

/* The normals of a row; those that are given come label by label. */
static void draw_row(struct shard *h, size_t row)
{
	const struct second *s = h->s;
	size_t width = s->w->v->recipe.n_latent;
	size_t given = (label_of(h, row) * s->cells->n + cell_of(h, row)) * width;
	real *draw = h->draw + row * width;

	if (s->how->second_draw)
		memcpy(draw, s->how->second_draw + given, width * sizeof(real));
	else if (s->how->noise)
		noise_normals(s->how->noise, NOISE_SECOND, s->row_number[h->first_row + row], draw,
			      width);
	else
		memset(draw, 0, width * sizeof(real));
}

static void draw_rows(struct shard *h, size_t from, size_t to)
{
	size_t width = h->s->w->v->recipe.n_latent, at = from * width;

	for (size_t row = from; row < to; row++)
		draw_row(h, row);
	draw_numbers(h->m2 + at, h->raw2 + at, h->draw + at, h->v2 + at, h->z2 + at,
		     (to - from) * width);
}

/* Of z1's logarithm of a variance, its inverse; and z2's KL, but for halves. */
CLONES static void cost_numbers(const real *restrict raw1, real *restrict inverse,
				const real *restrict m2, const real *restrict v2,
				real *restrict kls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		inverse[i] = real_exp(-raw1[i]);
	for (size_t i = 0; i < n; i++)
		kls[i] = v2[i] + m2[i] * m2[i] - 1 - real_log(v2[i]);
}

/* What z1 costs given z2, but for halves and the constant. */
CLONES static void z1_costs(const real *restrict z, const real *restrict pm,
			    const real *restrict raw1, const real *restrict inverse,
			    real *restrict costs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		costs[i] = raw1[i] + (z[i] - pm[i]) * (z[i] - pm[i]) * inverse[i];
}

/* Sums of a row's numbers, two by two in a fixed order. */
static double add_numbers(const real *x, size_t n)
{
	double even = 0, odd = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		even += (double)x[i];
		odd += (double)x[i + 1];
	}
	return even + odd + (n % 2 ? (double)x[n - 1] : 0);
}

/* Costs are put where gradients will be. */
static void cost_rows(struct shard *h, size_t from, size_t to)
{
	size_t width = h->s->w->v->recipe.n_latent, at = from * width;
	real *costs = h->d1_mean, *kls = h->d1_raw;

	cost_numbers(h->raw1 + at, h->inverse + at, h->m2 + at, h->v2 + at, kls + at,
		     (to - from) * width);
	for (size_t row = from; row < to; row++, at += width) {
		z1_costs(z_of(h, row), h->pm + at, h->raw1 + at, h->inverse + at, costs + at,
			 width);
		h->s->cost[h->first_row + row] =
			(double)width * HALF_LOG_2PI + 0.5 * add_numbers(costs + at, width);
		h->s->kl[h->first_row + row] = 0.5 * add_numbers(kls + at, width);
	}
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

		h->sums->reconstruction += share * s->cost[row];
		h->sums->kl += share * kl;
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

	stack_first(&n->up, &h->up, x.n);
	each_row(h, spread_rows);
	x.dense = stack_forward_from(&n->up, pool, x.n, label, pass, &h->up);
	dense_forward(&n->up_mean, pool, x, NULL, h->m2);
	dense_forward(&n->up_variance, pool, x, NULL, h->raw2);
	each_row(h, draw_rows);
	x.dense = h->z2;
	x.dense = stack_forward(&n->down, pool, x, label, pass, &h->down);
	dense_forward(&n->down_mean, pool, x, NULL, h->pm);
	dense_forward(&n->down_variance, pool, x, NULL, h->raw1);
	each_row(h, cost_rows);
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

static void likelihood_rows(struct shard *h, size_t from, size_t to)
{
	size_t width = h->s->w->v->recipe.n_latent;

	for (size_t row = from, at = from * width; row < to; row++, at += width)
		likelihood_numbers(z_of(h, row), h->pm + at, h->inverse + at, h->d1_mean + at,
				   h->d1_raw + at, h->s->w->d_z + cell_of(h, row) * width, width,
				   weight_of(h, row));
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

static void second_rows(struct shard *h, size_t from, size_t to)
{
	size_t width = h->s->w->v->recipe.n_latent;

	for (size_t row = from, at = from * width; row < to; row++, at += width)
		second_numbers(h->d2_z + at, h->draw + at, h->m2 + at, h->v2 + at, h->raw2 + at,
			       h->d2_mean + at, h->d2_raw + at, width,
			       (real)h->s->how->kl_weight * weight_of(h, row));
}

CLONES static void add_to(real *restrict to, const real *restrict from, size_t n)
{
	for (size_t j = 0; j < n; j++)
		to[j] += from[j];
}

/*
 * The first layer of 'up', of whose linear part 'd' is the gradient: labels' vectors by their rows;
 * z1's part, a cell's sum, into d_hidden.
 */
static void first_back(struct shard *h, const real *d_rows)
{
	struct dense *d = &h->nets.up.layer[0];
	size_t width = d->n_out;
	real *hidden = h->s->w->d_hidden;

	memset(hidden + h->first_cell * width, 0, h->n_cells * width * sizeof(*hidden));
	for (size_t row = 0; row < h->n_rows; row++) {
		add_to(hidden + cell_of(h, row) * width, d_rows + row * width, width);
		if (d->n_extra && d->weight.grad)
			add_to(d->weight.grad + (d->n_in + label_of(h, row)) * width,
			       d_rows + row * width, width);
	}
}

void shard_backward(struct shard *h, const struct pass *pass)
{
	struct nets *n = &h->nets;
	struct pool *pool = h->s->pool;
	const uint32_t *label = h->s->row_label + h->first_row;
	size_t rows = h->n_rows;
	struct rows x = {rows, h->down.out[n->down.n_layers - 1], NULL, NULL, NULL};

	each_row(h, likelihood_rows);
	dense_backward(&n->down_mean, pool, x, NULL, h->d1_mean);
	dense_backward(&n->down_variance, pool, x, NULL, h->d1_raw);
	dense_backward_input(&n->down_mean, pool, rows, h->d1_mean, false, h->d);
	dense_backward_input(&n->down_variance, pool, rows, h->d1_raw, true, h->d);
	x.dense = h->z2;
	stack_backward(&n->down, pool, x, label, pass, &h->down, h->d, false, h->d2_z);
	each_row(h, second_rows);
	x.dense = h->up.out[n->up.n_layers - 1];
	dense_backward(&n->up_mean, pool, x, NULL, h->d2_mean);
	dense_backward(&n->up_variance, pool, x, NULL, h->d2_raw);
	dense_backward_input(&n->up_mean, pool, rows, h->d2_mean, false, h->d);
	dense_backward_input(&n->up_variance, pool, rows, h->d2_raw, true, h->d);
	first_back(h, stack_backward_to(&n->up, pool, rows, label, pass, &h->up, h->d));
}
