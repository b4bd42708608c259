/* count_loss.c - negative binomials, with and without extra zeros; see count_loss.h. */
#include "base/util.h"

#include "base/mem.h"
#include "nn/count_loss.h"
#include "nn/elementary.h"

#define EPS ((real)1e-8)
#define ROWS 8   /* of a part */
#define LANES 16 /* sums that run beside each other, added in order */

/* ---- dispersion ---- */

CLONES static void fill_shares(struct dispersion *d, const real *log_theta, size_t n)
{
	real *theta = d->theta, *log_of = d->log, *share = d->share;

	for (size_t i = 0; i < n; i++)
		theta[i] = real_exp(log_theta[i]);
	for (size_t i = 0; i < n; i++)
		log_of[i] = real_log(theta[i] + EPS);
	for (size_t i = 0; i < n; i++)
		share[i] = theta[i] / (theta[i] + EPS);
}

/* Row 'x' of the tables, from the one above it. */
CLONES static void fill_rise(const real *restrict theta, real *restrict logs, real *restrict slopes,
			     size_t n, real k)
{
	for (size_t g = 0; g < n; g++)
		logs[n + g] = logs[g] + real_log(theta[g] + k);
	for (size_t g = 0; g < n; g++)
		slopes[n + g] = slopes[g] + 1 / (theta[g] + k);
}

void dispersion_fill(struct dispersion *d, const real *log_theta, size_t n_rows, size_t n_genes)
{
	size_t n = n_rows * n_genes;

	if (!d->theta) {
		d->theta = mem_vectors(n, sizeof(real));
		d->log = mem_vectors(n, sizeof(real));
		d->share = mem_vectors(n, sizeof(real));
		d->rises = n_rows == 1 ? DISPERSION_RISES : 0;
		for (size_t x = 0; x <= DISPERSION_RISES; x++)
			d->factorial[x] = log_factorial((double)x);
		d->log_rise = mem_vectors((d->rises + 1) * n_genes, sizeof(real));
		d->slope_rise = mem_vectors((d->rises + 1) * n_genes, sizeof(real));
	}
	d->n_rows = n_rows;
	d->n_genes = n_genes;
	fill_shares(d, log_theta, n);
	for (size_t x = 0; x < d->rises; x++)
		fill_rise(d->theta, d->log_rise + x * n_genes, d->slope_rise + x * n_genes, n_genes,
			  (real)x);
}

void dispersion_free(struct dispersion *d)
{
	free(d->theta);
	free(d->log);
	free(d->share);
	free(d->log_rise);
	free(d->slope_rise);
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

/* ---- a cell whose counts are all zero ---- */

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
	size_t n = c->n;
	real library = c->library;

	INDEPENDENT_TURNS
	for (size_t g = 0; g < n; g++) {
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
	size_t n = c->n;

	INDEPENDENT_TURNS
	for (size_t g = 0; g < n; g++) {
		real pi = zeros[g], a = ll[g] - pi, taken = real_sigmoid(a);

		ll[g] = real_softplus(a) - real_softplus(-pi);
		zeros[g] = real_sigmoid(-pi) - taken;
		slope[g] *= taken;
		d_theta[g] *= taken;
	}
}

/* ---- what is stored: the terms that zeros lack ---- */

/* A cell's counts above zero, side by side. */
struct stored {
	size_t n;
	uint32_t *gene;
	real *x, *theta, *log, *share, *mu, *zero; /* 'zero': the logit of an extra zero */
	real *log_sum, *log_mu;
	double *terms, *rise; /* of the likelihood and of d_theta: what gamma functions give */
};

#define STORED_REALS ((size_t)8)

static struct stored stored_new(size_t n)
{
	real *room = mem_vectors(STORED_REALS * n, sizeof(*room));

	return (struct stored){.gene = mem_alloc(n + 1, sizeof(uint32_t)),
			       .x = room,
			       .theta = room + n,
			       .log = room + 2 * n,
			       .share = room + 3 * n,
			       .mu = room + 4 * n,
			       .zero = room + 5 * n,
			       .log_sum = room + 6 * n,
			       .log_mu = room + 7 * n,
			       .terms = mem_vectors(n, sizeof(double)),
			       .rise = mem_vectors(n, sizeof(double))};
}

static void stored_free(struct stored *s)
{
	free(s->gene);
	free(s->x);
	free(s->terms);
	free(s->rise);
}

/* What the gamma functions of a count give, from the tables if it is small and whole. */
static void gamma_terms(struct stored *s, const struct dispersion *d, size_t g, real x)
{
	double ratio, slope;
	size_t few = x <= (real)d->rises ? (size_t)x : 0;

	if (few && (real)few == x) {
		ratio = (double)d->log_rise[few * d->n_genes + g];
		slope = (double)d->slope_rise[few * d->n_genes + g];
	} else {
		gamma_steps((double)x, (double)s->theta[s->n], &ratio, &slope);
	}
	s->terms[s->n] =
		ratio - (few && (real)few == x ? d->factorial[few] : log_factorial((double)x));
	s->rise[s->n] = slope;
}

/* Between all_zero and all_extra: logits of extra zeros are still what they were. */
static void gather(struct stored *s, const struct cell *c, const struct count_loss *l, size_t cell)
{
	s->n = 0;
	for (size_t at = l->counts.starts[cell]; at < l->counts.starts[cell + 1]; at++) {
		size_t g = l->counts.column[at], n = s->n;

		if (!(l->counts.value[at] > 0))
			continue;
		s->gene[n] = (uint32_t)g;
		s->x[n] = l->counts.value[at];
		s->theta[n] = c->theta[g];
		s->log[n] = c->log[g];
		s->share[n] = c->share[g];
		s->mu[n] = c->mu[g];
		if (c->zeros)
			s->zero[n] = c->zeros[g];
		gamma_terms(s, l->theta, g, s->x[n]);
		s->n++;
	}
}

/* Likelihood into 'log_mu', slope into 'log_sum', d_theta into 'share'. */
CLONES static void weigh_stored(struct stored *s)
{
	const real *theta = s->theta, *mu = s->mu, *log = s->log, *x_of = s->x;
	const double *terms = s->terms, *rise = s->rise;
	real *log_sum = s->log_sum, *log_mu = s->log_mu, *share = s->share;
	size_t n = s->n;

	INDEPENDENT_TURNS
	for (size_t i = 0; i < n; i++)
		log_sum[i] = real_log(theta[i] + mu[i] + EPS);
	INDEPENDENT_TURNS
	for (size_t i = 0; i < n; i++)
		log_mu[i] = real_log(mu[i] + EPS);
	INDEPENDENT_TURNS
	for (size_t i = 0; i < n; i++) {
		double t = (double)theta[i], m = (double)mu[i], x = (double)x_of[i];
		double step = (double)log[i] - (double)log_sum[i], sum = (x + t) / (t + m + 1e-8);
		double more = x * ((double)log_mu[i] - (double)log_sum[i]);

		log_mu[i] = (real)(t * step + more + terms[i]);
		log_sum[i] = (real)(m * (x / (m + 1e-8) - sum));
		share[i] = (real)(step + (double)share[i] - sum + rise[i]);
	}
}

static void scatter(const struct stored *s, const struct cell *c)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t g = s->gene[i];

		c->likelihood[g] = s->log_mu[i];
		c->slope[g] = s->log_sum[i];
		c->d_theta[g] = s->share[i];
	}
	for (size_t i = 0; c->zeros && i < s->n; i++) {
		c->likelihood[s->gene[i]] -= real_softplus(s->zero[i]);
		c->zeros[s->gene[i]] = -real_sigmoid(s->zero[i]);
	}
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
CLONES static void logit_gradient(real *restrict rho, const real *restrict slope, size_t n,
				  real total, real factor)
{
	for (size_t g = 0; g < n; g++)
		rho[g] = factor * (rho[g] * total - slope[g]);
}

CLONES static void scale_row(real *x, size_t n, real factor)
{
	for (size_t g = 0; g < n; g++)
		x[g] *= factor;
}

CLONES static void scale_to(real *restrict out, const real *restrict x, const real *restrict theta,
			    size_t n, real factor)
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

static void cell_loss(const struct loss_job *j, size_t i, struct cell *c, struct stored *stored)
{
	const struct count_loss *l = j->l;
	size_t n = l->n_genes, row = l->theta->row ? l->theta->row[i] : 0;
	real *rho = j->logits + i * n;

	c->library = l->library[i];
	c->theta = l->theta->theta + row * n;
	c->log = l->theta->log + row * n;
	c->share = l->theta->share + row * n;
	c->rho = rho;
	c->zeros = j->zeros ? j->zeros + i * n : NULL;
	softmax_row(rho, n);
	all_zero(c);
	gather(stored, c, l, i);
	if (c->zeros)
		all_extra(c);
	weigh_stored(stored);
	scatter(stored, c);
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
	real *room = mem_vectors(4 * n, sizeof(*room));
	struct stored stored = stored_new(n);
	struct cell c = {.n = n,
			 .likelihood = room,
			 .slope = room + n,
			 .d_theta = room + 2 * n,
			 .mu = room + 3 * n};

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, j->l->counts.n); i++)
		cell_loss(j, i, &c, &stored);
	stored_free(&stored);
	free(room);
}

void count_loss(const struct count_loss *l, struct pool *pool, real *logits, real *zeros,
		double factor, double *nll)
{
	struct loss_job j = {l, logits, zeros, (real)factor, nll};

	pool_run(pool, (l->counts.n + ROWS - 1) / ROWS, loss_part, &j);
}
