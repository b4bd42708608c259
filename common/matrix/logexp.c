/* logexp.c - see logexp.h. */
#include "base/util.h"

#include "matrix/logexp.h"

#define LN2_HIGH 0x1.62e4p-1f /* few bits, so that k * LN2_HIGH is exact */
#define LN2_LOW 0x1.7f7d1cp-20f
#define ROUNDER 0x1.8p23f /* adding and taking it off rounds to a whole number */

static inline float from_bits(int32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static inline int32_t to_bits(float x)
{
	int32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

/*
 * log1p for x >= 0. 1 + x = u (+ what rounding lost) = 2^k m with m near 1, and
 * log(m) = 2 atanh(f / (2 + f)) for f = m - 1, |f| < 0.42: four terms of the series are enough.
 */
static inline float log1p_one(float x)
{
	float u = 1.0f + x;
	float large = x > 1.0f ? x : 1.0f, small = x > 1.0f ? 1.0f : x;
	float lost = small - (u - large);
	int32_t shifted = to_bits(u) + (0x3f800000 - 0x3f3504f3); /* sqrt(1/2) is the low end */
	int32_t k = (shifted >> 23) - 127;
	float m = from_bits((shifted & 0x007fffff) + 0x3f3504f3);
	float f = (m - 1.0f) + lost * from_bits((127 - k) << 23);
	float s = f / (2.0f + f);
	float z = s * s;
	float series = z * (2.0f / 3 + z * (2.0f / 5 + z * (2.0f / 7 + z * (2.0f / 9))));
	float kf = (float)k;

	return kf * LN2_HIGH + (kf * LN2_LOW + (2.0f * s + s * series));
}

CLONES void log1p_scaled(float *values, size_t n, float factor)
{
	for (size_t i = 0; i < n; i++)
		values[i] = log1p_one(values[i] * factor);
}

/* exp(x) = 2^k exp(r) with |r| <= ln(2)/2, by its series. */
static inline float exp_one(float x)
{
	float k = (x * 0x1.715476p+0f + ROUNDER) - ROUNDER;
	float r = (x - k * LN2_HIGH) - k * LN2_LOW;
	float p = 1.0f / 5040;

	p = 1.0f / 720 + r * p;
	p = 1.0f / 120 + r * p;
	p = 1.0f / 24 + r * p;
	p = 1.0f / 6 + r * p;
	p = 0.5f + r * p;
	p = 1.0f + (r + r * r * p);
	return p * from_bits(((int32_t)k + 127) << 23);
}

/* The same with 1 taken off before anything is lost: exp(x) - 1 = 2^k (exp(r) - 1) + (2^k - 1). */
static inline float expm1_one(float x)
{
	float k = (x * 0x1.715476p+0f + ROUNDER) - ROUNDER;
	float r = (x - k * LN2_HIGH) - k * LN2_LOW;
	float power = from_bits(((int32_t)k + 127) << 23);
	float p = 1.0f / 5040;

	p = 1.0f / 720 + r * p;
	p = 1.0f / 120 + r * p;
	p = 1.0f / 24 + r * p;
	p = 1.0f / 6 + r * p;
	p = 0.5f + r * p;
	return power * (r + r * r * p) + (power - 1.0f);
}

CLONES void expm1_scaled(float *values, size_t n, float factor)
{
	for (size_t i = 0; i < n; i++) {
		float x = values[i] * factor;

		x = x < 87.0f ? x : 87.0f;
		values[i] = expm1_one(x > -87.0f ? x : -87.0f);
	}
}

float exp_float(float x)
{
	return exp_one(x);
}

static double add_lanes(const double lanes[8])
{
	double sum = 0;

	for (int i = 0; i < 8; i++)
		sum += lanes[i];
	return sum;
}

CLONES double sum_floats(const float *values, size_t n)
{
	double lanes[8] = {0};
	size_t at = 0;

	for (; at + 8 <= n; at += 8)
		for (int i = 0; i < 8; i++)
			lanes[i] += (double)values[at + i];
	for (int i = 0; at < n; i++, at++)
		lanes[i] += (double)values[at];
	return add_lanes(lanes);
}

CLONES double sum_expm1(const float *values, size_t n, float factor)
{
	double lanes[8] = {0};
	size_t at = 0;

	for (; at + 8 <= n; at += 8)
		for (int i = 0; i < 8; i++)
			lanes[i] += (double)(exp_one(values[at + i] * factor) - 1.0f);
	for (int i = 0; at < n; i++, at++)
		lanes[i] += (double)(exp_one(values[at] * factor) - 1.0f);
	return add_lanes(lanes);
}
