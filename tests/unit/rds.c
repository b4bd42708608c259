/* The small parts of reading R objects: times, numbers as R prints them, old encodings. */
#include "base/util.h"

#include <math.h>

#include "import/rds/altrep.h"
#include "import/rds/charset.h"
#include "import/rds/time.h"
#include "tap.h"

static bool day_is(double days, const char *want)
{
	char out[TIME_TEXT];
	return time_day(out, days) && str_eq(out, want);
}

static bool moment_is(double seconds, const char *want)
{
	char out[TIME_TEXT];
	return time_moment(out, seconds) && str_eq(out, want);
}

static bool prints(double x, const char *want)
{
	char out[32];
	altrep_format(out, x);
	return str_eq(out, want);
}

static bool becomes(const char *bytes, const char *charset, const char *want)
{
	struct text t = TEXT_INIT;
	charset_to_utf8(&t, bytes, strlen(bytes), charset);
	bool same = str_eq(t.s, want);
	text_release(&t);
	return same;
}

static void test_times(void)
{
	char out[TIME_TEXT];
	OK(day_is(0, "1970-01-01") && day_is(-1, "1969-12-31"), "days around 1970");
	OK(day_is(11016, "2000-02-29") && day_is(11017, "2000-03-01"), "2000 is a leap year");
	OK(day_is(-25509, "1900-02-28") && day_is(-25508, "1900-03-01"), "1900 is not");
	OK(day_is(-719528, "0000-01-01"), "the year 0");
	OK(day_is(0.9, "1970-01-01") && day_is(-0.1, "1969-12-31"), "parts of days go down");
	OK(!time_day(out, NAN) && !time_day(out, INFINITY) && !time_day(out, 1e15),
	   "NA and far days are missing");
	OK(moment_is(1e9, "2001-09-09 01:46:40") && moment_is(-1, "1969-12-31 23:59:59"),
	   "moments before and after 1970");
	OK(moment_is(-0.25, "1969-12-31 23:59:59.75") &&
		   moment_is(1.5e-6, "1970-01-01 00:00:00.000002"),
	   "decimals, six at most");
	OK(!time_moment(out, NAN), "NA is missing");
}

static void test_numbers(void)
{
	OK(prints(1e5, "1e+05") && prints(123456, "123456") && prints(1e15, "1e+15"),
	   "the shorter form, fixed when equal");
	OK(prints(0.1, "0.1") && prints(0.0001, "1e-04") && prints(0.00012, "0.00012"),
	   "small numbers");
	OK(prints(1.0 / 3, "0.333333333333333") && prints(0.1 + 0.2, "0.3"), "15 digits");
	OK(prints(-2.5, "-2.5") && prints(0, "0") && prints(1e-300, "1e-300"), "signs, zero, tiny");
	OK(prints(NAN, "NaN") && prints(INFINITY, "Inf") && prints(-INFINITY, "-Inf"),
	   "what is not a number");
	uint64_t bits = 0x7ff00000000007a2;
	double na;
	memcpy(&na, &bits, sizeof(na));
	OK(altrep_is_na(na) && !altrep_is_na(NAN) && !altrep_is_na(1954), "NA is not NaN");
}

static void test_charsets(void)
{
	OK(becomes("caf\xe9", "latin1", "café") && becomes("caf\xe9", "", "café"), "latin1");
	OK(becomes("\x80 \x93x\x94", "CP1252", "€ “x”"), "Windows-1252");
	OK(becomes("caf\xc3\xa9", "", "café") && becomes("caf\xc3\xa9", "KOI8-R", "café"),
	   "UTF-8 stays, whatever it claims to be");
	OK(becomes("caf\xe9", "UTF-8", "café"), "what is not UTF-8 is read as Windows-1252");
	OK(becomes("caf\xe9", "no-such-charset", "café"), "an unknown encoding too");
	OK(becomes("caf\xc3\xa9", "latin1", "cafÃ©"), "marked latin1 is latin1");
}

int main(void)
{
	test_times();
	test_numbers();
	test_charsets();
	return done_testing();
}
