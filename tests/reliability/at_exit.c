/* at_exit.c - in a build that counts lines (make coverage) only: a process that leaves without ado,
 * as the child that looks at a file first does, still tells what it ran.
 *
 * The linker turns every _exit into this (--wrap). A counter that was inherited at a fork is told
 * twice, which does not matter to whether a line was reached.
 */
#include "base/util.h"

extern void __gcov_dump(void);
NORETURN extern void __real__exit(int status);
NORETURN void __wrap__exit(int status);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
