/* panels.c - nearnesses of six queries and sixteen points in registers; see panels.h. */
#include "base/util.h"

#include <math.h>

#if defined(__x86_64__) && !defined(NO_CLONES)
#include <immintrin.h>
#define HAS_FUSED
#endif

#include "base/mem.h"
#include "graph/panels.h"

#define ROUNDING 0x1p-24 /* of a float */
#define TINY 0x1p-100    /* more than all that underflows */

/*
 * Two coordinates and half a square are rounded, then dims + 2 terms added up, each to one rounding
 * or two: (dims + 5) roundings of the sum of all magnitudes, and some to spare.
 */
static double error_of(size_t dims)
{
	return 1.1 * (double)(dims + 6) * ROUNDING;
}

static double length_of(const double *x, size_t dims)
{
	double sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += x[d] * x[d];
	return sqrt(sum);
}

/* ---- points ---- */

struct panels panels_new(size_t n_panels, size_t dims)
{
	struct panels p = {.n = n_panels, .dims = dims, .error = error_of(dims)};

	p.at = mem_vectors(mem_product(n_panels, (dims + 1) * PANEL), sizeof(*p.at));
	p.halves = mem_vectors(mem_product(n_panels, PANEL), sizeof(*p.halves));
	p.rows = mem_zero(mem_product(n_panels, PANEL) + 1, sizeof(*p.rows));
	for (size_t i = 0; i < n_panels * PANEL; i++)
		p.halves[i] = INFINITY;
	return p;
}

void panels_put(struct panels *p, size_t slot, uint32_t row, const double *point)
{
	float *at = p->at + slot / PANEL * (p->dims + 1) * PANEL + slot % PANEL;
	double length = length_of(point, p->dims);

	for (size_t d = 0; d < p->dims; d++)
		at[d * PANEL] = (float)point[d];
	at[p->dims * PANEL] = (float)(p->error * length);
	p->halves[slot] = (float)(length * length / 2 * (1 - p->error) - TINY);
	p->rows[slot] = row;
}

void panels_release(struct panels *p)
{
	free(p->at);
	free(p->halves);
	free(p->rows);
	*p = (struct panels){0};
}

/* Twice what was added, and what rounding does to this bound and to distances in double. */
float nearness_below(const struct panels *p, size_t slot, double length, float reckoned)
{
	double of_length =
		(double)p->at[(slot / PANEL * (p->dims + 1) + p->dims) * PANEL + slot % PANEL] *
		length;
	double of_half = p->error * fabs((double)p->halves[slot]);

	return (float)((double)reckoned - 2.5 * (of_length + of_half) -
		       (double)(p->dims + 2) * 0x1p-51 * length * length - 4 * TINY);
}

/* ---- queries ---- */

double panels_query(const double *query, size_t dims, float *packed)
{
	double length = length_of(query, dims);

	for (size_t d = 0; d < dims; d++)
		packed[d] = (float)query[d];
	packed[dims] = (float)length;
	return length;
}

struct abreast abreast_new(size_t dims)
{
	struct abreast a = {.at = mem_vectors(mem_product(dims + 1, ABREAST), sizeof(float))};

	for (size_t j = 0; j < ABREAST; j++)
		a.marks[j] = INFINITY;
	return a;
}

void abreast_put(struct abreast *a, size_t which, const float *packed, size_t dims, float mark)
{
	for (size_t d = 0; d <= dims; d++)
		a->at[d * ABREAST + which] = packed[d];
	a->marks[which] = mark;
}

void abreast_release(struct abreast *a)
{
	free(a->at);
	*a = (struct abreast){0};
}

/* ---- search ---- */

static size_t search_plain(const struct panels *p, size_t from, size_t to,
			   const struct abreast *six, struct panel_seen *seen)
{
	float *near = seen->near;

	for (size_t panel = from; panel < to; panel++) {
		const float *at = p->at + panel * (p->dims + 1) * PANEL;
		uint32_t any = 0;

		for (size_t j = 0; j < ABREAST; j++)
			for (size_t i = 0; i < PANEL; i++)
				near[j * PANEL + i] = -p->halves[panel * PANEL + i];
		for (size_t d = 0; d <= p->dims; d++)
			for (size_t j = 0; j < ABREAST; j++)
				for (size_t i = 0; i < PANEL; i++)
					near[j * PANEL + i] +=
						six->at[d * ABREAST + j] * at[d * PANEL + i];
		for (size_t j = 0; j < ABREAST; j++) {
			seen->hits[j] = 0;
			for (size_t i = 0; i < PANEL; i++)
				seen->hits[j] |= (uint32_t)(near[j * PANEL + i] >= six->marks[j])
						 << i;
			any |= seen->hits[j];
		}
		if (any)
			return panel;
	}
	return to;
}

#ifdef HAS_FUSED

#define LANES ((size_t)8)

/* Twelve sums, two halves of a panel and a query's coordinate: fifteen registers of sixteen. */
__attribute__((target("avx2,fma"))) static size_t search_fused(const struct panels *p, size_t from,
							       size_t to, const struct abreast *six,
							       struct panel_seen *seen)
{
	for (size_t panel = from; panel < to; panel++) {
		const float *at = p->at + panel * (p->dims + 1) * PANEL;
		const __m256 sign = _mm256_set1_ps(-0.0f);
		__m256 low[ABREAST], high[ABREAST], any = _mm256_setzero_ps();

#pragma GCC unroll 6
		for (size_t j = 0; j < ABREAST; j++) {
			low[j] = _mm256_xor_ps(sign, _mm256_load_ps(p->halves + panel * PANEL));
			high[j] = _mm256_xor_ps(sign,
						_mm256_load_ps(p->halves + panel * PANEL + LANES));
		}
		for (size_t d = 0; d <= p->dims; d++) {
			__m256 one = _mm256_load_ps(at + d * PANEL);
			__m256 two = _mm256_load_ps(at + d * PANEL + LANES);

#pragma GCC unroll 6
			for (size_t j = 0; j < ABREAST; j++) {
				__m256 q = _mm256_broadcast_ss(six->at + d * ABREAST + j);

				low[j] = _mm256_fmadd_ps(q, one, low[j]);
				high[j] = _mm256_fmadd_ps(q, two, high[j]);
			}
		}
#pragma GCC unroll 6
		for (size_t j = 0; j < ABREAST; j++) {
			__m256 mark = _mm256_broadcast_ss(six->marks + j);
			__m256 most = _mm256_max_ps(low[j], high[j]);

			any = _mm256_or_ps(any, _mm256_cmp_ps(most, mark, _CMP_GE_OQ));
		}
		if (!_mm256_movemask_ps(any))
			continue;
#pragma GCC unroll 6
		for (size_t j = 0; j < ABREAST; j++) {
			__m256 mark = _mm256_broadcast_ss(six->marks + j);
			int one = _mm256_movemask_ps(_mm256_cmp_ps(low[j], mark, _CMP_GE_OQ));
			int two = _mm256_movemask_ps(_mm256_cmp_ps(high[j], mark, _CMP_GE_OQ));

			_mm256_storeu_ps(seen->near + j * PANEL, low[j]);
			_mm256_storeu_ps(seen->near + j * PANEL + LANES, high[j]);
			seen->hits[j] = (uint32_t)one | (uint32_t)two << LANES;
		}
		return panel;
	}
	return to;
}

#endif

size_t panels_search(const struct panels *p, size_t from, size_t to, const struct abreast *six,
		     struct panel_seen *seen)
{
#ifdef HAS_FUSED
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return search_fused(p, from, to, six, seen);
#endif
	return search_plain(p, from, to, six, seen);
}
