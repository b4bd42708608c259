/* util.h - what every C file of the project sees first.
 *
 * Feature macros, compiler attributes, a few tiny helpers, and the list of functions that
 * are not used here because each has a safer form in common/base (text.h, mem.h, rng.h).
 */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A function that formats, by the numbers of its format and its first argument; that never comes
 * back; whose result is an error or memory to free; a function or argument that need not be used.
 */
#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))
#define NORETURN __attribute__((noreturn))
#define MUST_USE __attribute__((warn_unused_result))
#define UNUSED __attribute__((unused))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/*
 * A hot loop marked CLONES is compiled once per instruction set and chosen when the program
 * starts, so one binary uses AVX2 or AVX-512 where it runs. Floating-point contraction is off
 * in the whole build: every clone gives the same bytes. Sanitizers cannot follow the start-up
 * choice and clang 14 knows no such targets, so their builds have the plain loop only.
 */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
	!defined(__clang__) && !defined(NO_CLONES)
#define CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#define WIDE_TARGET __attribute__((target("arch=x86-64-v4")))
#else
#define CLONES
#endif

/*
 * Sums that are to stay in registers are kept in vectors of 32 bytes: wider ones than the processor
 * has are kept in memory. Where 64 bytes pay, a kernel is written for both sizes, the second
 * with WIDE_TARGET and a name that ends in _64; BEST_WIDTH(name) is the one to call.
 */
#ifdef WIDE_TARGET
#define BEST_WIDTH(name) (__builtin_cpu_supports("x86-64-v4") ? name##_64 : name)
#else
#define BEST_WIDTH(name) name
#endif

/* An invariant of our own code is broken: say where and stop. Never for bad input. */
#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
NORETURN PRINTF_LIKE(3, 4) void bug(const char *file, int line, const char *format, ...);

/* Texts the same, or beginning or ending so; none may be NULL. */
static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix);

#ifndef __clang__ /* whose headers make macros of them */
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atof rand srand
#endif

#endif
