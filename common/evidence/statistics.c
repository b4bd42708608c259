/* statistics.c - see statistics.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "evidence/statistics.h"

double normal_two_sided(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

/* ---- Student ---- */

static double log_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

/* ln of gamma(a + 1/2) / gamma(a): where both are huge their difference is a short series. */
static double log_gamma_half(double a)
{
	double r = 1 / a, r2 = r * r;

	if (a < 60)
		return log_gamma(a + 0.5) - log_gamma(a);
	return 0.5 * log(a) -
	       r * (1.0 / 8 - r2 * (1.0 / 192 - r2 * (1.0 / 640 - r2 * 17.0 / 14336)));
}

/* The continued fraction of the incomplete beta function, by Lentz's way. */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), f;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	f = d;
	for (int m = 1; m < 10000; m++) {
		double up = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 + up * d;
		c = 1 + up / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		f *= d * c;
		up = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + up * d;
		c = 1 + up / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		f *= d * c;
		if (fabs(d * c - 1) < 1e-16)
			break;
	}
	return f;
}

double student_two_sided(double t, double degrees)
{
	double a = degrees / 2, b = 0.5, y, x, front;

	if (isnan(t) || !(degrees > 0))
		return NAN;
	if (isinf(t))
		return 0;
	/* p is the incomplete beta function at x = v / (v + t^2), of v/2 and 1/2; y is 1 - x */
	y = t * t / (degrees + t * t);
	x = degrees / (degrees + t * t);
	if (y == 0)
		return 1;
	front = exp(log_gamma_half(a) - 0.5 * log(M_PI) + a * log1p(-y) + b * log(y));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, y) / b;
}

/* ---- hypergeometric ---- */

long double *log_factorials(size_t n)
{
	long double *f;

	MEM_ARRAY(f, n + 1);
	f[0] = 0;
	for (size_t i = 1; i <= n; i++)
		f[i] = f[i - 1] + logl((long double)i);
	return f;
}

/* The probability of exactly k. */
static double exactly(const struct urn *u, size_t k)
{
	const long double *f = u->log_factorial;
	size_t n = u->population, m = u->marked, d = u->drawn;

	return (double)expl(f[m] - f[k] - f[m - k] + f[n - m] - f[d - k] - f[n - m - d + k] - f[n] +
			    f[d] + f[n - d]);
}

/* P(k + 1) / P(k) */
static double step_up(const struct urn *u, size_t k)
{
	double left = (double)(u->population - u->marked + k + 1) - (double)u->drawn;

	return (double)(u->marked - k) * (double)(u->drawn - k) / ((double)(k + 1) * left);
}

static size_t fewest(const struct urn *u)
{
	size_t n = u->marked + u->drawn;

	return n > u->population ? n - u->population : 0;
}

double hypergeometric_upper(const struct urn *u, size_t k)
{
	size_t most = MIN(u->marked, u->drawn), least = fewest(u);
	double p = 1, sum = 1;

	if (k <= least)
		return 1;
	if (k > most)
		return 0;
	if ((double)k > (double)u->marked * (double)u->drawn / (double)u->population) {
		for (size_t i = k; i < most && p > sum * 1e-18; i++) {
			p *= step_up(u, i);
			sum += p;
		}
		return fmin(1, sum * exactly(u, k));
	}
	/* nearer to the lower tail: sum that, from k - 1 down */
	for (size_t i = k - 1; i > least && p > sum * 1e-18; i--) {
		p /= step_up(u, i - 1);
		sum += p;
	}
	return fmax(0, 1 - sum * exactly(u, k - 1));
}

/* The sum of P(i) / P(k) over i on one side of k that are no more probable than k. */
static double as_rare(const struct urn *u, size_t k, bool up)
{
	size_t end = up ? MIN(u->marked, u->drawn) : fewest(u);
	double p = 1, sum = 0;

	for (size_t i = k; i != end; i = up ? i + 1 : i - 1) {
		p = up ? p * step_up(u, i) : p / step_up(u, i - 1);
		if (p <= 1 + 1e-7)
			sum += p;
		if (p < (1 + sum) * 1e-18)
			break;
	}
	return sum;
}

double hypergeometric_two_sided(const struct urn *u, size_t k)
{
	return fmin(1, exactly(u, k) * (1 + as_rare(u, k, true) + as_rare(u, k, false)));
}

/* ---- many tests ---- */

struct ranked {
	double p;
	size_t i;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->p < y->p ? -1 : x->p > y->p ? 1 : x->i < y->i ? -1 : x->i > y->i;
}

void adjust_bh(const double *p, double *out, size_t n)
{
	struct ranked *order;
	double least = 1;

	MEM_ARRAY(order, n);
	for (size_t i = 0; i < n; i++)
		order[i] = (struct ranked){isnan(p[i]) ? 1 : p[i], i};
	qsort(order, n, sizeof(*order), by_p);
	for (size_t i = n; i-- > 0;) {
		least = fmin(least, order[i].p * ((double)n / (double)(i + 1)));
		out[order[i].i] = least;
	}
	free(order);
}

void adjust_bonferroni(const double *p, double *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = isnan(p[i]) ? 1 : fmin(1, p[i] * (double)n);
}
