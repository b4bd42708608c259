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

/* The 9 digits of x, 1e-4 <= x < 1e9, with the exponent of the first; 0 when rounding is close. */
static uint64_t nine_digits(double x, int *exponent)
{
	int e = 8;
	long double scaled, rest;
	uint64_t digits;

	while (e > -4 && x < (e > 0 ? powers[e] : 1 / powers[-e]))
		e--;
	scaled = (long double)x * (long double)powers[8 - e]; /* wrong by less than 1e-9 */
	digits = (uint64_t)scaled;
	rest = scaled - (long double)digits;
	if (rest > 0.499999L && rest < 0.500001L)
		return 0;
	digits += rest > 0.5L;
	*exponent = e;
	return digits >= 100000000 && digits < 1000000000 ? digits : 0;
}

/* As %.9g would, for the most usual numbers. The length, 0 for any other number. */
static int format_usual(char *out, double value)
{
	double x = fabs(value);
	int exponent = 0, n = 0, n_digits = 9;
	char digits[9];
	uint64_t left;

	if (LDBL_MANT_DIG < 64 || !(x >= 1e-4 && x < 1e9))
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
	for (int at = MIN(exponent, 0); at < MAX(n_digits, exponent + 1); at++) {
		if (at == exponent + 1)
			out[n++] = '.';
		out[n++] = at < 0 || at >= n_digits ? '0' : digits[at];
	}
	out[n] = '\0';
	return n;
}

int format_float(char *out, double value)
{
	int n = format_usual(out, value);

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
