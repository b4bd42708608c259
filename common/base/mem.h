/* mem.h - memory with checked sizes.
 *
 * Out of memory stops the process with one line and status 1; nobody checks for NULL.
 * Sizes multiply through these helpers only. A size that comes from a file must have been
 * compared with what the file can hold before it gets here.
 *
 *	double *sums, *more;
 *	MEM_ZERO(sums, n_genes);                     // room for n_genes, all 0
 *	MEM_GROW(list, n + 1, cap);                  // list[n] may be written now
 *	char *path = mem_printf("%s/run.json", folder);
 *	free(path);
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/util.h"

void *mem_alloc(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2)));
void *mem_zero(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2)));
void *mem_resize(void *p, size_t n, size_t size) __attribute__((alloc_size(2, 3)));
/* Zeroed, and starting at a cache line, for vector loads. free() frees it. */
void *mem_vectors(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2)));
/* Undefined, and starting at a multiple of 'align', a power of two. free() frees it. */
void *mem_aligned(size_t align, size_t bytes) __attribute__((malloc, alloc_size(2)));
char *mem_str(const char *s) __attribute__((malloc));
char *mem_strn(const char *s, size_t len) __attribute__((malloc));
void *mem_copy(const void *p, size_t n, size_t size);
PRINTF_LIKE(1, 2) char *mem_printf(const char *format, ...);

/* n * size, or the process ends: for byte counts that are not allocations. */
size_t mem_product(size_t n, size_t size);

/* Room for 'n' things of the array's type, uninitialised or zeroed. */
#define MEM_ARRAY(p, n) ((p) = mem_alloc((n), sizeof(*(p))))
#define MEM_ZERO(p, n) ((p) = mem_zero((n), sizeof(*(p))))

/* Make room for at least 'n' elements in p[0..cap), growing by half at least. */
#define MEM_GROW(p, n, cap) ((p) = mem_grow((p), (n), &(cap), sizeof(*(p))))
void *mem_grow(void *p, size_t n, size_t *cap, size_t size);

/*
 * An arena hands out many small pieces that die together.
 *
 *	struct arena names = {0};
 *	char *name = arena_str(&names, bytes, len);
 *	arena_release(&names);
 */
struct arena {
	struct arena_chunk *chunks;
	size_t used, cap; /* in the newest chunk */
};

void *arena_alloc(struct arena *arena, size_t size);             /* aligned for any type */
char *arena_str(struct arena *arena, const char *s, size_t len); /* NUL is added */
void arena_release(struct arena *arena);

#endif
