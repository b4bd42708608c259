/* memory - preloaded: let one allocation of a filter fail.
 *
 *	PIPETTE_MEMORY=N   the N-th fails           PIPETTE_MEMORY=N+   it and all after it
 *	PIPETTE_MEMORY_OF=own   those that the filter's own code asks for (the default)
 *	PIPETTE_MEMORY_OF=all   every one of the process: libc, HDF5, BLAS, zlib, curl
 *	PIPETTE_MEMORY_OF=hdf5  calls of HDF5 that the filter makes (hdf5_calls.c), in its children, too
 *	PIPETTE_MEMORY_COUNT=FILE   gets how many there were
 *
 * What is run is the binary that users run: whether a call is the filter's own is seen from where
 * it returns to. Counting begins with main, not with the loader. Or many trials of one process, of
 * which each is a line such as "own 17" or "all 30+" (serve.h).
 */
#include "base/util.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hdf5_calls.h"
#include "serve.h"

#define PUBLIC __attribute__((visibility("default")))

/* glibc's own, under the names that are never replaced. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

PUBLIC void *malloc(size_t n);
PUBLIC void *calloc(size_t n, size_t size);
PUBLIC void *realloc(void *p, size_t n);
PUBLIC void *aligned_alloc(size_t align, size_t n);
PUBLIC int posix_memalign(void **p, size_t align, size_t n);
PUBLIC int vasprintf(char **s, const char *format, va_list args);
PUBLIC int __vasprintf_chk(char **s, int flag, const char *format, va_list args);
PUBLIC void memory_faults_end(void); /* for at_exit.c */

static struct {
	uintptr_t from, to; /* the filter's code */
	size_t at;
	enum { OF_OWN, OF_ALL, OF_HDF5 } of;
	bool ever, on;
	const char *count;
	atomic_size_t *seen;
} plan;

static atomic_size_t seen_here; /* until the count is shared with children */

static int main_program(struct dl_phdr_info *info, size_t size UNUSED, void *data UNUSED)
{
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		if (h->p_type == PT_LOAD && (h->p_flags & PF_X)) {
			plan.from = info->dlpi_addr + h->p_vaddr;
			plan.to = plan.from + h->p_memsz;
		}
	}
	return 1; /* the first is the program */
}

static void set_plan(const char *of, const char *at)
{
	char *end;

	plan.of = strcmp(of, "all") == 0 ? OF_ALL : strcmp(of, "hdf5") == 0 ? OF_HDF5 : OF_OWN;
	plan.at = strtoul(at, &end, 10);
	plan.ever = *end == '+';
}

/* Let what children count be seen here. */
static bool share_count(void)
{
	void *shared = mmap(NULL, sizeof(*plan.seen), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return false;
	plan.seen = shared;
	*plan.seen = 0;
	return true;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("PIPETTE_MEMORY"), *of = getenv("PIPETTE_MEMORY_OF");

	dl_iterate_phdr(main_program, NULL);
	plan.seen = &seen_here;
	plan.count = getenv("PIPETTE_MEMORY_COUNT");
	set_plan(of ? of : "own", at ? at : "0");
	if (plan.of == OF_HDF5 && !share_count())
		_exit(125);
	plan.on = !getenv("PIPETTE_SERVE");
}

__attribute__((destructor)) static void end(void)
{
	char text[32];

	plan.on = false;
	if (!plan.count)
		return;
	int fd = open(plan.count, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int n = snprintf(text, sizeof(text), "%zu\n", (size_t)*plan.seen);
	if (fd < 0 || write(fd, text, (size_t)n) != n || close(fd))
		_exit(125);
}

void memory_faults_end(void)
{
	plan.on = false;
}

static bool is_own(const void *caller)
{
	uintptr_t from = (uintptr_t)caller;

	return from >= plan.from && from < plan.to;
}

/* Count one: is it due? */
static bool is_due(void)
{
	size_t now = 1 + atomic_fetch_add(plan.seen, 1);

	return plan.at && (now == plan.at || (now > plan.at && plan.ever));
}

static bool fails(const void *caller)
{
	if (!plan.on || plan.of == OF_HDF5 || (plan.of == OF_OWN && !is_own(caller)) || !is_due())
		return false;
	errno = ENOMEM;
	return true;
}

bool memory_is_short(const void *caller)
{
	return plan.on && plan.of == OF_HDF5 && is_own(caller) && is_due();
}

void *malloc(size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	if (fails(__builtin_return_address(0)))
		return ENOMEM;
	*p = __libc_memalign(align, n);
	return *p ? 0 : ENOMEM;
}

/* libc allocates here on behalf of the caller. */
static int format_into(char **s, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	*s = n < 0 ? NULL : __libc_malloc((size_t)n + 1);
	return *s ? vsnprintf(*s, (size_t)n + 1, format, args) : -1;
}

int vasprintf(char **s, const char *format, va_list args)
{
	return fails(__builtin_return_address(0)) ? -1 : format_into(s, format, args);
}

int __vasprintf_chk(char **s, int flag UNUSED, const char *format, va_list args)
{
	return fails(__builtin_return_address(0)) ? -1 : format_into(s, format, args);
}

/* ---- many trials of one process ----------------------------------------------------------- */

static bool plan_trial(char *words)
{
	char *at = strchr(words, ' ');

	if (!at)
		return false;
	*at = '\0';
	if (plan.seen == &seen_here && !share_count())
		return false;
	*plan.seen = 0;
	set_plan(words, at + 1);
	return true;
}

static void begin_trial(void)
{
	plan.on = true;
}

static int follow_trial(pid_t child)
{
	int status = 0;

	return waitpid(child, &status, 0) == child ? status : -1;
}

static size_t count_of_trial(void)
{
	return *plan.seen;
}

const struct serving serving = {plan_trial, begin_trial, follow_trial, count_of_trial, 20};
