/* count_loss.c - negative binomials, with and without extra zeros; see count_loss.h. */
#include "base/util.h"

#include "base/mem.h"
#include "nn/count_loss.h"
#include "nn/elementary.h"

#define EPS ((real)1e-8)
#define ROWS 8   /* of a part */
#define LANES 16 /* sums that run beside each other, added in order */

/* ---- dispersion ---- */

void dispersion_fill(struct dispersion *d, const real *log_theta, size_t n_rows, size_t n_genes)
{
	size_t n = n_rows * n_genes;

	if (!d->theta) {
		d->theta = mem_vectors(n, sizeof(real));
		d->log = mem_vectors(n, sizeof(real));
		d->share = mem_vectors(n, sizeof(real));
	}
	d->n_rows = n_rows;
	d->n_genes = n_genes;
	for (size_t i = 0; i < n; i++) {
		d->theta[i] = real_exp(log_theta[i]);
		d->log[i] = real_log(d->theta[i] + EPS);
		d->share[i] = d->theta[i] / (d->theta[i] + EPS);
	}
}

void dispersion_free(struct dispersion *d)
{
	free(d->theta);
	free(d->log);
	free(d->share);
	*d = (struct dispersion){0};
}

/* ---- softmax ---- */

static real add_lanes(const real *lanes)
{
	real sum = 0;

	for (size_t i = 0; i < LANES; i++)
		sum += lanes[i];
	return sum;
}

/* x becomes exp(x - max) / sum. */
CLONES static void softmax_row(real *x, size_t n)
{
	real most[LANES], sums[LANES] = {0}, top = x[0], inverse;
	size_t whole = n / LANES * LANES;

	for (size_t j = 0; j < LANES; j++)
		most[j] = x[0];
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			most[j] = x[i + j] > most[j] ? x[i + j] : most[j];
	for (size_t j = 0; j < LANES; j++)
		top = MAX(top, most[j]);
	for (size_t i = whole; i < n; i++)
		top = MAX(top, x[i]);
	for (size_t i = 0; i < n; i++)
		x[i] = real_exp(x[i] - top);
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			sums[j] += x[i + j];
	for (size_t i = whole; i < n; i++)
		sums[i - whole] += x[i];
	inverse = 1 / add_lanes(sums);
	for (size_t i = 0; i < n; i++)
		x[i] *= inverse;
}

struct softmax {
	real *x;
	size_t n, width;
};

static void softmax_part(void *job, size_t part)
{
	const struct softmax *s = job;

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, s->n); i++)
		softmax_row(s->x + i * s->width, s->width);
}

void softmax_rows(struct pool *pool, real *logits, size_t n, size_t width)
{
	struct softmax s = {logits, n, width};

	pool_run(pool, (n + ROWS - 1) / ROWS, softmax_part, &s);
}

/* ---- a cell whose counts are all zero, then what is stored ---- */

/* A cell's genes, on their way from shares to gradients. */
struct cell {
	size_t n;
	real library;
	const real *theta, *log, *share; /* of its row */
	const real *rho;
	real *zeros;                        /* logits of extra zeros, then minus their gradient */
	real *likelihood, *slope, *d_theta; /* by gene: ll; mu * d ll / d mu; d ll / d theta */
	real *mu;
};

CLONES static void all_zero(const struct cell *c)
{
	const real *theta = c->theta, *log_theta = c->log, *share = c->share, *rho = c->rho;
	real *mu = c->mu, *ll = c->likelihood, *slope = c->slope, *d_theta = c->d_theta;
	real library = c->library;

	for (size_t g = 0; g < c->n; g++) {
		real m = library * rho[g], sum = theta[g] + m + EPS;
		real ratio = theta[g] / sum, step = log_theta[g] - real_log(sum);

		mu[g] = m;
		ll[g] = theta[g] * step;
		slope[g] = -ratio * m;
		d_theta[g] = step + share[g] - ratio;
	}
}

/* The same when a zero may be extra: ll = sp(A) - sp(-pi) with A = ll of the plain zero - pi. */
CLONES static void all_extra(const struct cell *c)
{
	real *ll = c->likelihood, *slope = c->slope, *d_theta = c->d_theta, *zeros = c->zeros;

	for (size_t g = 0; g < c->n; g++) {
		real pi = zeros[g], a = ll[g] - pi, taken = real_sigmoid(a);

		ll[g] = real_softplus(a) - real_softplus(-pi);
		zeros[g] = real_sigmoid(-pi) - taken;
		slope[g] *= taken;
		d_theta[g] *= taken;
	}
}

/* A stored count: the terms that zeros lack. 'pi' is the logit of an extra zero. */
static void one_count(const struct cell *c, size_t g, double x, const real *pi)
{
	double theta = (double)c->theta[g], mu = (double)c->mu[g], sum = theta + mu + 1e-8;
	double log_sum = (double)real_log((real)sum), log_mu = (double)real_log(c->mu[g] + EPS);
	double step = (double)c->log[g] - log_sum, ratio, slope;

	gamma_steps(x, theta, &ratio, &slope);
	c->likelihood[g] = (real)(theta * step + x * (log_mu - log_sum) + ratio - log_factorial(x) -
				  (pi ? (double)real_softplus(*pi) : 0));
	c->slope[g] = (real)(mu * (x / (mu + 1e-8) - (x + theta) / sum));
	c->d_theta[g] = (real)(step + (double)c->share[g] - (theta + x) / sum + slope);
	if (pi)
		c->zeros[g] = -real_sigmoid(*pi);
}

/* ---- the way back ---- */

CLONES static double add_up(const real *x, size_t n)
{
	double lanes[LANES] = {0}, sum = 0;
	size_t whole = n / LANES * LANES;

	for (size_t i = 0; i < whole; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			lanes[j] += (double)x[i + j];
	for (size_t i = whole; i < n; i++)
		lanes[i - whole] += (double)x[i];
	for (size_t j = 0; j < LANES; j++)
		sum += lanes[j];
	return sum;
}

/* From shares and slopes to the gradient of the logits, through the softmax. */
CLONES static void logit_gradient(real *rho, const real *slope, size_t n, real total, real factor)
{
	for (size_t g = 0; g < n; g++)
		rho[g] = factor * (rho[g] * total - slope[g]);
}

CLONES static void scale_row(real *x, size_t n, real factor)
{
	for (size_t g = 0; g < n; g++)
		x[g] *= factor;
}

CLONES static void scale_to(real *out, const real *x, const real *theta, size_t n, real factor)
{
	for (size_t g = 0; g < n; g++)
		out[g] = factor * theta[g] * x[g];
}

struct loss_job {
	const struct count_loss *l;
	real *logits, *zeros;
	real factor;
	double *nll;
};

static void cell_loss(const struct loss_job *j, size_t i, struct cell *c, real *kept)
{
	const struct count_loss *l = j->l;
	size_t n = l->n_genes, from = l->counts.starts[i], to = l->counts.starts[i + 1];
	size_t row = l->theta->row ? l->theta->row[i] : 0;
	real *rho = j->logits + i * n;

	c->library = l->library[i];
	c->theta = l->theta->theta + row * n;
	c->log = l->theta->log + row * n;
	c->share = l->theta->share + row * n;
	c->rho = rho;
	c->zeros = j->zeros ? j->zeros + i * n : NULL;
	softmax_row(rho, n);
	all_zero(c);
	if (c->zeros) {
		for (size_t s = from; s < to; s++)
			kept[s - from] = c->zeros[l->counts.column[s]];
		all_extra(c);
	}
	for (size_t s = from; s < to; s++)
		if (l->counts.value[s] > 0)
			one_count(c, l->counts.column[s], (double)l->counts.value[s],
				  c->zeros ? kept + (s - from) : NULL);
	j->nll[i] = -add_up(c->likelihood, n);
	logit_gradient(rho, c->slope, n, (real)add_up(c->slope, n), j->factor);
	if (c->zeros)
		scale_row(c->zeros, n, -j->factor);
	if (l->d_log_theta)
		scale_to(l->d_log_theta + i * n, c->d_theta, c->theta, n, -j->factor);
}

static void loss_part(void *job, size_t part)
{
	const struct loss_job *j = job;
	size_t n = j->l->n_genes;
	real *room = mem_vectors(5 * n, sizeof(*room));
	struct cell c = {.n = n,
			 .likelihood = room,
			 .slope = room + n,
			 .d_theta = room + 2 * n,
			 .mu = room + 3 * n};

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, j->l->counts.n); i++)
		cell_loss(j, i, &c, room + 4 * n);
	free(room);
}

void count_loss(const struct count_loss *l, struct pool *pool, real *logits, real *zeros,
		double factor, double *nll)
{
	struct loss_job j = {l, logits, zeros, (real)factor, nll};

	pool_run(pool, (l->counts.n + ROWS - 1) / ROWS, loss_part, &j);
}
