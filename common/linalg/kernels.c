/* kernels.c - OpenBLAS's kernels chosen by what the processor can do; see kernels.h. */
#include "base/util.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linalg/kernels.h"

#define CHOICE "OPENBLAS_CORETYPE"
#define KERNELS "Haswell"

const char *kernels_name(void)
{
	return openblas_get_corename();
}

void kernels_alone(void)
{
	openblas_set_num_threads(1);
}

#if defined(__x86_64__) && defined(__linux__)

static bool is_wanted(void)
{
	const char *set = getenv(CHOICE);

	if (set && *set)
		return false; /* the user's choice, or ours from before */
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
	       strstr(openblas_get_config(), "DYNAMIC_ARCH") &&
	       strcmp(openblas_get_corename(), KERNELS) != 0;
}

/* The libraries are loaded, nothing of the program has run. If it fails, it runs as it is. */
__attribute__((constructor)) static void start_with_kernels(int argc UNUSED, char **argv,
							    char **envp UNUSED)
{
	char path[4096];

	if (!is_wanted() || setenv(CHOICE, KERNELS, 1))
		return;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0 || n == (ssize_t)sizeof(path) - 1)
		return;
	path[n] = '\0';
	execv(path, argv);
}

#endif
