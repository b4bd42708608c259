/* neighbour_votes.c - see neighbour_votes.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/exponential.h"
#include "map/tree/neighbour_votes.h"

#define SHARP 8.0

static double deviation(const double *x, size_t n)
{
	double mean = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i];
	mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	return sqrt(squares / (double)n);
}

static void weigh_inverse(const double *distances, size_t k, double *weights)
{
	bool any = k && distances[0] == 0;

	for (size_t i = 0; i < k; i++)
		weights[i] = any ? distances[i] == 0 : 1 / distances[i];
}

static void weigh_by_median(const double *distances, size_t k, double steep, double *weights)
{
	double h = k % 2 ? distances[k / 2] : (distances[k / 2 - 1] + distances[k / 2]) / 2;

	for (size_t i = 0; i < k; i++) {
		double by = h > 0 ? distances[i] / h : distances[i] > 0 ? INFINITY : 0;

		weights[i] = exp_double(-steep * by * by);
	}
}

static void weigh_hlca(const double *distances, size_t k, double *weights)
{
	double s = deviation(distances, k);

	for (size_t i = 0; i < k; i++)
		weights[i] = exp_double(-distances[i] * s * s / 4);
}

void vote_weigh(enum vote_kernel kernel, const double *distances, size_t k, double *weights)
{
	if (k == 0)
		return;
	switch (kernel) {
	case VOTE_INVERSE:
		weigh_inverse(distances, k, weights);
		return;
	case VOTE_ADAPTIVE:
		weigh_by_median(distances, k, 1, weights);
		return;
	case VOTE_HLCA:
		weigh_hlca(distances, k, weights);
		return;
	case VOTE_SHARP:
		weigh_by_median(distances, k, SHARP, weights);
		return;
	case VOTE_UNIFORM:
		for (size_t i = 0; i < k; i++)
			weights[i] = 1;
		return;
	}
}

struct vote vote_of_shares(const double *shares, size_t n_labels)
{
	struct vote v = {.label = VOTE_NONE, .second = VOTE_NONE};

	for (uint32_t l = 0; l < n_labels; l++) {
		if (!(shares[l] > 0))
			continue;
		v.entropy -= shares[l] * log_double(shares[l]);
		if (v.label == VOTE_NONE || shares[l] > shares[v.label]) {
			v.second = v.label;
			v.label = l;
		} else if (v.second == VOTE_NONE || shares[l] > shares[v.second]) {
			v.second = l;
		}
	}
	if (v.label != VOTE_NONE) {
		v.share = shares[v.label];
		v.margin = v.share - (v.second == VOTE_NONE ? 0 : shares[v.second]);
	}
	return v;
}

struct vote vote_count(const uint32_t *neighbors, const double *weights, size_t k,
		       const int32_t *label_of, size_t n_labels, double *shares)
{
	double all = 0;

	memset(shares, 0, n_labels * sizeof(*shares));
	for (size_t i = 0; i < k; i++) {
		int32_t label = label_of[neighbors[i]];

		if (label < 0)
			continue;
		shares[label] += weights[i];
		all += weights[i];
	}
	for (size_t l = 0; l < n_labels && all > 0; l++)
		shares[l] /= all;
	return vote_of_shares(shares, n_labels);
}
