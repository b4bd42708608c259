/* time.h - R's days and moments as ISO text, in UTC, whatever the machine's time zone.
 *
 *	char text[TIME_TEXT];
 *	if (time_day(text, 19753))
 *		puts(text);                          // 2024-01-31
 */
#ifndef IMPORT_RDS_TIME_H
#define IMPORT_RDS_TIME_H

#include "base/util.h"

enum { TIME_TEXT = 48 };

/* "2024-01-31" from days since 1970. False for NA and beyond the years -9999 to 9999. */
bool time_day(char out[TIME_TEXT], double days);

/* "2024-01-31 13:00:01", with up to six decimals where there are any, from seconds since 1970. */
bool time_moment(char out[TIME_TEXT], double seconds);

#endif
