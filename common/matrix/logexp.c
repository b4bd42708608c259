/* logexp.c - see logexp.h. */
#include "base/util.h"

#include "base/floats.h"
#include "matrix/logexp.h"

CLONES void log1p_scaled(float *values, size_t n, float factor)
{
	for (size_t i = 0; i < n; i++)
		values[i] = float_log1p(values[i] * factor);
}

CLONES void expm1_scaled(float *values, size_t n, float factor)
{
	for (size_t i = 0; i < n; i++) {
		float x = values[i] * factor;

		x = x < 87.0f ? x : 87.0f;
		values[i] = float_expm1(x > -87.0f ? x : -87.0f);
	}
}

float exp_float(float x)
{
	return float_exp(x);
}

static double add_lanes(const double lanes[8])
{
	double sum = 0;

	for (int i = 0; i < 8; i++)
		sum += lanes[i];
	return sum;
}

/* Eight sums side by side, so that a vector holds them, whatever the processor. */
static inline void add_to_lanes(double lanes[8], const float *values, size_t n)
{
	size_t at = 0;

	for (; at + 8 <= n; at += 8)
		for (int i = 0; i < 8; i++)
			lanes[i] += (double)values[at + i];
	for (int i = 0; at < n; i++, at++)
		lanes[i] += (double)values[at];
}

CLONES double sum_floats(const float *values, size_t n)
{
	double lanes[8] = {0};

	add_to_lanes(lanes, values, n);
	return add_lanes(lanes);
}

/* The exponentials by themselves first: in a loop that also adds up, they do not become vectors. */
CLONES double sum_expm1(const float *values, size_t n, float factor)
{
	double lanes[8] = {0};
	float part[256];

	for (size_t at = 0; at < n; at += 256) {
		size_t m = MIN(n - at, (size_t)256);

		for (size_t i = 0; i < m; i++)
			part[i] = float_exp(values[at + i] * factor) - 1.0f;
		add_to_lanes(lanes, part, m);
	}
	return add_lanes(lanes);
}
