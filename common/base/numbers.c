/* numbers.c - numbers as text: those of text.h. Short ways for what tables are full of, the
 * library's for all else; both give the same digits. */
#include "base/util.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>

#include "base/text.h"

static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool parse_int(const char *s, int64_t min, int64_t max, int64_t *value)
{
	char *end;
	long long n;

	if (!isdigit((unsigned char)s[*s == '-' || *s == '+']))
		return false;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno || *end || n < min || n > max)
		return false;
	*value = n;
	return true;
}

bool parse_size(const char *s, size_t min, size_t max, size_t *value)
{
	char *end;
	unsigned long long n;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	n = strtoull(s, &end, 10);
	if (errno || *end || n < min || n > max)
		return false;
	*value = n;
	return true;
}

/*
 * A plain decimal of at most 15 digits, such as 0.0625: whole numbers and powers of ten up to there
 * are exact, so that one division gives the nearest double. False for anything else.
 */
static bool parse_short_decimal(const char *s, double *value)
{
	bool negative = *s == '-';
	uint64_t digits = 0;
	size_t n = 0, n_after = 0;

	for (s += negative; isdigit((unsigned char)*s); s++, n++)
		digits = digits * 10 + (uint64_t)(*s - '0');
	if (n && *s == '.')
		for (s++; isdigit((unsigned char)*s); s++, n_after++)
			digits = digits * 10 + (uint64_t)(*s - '0');
	if (*s || n == 0 || n + n_after > 15)
		return false;
	*value = (double)digits / powers[n_after];
	if (negative)
		*value = -*value;
	return true;
}

bool parse_double(const char *s, double *value)
{
	char *end;
	double x;

	if (parse_short_decimal(s, value))
		return true;
	if (!*s || isspace((unsigned char)*s))
		return false;
	x = strtod(s, &end);
	if (*end)
		return false;
	if (isinf(x) && !strchr("iI", s[*s == '-' || *s == '+']))
		return false; /* 1e999 */
	*value = x;
	return true;
}

bool parse_bytes(const char *s, size_t *value)
{
	static const char units[] = "kMGT";
	char digits[24];
	size_t len = strlen(s);
	size_t n, shift = 0;
	const char *unit = len ? strchr(units, s[len - 1] == 'K' ? 'k' : s[len - 1]) : NULL;

	if (unit && *unit) {
		shift = 10 * (size_t)(unit - units + 1);
		len--;
	}
	if (len >= sizeof(digits))
		return false;
	memcpy(digits, s, len);
	digits[len] = '\0';
	if (!parse_size(digits, 0, SIZE_MAX >> shift, &n))
		return false;
	*value = n << shift;
	return true;
}

/* ---- writing ---- */

int format_size(char *out, size_t value)
{
	char digits[24];
	int n = 0;

	do
		digits[n++] = (char)('0' + value % 10);
	while (value /= 10);
	for (int i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	out[n] = '\0';
	return n;
}

/* x 10^n for |n| <= 400, wrong by less than 12 units in its last place. */
static long double shifted(double x, int n)
{
	static const long double squares[] = {1e1L,  1e2L,  1e4L,   1e8L,  1e16L,
					      1e32L, 1e64L, 1e128L, 1e256L};
	unsigned left = (unsigned)abs(n);
	long double product = 1;

	for (int i = 0; left; i++, left >>= 1)
		if (left & 1)
			product *= squares[i];
	return n < 0 ? (long double)x / product : (long double)x * product;
}

/*
 * The 9 digits of x > 0 with the decimal exponent of the first; 0 when the rounding is too close to
 * say: scaled to 9 digits, x is wrong by less than 1e-8.
 */
static uint64_t nine_digits(double x, int *exponent)
{
	int binary, e;
	long double scaled, rest;
	uint64_t digits;

	frexp(x, &binary);
	e = (int)floor((binary - 1) * 0.30102999566398120);
	scaled = shifted(x, 8 - e);
	if (scaled >= 999999999.500001L) {
		e++;
		scaled = shifted(x, 8 - e);
	}
	digits = (uint64_t)scaled;
	rest = scaled - (long double)digits;
	if (rest > 0.499999L && rest < 0.500001L)
		return 0;
	digits += rest > 0.5L;
	*exponent = e;
	return digits >= 100000000 && digits < 1000000000 ? digits : 0;
}

/* 1.25e-07: digits with a point after the first, and the exponent in two digits or three. */
static int put_scientific(char *out, const char digits[9], int n_digits, int exponent)
{
	unsigned size = (unsigned)abs(exponent);
	int n = 1;

	out[0] = digits[0];
	if (n_digits > 1) {
		out[1] = '.';
		memcpy(out + 2, digits + 1, 8);
		n = n_digits + 1;
	}
	out[n++] = 'e';
	out[n++] = exponent < 0 ? '-' : '+';
	if (size >= 100)
		out[n++] = (char)('0' + size / 100);
	out[n++] = (char)('0' + size / 10 % 10);
	out[n++] = (char)('0' + size % 10);
	return n;
}

/* 0.00125, 12.5 and 12500: the point, and zeros where there are no digits. */
static int put_plain(char *out, const char digits[9], int n_digits, int exponent)
{
	int n_whole = exponent + 1;

	if (n_whole <= 0) {
		memcpy(out, "0.000", 5);
		memcpy(out + 2 - n_whole, digits, 9);
		return 2 - n_whole + n_digits;
	}
	memcpy(out, digits, 9); /* zeros where there are no more digits */
	if (n_digits <= n_whole)
		return n_whole;
	out[n_whole] = '.';
	memcpy(out + n_whole + 1, digits + n_whole, (size_t)(9 - n_whole));
	return n_digits + 1;
}

/* As %.9g would. The length, 0 for a number that is better left to the library. */
static int format_usual(char *out, double value)
{
	double x = fabs(value);
	int exponent = 0, n = 0, n_digits = 9;
	char digits[9];
	uint64_t left;

	if (LDBL_MANT_DIG < 64 || !(x >= DBL_MIN && x <= DBL_MAX))
		return 0;
	left = nine_digits(x, &exponent);
	if (left == 0)
		return 0;
	for (int i = 8; i >= 0; i--, left /= 10)
		digits[i] = (char)('0' + left % 10);
	while (digits[n_digits - 1] == '0')
		n_digits--;
	if (value < 0)
		out[n++] = '-';
	n += exponent < -4 || exponent >= 9 ? put_scientific(out + n, digits, n_digits, exponent)
					    : put_plain(out + n, digits, n_digits, exponent);
	out[n] = '\0';
	return n;
}

int format_float(char *out, double value)
{
	int n;

	if (value == 0 && !signbit(value))
		return memcpy(out, "0", 2), 1;
	n = format_usual(out, value);
	return n ? n : snprintf(out, 32, "%.9g", value);
}

int format_double(char *out, double value)
{
	return snprintf(out, 32, "%.17g", value);
}

int format_shortest(char *out, double value)
{
	double back;
	int len = 0;

	for (int digits = 15; digits <= 17; digits++) {
		len = snprintf(out, 32, "%.*g", digits, value);
		if (parse_double(out, &back) && back == value)
			break;
	}
	return len;
}
