/* at_exit.c - in a build that counts lines (make coverage) only: a process that leaves without ado,
 * as the child that looks at a file first does, still tells what it ran.
 *
 * The linker turns every _exit and quick_exit into these (--wrap). A counter that was inherited at
 * a fork is told twice, which does not matter to whether a line was reached. Faults end before the
 * counts are written: they are not meant for them.
 */
#include "base/util.h"

#include <signal.h>
#include <unistd.h>

extern void __gcov_dump(void);
extern void memory_faults_end(void)
	__attribute__((weak)); /* of memory.c, where that is preloaded */
NORETURN extern void __real__exit(int status);
NORETURN extern void __real_quick_exit(int status);
NORETURN void __wrap__exit(int status);
NORETURN void __wrap_quick_exit(int status);

/* Before the counters' own, which has a priority. */
__attribute__((destructor)) static void faults_end(void)
{
	if (memory_faults_end)
		memory_faults_end();
}

void __wrap__exit(int status)
{
	static volatile sig_atomic_t telling;

	if (!telling++) { /* who crashes over it, as after a crash within malloc, comes here again */
		faults_end();
		alarm(10); /* or waits for ever */
		__gcov_dump();
	}
	__real__exit(status);
}

void __wrap_quick_exit(int status)
{
	faults_end();
	__gcov_dump();
	__real_quick_exit(status);
}
