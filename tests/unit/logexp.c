/* logexp.c - the vector loops against the C library in double precision. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "matrix/logexp.h"
#include "matrix/sketch.h"
#include "tap.h"

static double ulps(float got, double want)
{
	float near = (float)want;
	double ulp = (double)(nextafterf(near, INFINITY) - near);

	return fabs((double)got - want) / ulp;
}

static void test_log1p(void)
{
	struct rng rng = rng_seeded(1);
	double worst = 0;

	for (int i = 0; i < 2000000; i++) {
		float x = (float)exp(60 * rng_unit(&rng) - 30), y = x;

		log1p_scaled(&y, 1, 1.0f);
		worst = fmax(worst, ulps(y, log1p((double)x)));
	}
	OK(worst < 2.5, "log1p is within 2.5 ulp from 1e-13 to 1e13 (%.2f)", worst);
	float zero = 0;
	log1p_scaled(&zero, 1, 5);
	OK(zero == 0, "log1p of 0 is 0");
}

static void test_exp(void)
{
	double worst = 0;

	for (int i = -80000; i <= 80000; i++) {
		float x = (float)i * 1e-3f;

		worst = fmax(worst, ulps(exp_float(x), exp((double)x)));
	}
	OK(worst < 2, "exp is within 2 ulp from -80 to 80 (%.2f)", worst);
}

static void test_expm1(void)
{
	double worst = 0;

	for (int i = 0; i < 1000000; i++) {
		float x = (float)exp(24 * (double)i / 1e6 - 20), y = x;

		expm1_scaled(&y, 1, 1.0f);
		worst = fmax(worst, ulps(y, expm1((double)x)));
	}
	OK(worst < 4, "expm1 is within 4 ulp from 2e-9 to 54 (%.2f)", worst);
	float odd[4] = {0, 1e30f, -1e30f, 3};
	expm1_scaled(odd, 4, 0x1.62e43p-1f);
	OK(odd[0] == 0 && isfinite(odd[1]) && odd[2] >= -1 && fabsf(odd[3] - 7) < 1e-5f,
	   "0 is 0, what is out of range stays finite, 2^3 - 1 is 7");
}

static void test_sums(void)
{
	float values[103], logged[103];
	double sum = 0;

	for (int i = 0; i < 103; i++) {
		values[i] = (float)(i * i % 37);
		logged[i] = values[i];
		sum += (double)values[i];
	}
	log1p_scaled(logged, 103, 1.0f);
	OK(sum_floats(values, 103) == sum, "sums of whole numbers are exact, odd ends too");
	OK(fabs(sum_expm1(logged, 103, 1.0f) / sum - 1) < 1e-6, "expm1 undoes log1p");
	OK(sum_floats(values, 0) == 0, "nothing sums to 0");
}

static void test_sketch(void)
{
	struct sketch *s = sketch_new();

	OK(isnan(sketch_quantile(s, 0.5)), "an empty sketch has no median");
	for (int i = 1; i <= 1001; i++)
		sketch_add(s, (double)i);
	OK(fabs(sketch_quantile(s, 0.5) / 501 - 1) < 0.001, "the median of 1 to 1001");
	OK(fabs(sketch_quantile(s, 0.99) / 991 - 1) < 0.001, "a high quantile");
	for (int i = 1; i <= 1001; i++)
		sketch_add(s, (double)-i);
	OK(sketch_quantile(s, 0) == -1001 && sketch_quantile(s, 1) > 1000, "both signs");
	sketch_free(s);
}

int main(void)
{
	test_log1p();
	test_exp();
	test_expm1();
	test_sums();
	test_sketch();
	return done_testing();
}
