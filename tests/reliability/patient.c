/* patient - preloaded: no time is limited, for who looks at each instruction (row valgrind).
 *
 * A filter gives the child that looks at a file first a moment of processor time; under memcheck the
 * same takes fifty times as long, and a good file would be called damaged.
 */
#include <stddef.h>
#include <sys/time.h>

__attribute__((visibility("default"))) int setitimer(__itimer_which_t which,
						     const struct itimerval *wanted,
						     struct itimerval *before);

int setitimer(__itimer_which_t which, const struct itimerval *wanted, struct itimerval *before)
{
	(void)which;
	(void)wanted;
	if (before)
		*before = (struct itimerval){.it_value = {.tv_sec = 0}};
	return 0;
}
