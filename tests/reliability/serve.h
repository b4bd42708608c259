/* serve.h - a filter that is run many times and loaded once.
 *
 * Loading a filter and its libraries takes longer than most of the trials that break it. What is
 * preloaded (memory.so, fault.so) therefore stops a filter before its main, and runs that main in a
 * child for each line that comes on the socket PIPETTE_SERVE names:
 *
 *	-> own 17+              what is to go wrong, in the words of the preloaded object
 *	<- 256 0 3021           the child's wait status, whether it hung (then it was killed), a count
 *
 * A child begins where the filter would have begun: nothing but constructors ran before. Its
 * stderr is the file the filter was started with, emptied first. Without PIPETTE_SERVE main runs
 * as ever.
 */
#ifndef RELIABILITY_SERVE_H
#define RELIABILITY_SERVE_H

#include <sys/types.h>

#include "base/util.h"

/* What an object that is preloaded brings along. */
struct serving {
	bool (*plan)(char *words);  /* before the fork; false ends the server */
	void (*child)(void);        /* in the child, last before main */
	int (*follow)(pid_t child); /* until it ended: its wait status */
	size_t (*count)(void);      /* of what 'plan' counts, then */
	unsigned seconds;           /* after which a child hangs */
};

extern const struct serving serving;

#endif
