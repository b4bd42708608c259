/* number.c - stored numbers of any type and byte order, turned into ours. */
#include "base/util.h"

#include <math.h>

#include "h5ad/hdf5/number.h"

#define FLOAT_EXACT 16777216 /* every integer up to 2^24 is a float */

void number_swap(void *numbers, size_t n, size_t size)
{
	if (size == 2) {
		uint16_t *v = numbers;
		for (size_t i = 0; i < n; i++)
			v[i] = __builtin_bswap16(v[i]);
	} else if (size == 4) {
		uint32_t *v = numbers;
		for (size_t i = 0; i < n; i++)
			v[i] = __builtin_bswap32(v[i]);
	} else if (size == 8) {
		uint64_t *v = numbers;
		for (size_t i = 0; i < n; i++)
			v[i] = __builtin_bswap64(v[i]);
	}
}

/* ---- to floats ---------------------------------------------------------------------------- */

/* Every value of these is a float. */
#define PLAIN_TO_FLOATS(name, type)                                                                \
	CLONES static void name##_to_floats(const type *restrict v, float *restrict out, size_t n) \
	{                                                                                          \
		for (size_t i = 0; i < n; i++)                                                     \
			out[i] = (float)v[i];                                                      \
	}

PLAIN_TO_FLOATS(i8, int8_t)
PLAIN_TO_FLOATS(u8, uint8_t)
PLAIN_TO_FLOATS(i16, int16_t)
PLAIN_TO_FLOATS(u16, uint16_t)
PLAIN_TO_FLOATS(f64, double)

/* Of these only up to 2^24: the fast loop notes whether any is beyond, the slow one looks closer.
 */
#define WIDE_TO_FLOATS(name, type, beyond)                                                       \
	CLONES static bool name##_convert(const type *restrict v, float *restrict out, size_t n) \
	{                                                                                        \
		unsigned any = 0;                                                                \
		for (size_t i = 0; i < n; i++) {                                                 \
			out[i] = (float)v[i];                                                    \
			any |= (beyond);                                                         \
		}                                                                                \
		return any;                                                                      \
	}                                                                                        \
	static size_t name##_to_floats(const type *v, float *out, size_t n)                      \
	{                                                                                        \
		if (!name##_convert(v, out, n))                                                  \
			return n;                                                                \
		for (size_t i = 0; i < n; i++)                                                   \
			if ((long double)out[i] != (long double)v[i])                            \
				return i;                                                        \
		return n;                                                                        \
	}

WIDE_TO_FLOATS(i32, int32_t, (v[i] > FLOAT_EXACT) | (v[i] < -FLOAT_EXACT))
WIDE_TO_FLOATS(u32, uint32_t, v[i] > FLOAT_EXACT)
WIDE_TO_FLOATS(i64, int64_t, (v[i] > FLOAT_EXACT) | (v[i] < -FLOAT_EXACT))
WIDE_TO_FLOATS(u64, uint64_t, v[i] > FLOAT_EXACT)

static float half_to_float(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
	uint32_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
	uint32_t bits;
	float f;

	if (exponent == 0) { /* zero, or subnormal: fraction * 2^-24 */
		f = (float)fraction * 0x1p-24f;
		return sign ? -f : f;
	}
	if (exponent == 0x1f)
		bits = sign | 0x7f800000u | fraction << 13;
	else
		bits = sign | (exponent + 112) << 23 | fraction << 13;
	memcpy(&f, &bits, sizeof(f));
	return f;
}

static void f16_to_floats(const uint16_t *v, float *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = half_to_float(v[i]);
}

size_t number_to_floats(enum number_kind kind, const void *numbers, float *out, size_t n)
{
	switch (kind) {
	case NUMBER_I8:
		i8_to_floats(numbers, out, n);
		return n;
	case NUMBER_U8:
		u8_to_floats(numbers, out, n);
		return n;
	case NUMBER_I16:
		i16_to_floats(numbers, out, n);
		return n;
	case NUMBER_U16:
		u16_to_floats(numbers, out, n);
		return n;
	case NUMBER_I32:
		return i32_to_floats(numbers, out, n);
	case NUMBER_U32:
		return u32_to_floats(numbers, out, n);
	case NUMBER_I64:
		return i64_to_floats(numbers, out, n);
	case NUMBER_U64:
		return u64_to_floats(numbers, out, n);
	case NUMBER_F16:
		f16_to_floats(numbers, out, n);
		return n;
	case NUMBER_F32:
		memcpy(out, numbers, n * sizeof(*out));
		return n;
	case NUMBER_F64:
		f64_to_floats(numbers, out, n);
		return n;
	}
	BUG("number kind %d", kind);
}

CLONES static size_t f64_rounded(const double *v, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (fabs(v[i]) > FLOAT_EXACT) & ((double)(float)v[i] != v[i]);
	return count;
}

size_t number_rounded(enum number_kind kind, const void *numbers, size_t n)
{
	return kind == NUMBER_F64 ? f64_rounded(numbers, n) : 0;
}

/* ---- to integers -------------------------------------------------------------------------- */

/* A negative number of any width lands above INT32_MAX; so does one that needs more bits. */
#define TO_INDICES(name, type, convert)                                                      \
	CLONES static void name##_to_indices(const type *restrict v, uint32_t *restrict out, \
					     size_t n)                                       \
	{                                                                                    \
		for (size_t i = 0; i < n; i++)                                               \
			out[i] = (convert);                                                  \
	}

TO_INDICES(i8, int8_t, (uint32_t)(int32_t)v[i])
TO_INDICES(u8, uint8_t, v[i])
TO_INDICES(i16, int16_t, (uint32_t)(int32_t)v[i])
TO_INDICES(u16, uint16_t, v[i])
TO_INDICES(u64, uint64_t, v[i] > INT32_MAX ? UINT32_MAX : (uint32_t)v[i])

void number_to_indices(enum number_kind kind, const void *numbers, uint32_t *out, size_t n)
{
	switch (kind) {
	case NUMBER_I8:
		i8_to_indices(numbers, out, n);
		return;
	case NUMBER_U8:
		u8_to_indices(numbers, out, n);
		return;
	case NUMBER_I16:
		i16_to_indices(numbers, out, n);
		return;
	case NUMBER_U16:
		u16_to_indices(numbers, out, n);
		return;
	case NUMBER_I32:
	case NUMBER_U32:
		memcpy(out, numbers, n * sizeof(*out));
		return;
	case NUMBER_I64: /* as unsigned, a negative one is beyond INT32_MAX too */
	case NUMBER_U64:
		u64_to_indices(numbers, out, n);
		return;
	default:
		BUG("number kind %d is no integer", kind);
	}
}

int64_t number_to_int64(enum number_kind kind, const void *number)
{
	switch (kind) {
	case NUMBER_I8:
		return *(const int8_t *)number;
	case NUMBER_U8:
		return *(const uint8_t *)number;
	case NUMBER_I16:
		return *(const int16_t *)number;
	case NUMBER_U16:
		return *(const uint16_t *)number;
	case NUMBER_I32:
		return *(const int32_t *)number;
	case NUMBER_U32:
		return *(const uint32_t *)number;
	case NUMBER_I64:
		return *(const int64_t *)number;
	case NUMBER_U64: {
		uint64_t v = *(const uint64_t *)number;
		return v > INT64_MAX ? -1 : (int64_t)v;
	}
	default:
		BUG("number kind %d is no integer", kind);
	}
}
