/* blame.h - whose fault a crash is, by what a sanitizer wrote.
 *
 * HDF5 1.10 crashes on some damaged files. A filter catches that and says one line; under a
 * sanitizer the report comes first. Fuzzers count such cases and go on.
 */
#ifndef FUZZ_BLAME_H
#define FUZZ_BLAME_H

#include "base/mem.h"

/* Did a sanitizer complain? Not of a malloc that failed: HDF5's may, ours says "out of memory". */
static bool blames_someone(const char *report)
{
	return strstr(report, "Sanitizer:") || strstr(report, "runtime error") ||
	       strstr(report, "out of memory (");
}

/* Is the first frame after those of the sanitizer and libc HDF5's? */
static bool blames_hdf5(const char *report)
{
	for (const char *frame = strstr(report, "\n    #"); frame;
	     frame = strstr(frame + 1, "\n    #")) {
		char *line = mem_strn(frame + 1, strcspn(frame + 1, "\n"));
		bool skip = strstr(line, "libasan") || strstr(line, "libubsan") ||
			    strstr(line, "libc.so") || strstr(line, "sanitizer_");
		bool hdf5 = strstr(line, "libhdf5");

		free(line);
		if (!skip)
			return hdf5;
	}
	return false;
}

#endif
