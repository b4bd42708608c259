/* time.c - see time.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/time.h"

static const double day_limit = 3.6e6;

/* Days since 1970 to a date of the Gregorian calendar: eras of 400 years that begin in March. */
static int date_text(char *out, size_t size, int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
	month += month < 10 ? 3 : -9;
	int64_t year = year_of_era + era * 400 + (month <= 2);
	return snprintf(out, size, "%04lld-%02lld-%02lld", (long long)year, (long long)month,
			(long long)day);
}

bool time_day(char out[TIME_TEXT], double days)
{
	if (!(fabs(days) < day_limit))
		return false;
	date_text(out, TIME_TEXT, (int64_t)floor(days));
	return true;
}

bool time_moment(char out[TIME_TEXT], double seconds)
{
	if (!(fabs(seconds) < day_limit * 86400))
		return false;
	int64_t micros = (int64_t)floor(seconds * 1e6 + 0.5);
	int64_t whole = micros / 1000000 - (micros % 1000000 < 0);
	int64_t day = whole / 86400 - (whole % 86400 < 0);
	int64_t second = whole - day * 86400;
	int64_t fraction = micros - whole * 1000000;
	int n = date_text(out, TIME_TEXT, day);
	n += snprintf(out + n, TIME_TEXT - (size_t)n, " %02d:%02d:%02d", (int)(second / 3600),
		      (int)(second / 60 % 60), (int)(second % 60));
	if (!fraction)
		return true;
	n += snprintf(out + n, TIME_TEXT - (size_t)n, ".%06d", (int)fraction);
	while (out[n - 1] == '0')
		out[--n] = '\0';
	return true;
}
