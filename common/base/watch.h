/* watch.h - what a kernel reads and writes, told to the sanitizer of threads once for a row.
 *
 *	UNWATCHED CLONES static void multiply(const double *a, double *c, size_t n);
 *
 *	watch_read(a, rows, n * sizeof(*a), lda * sizeof(*a));
 *	watch_write(c, rows, n * sizeof(*c), ldc * sizeof(*c));
 *	multiply(a, c, n);
 *
 * In a build for that sanitizer (make TSAN=1) every load is a call, and an innermost loop that reads
 * the same rows again and again takes a hundred times as long. Such a loop is UNWATCHED, and who calls
 * it tells beforehand of all that it will read and write, so that races are found as before: each
 * byte is still seen by the thread that touches it, at the beginning of its work. To leave a row
 * untold is to hide its races; a kernel that is not hot does without all this.
 *
 * In every other build nothing of it is there.
 */
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

#include <stddef.h>

#ifdef __SANITIZE_THREAD__
void __tsan_read_range(void *from, size_t bytes);
void __tsan_write_range(void *from, size_t bytes);

#define UNWATCHED __attribute__((no_sanitize_thread))

/* 'rows' rows of 'bytes' bytes each, which begin 'step' bytes apart. */
static inline void watch_read(const void *from, size_t rows, size_t bytes, size_t step)
{
	for (size_t i = 0; i < rows && bytes; i++)
		__tsan_read_range((char *)from + i * step, bytes);
}

static inline void watch_write(const void *from, size_t rows, size_t bytes, size_t step)
{
	for (size_t i = 0; i < rows && bytes; i++)
		__tsan_write_range((char *)from + i * step, bytes);
}
#else
#define UNWATCHED

static inline void watch_read(const void *from, size_t rows, size_t bytes, size_t step)
{
	(void)from, (void)rows, (void)bytes, (void)step;
}

static inline void watch_write(const void *from, size_t rows, size_t bytes, size_t step)
{
	(void)from, (void)rows, (void)bytes, (void)step;
}
#endif

#endif
