/* sureness.c - see sureness.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/exponential.h"
#include "map/tree/sureness.h"

#define LEAST 0.005 /* of a share, and of what it lacks */
#define PULL 4.0    /* the curve's weight towards the share itself, in cells */
#define STEPS 50

static double log_odds(double share)
{
	double kept = share < LEAST ? LEAST : share > 1 - LEAST ? 1 - LEAST : share;

	return log_double(kept / (1 - kept));
}

static double logistic(double x)
{
	return x >= 0 ? 1 / (1 + exp_double(-x)) : exp_double(x) / (1 + exp_double(x));
}

double sureness_of(const double sure[2], double share)
{
	return isnan(share) ? NAN : logistic(sure[0] + sure[1] * log_odds(share));
}

void sureness_fit(const double *shares, const bool *right, size_t n, double sure[2])
{
	sure[0] = 0;
	sure[1] = 1;
	for (int step = 0; step < STEPS; step++) {
		/* Newton's step on the penalised likelihood. */
		double g0 = -PULL * sure[0], g1 = -PULL * (sure[1] - 1);
		double h00 = PULL, h01 = 0, h11 = PULL, det, d0, d1;

		for (size_t i = 0; i < n; i++) {
			double x = log_odds(shares[i]), p = logistic(sure[0] + sure[1] * x);
			double w = p * (1 - p);

			g0 += (double)right[i] - p;
			g1 += ((double)right[i] - p) * x;
			h00 += w;
			h01 += w * x;
			h11 += w * x * x;
		}
		det = h00 * h11 - h01 * h01;
		d0 = (h11 * g0 - h01 * g1) / det;
		d1 = (h00 * g1 - h01 * g0) / det;
		sure[0] += d0;
		sure[1] += d1;
		if (fabs(d0) + fabs(d1) < 1e-12)
			break;
	}
}
