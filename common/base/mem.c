/* mem.c - see mem.h. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * The one policy for running out: say so and stop. outfile.c's handler tidies up. Where several
 * threads run out, one does so; and what libraries tear down at exit() others still use.
 */
NORETURN static void out_of_memory(size_t n, size_t size)
{
	static atomic_flag stopping = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&stopping))
		pause();
	fprintf(stderr, "%s: out of memory (%zu x %zu bytes)\n", program_invocation_short_name, n,
		size);
	quick_exit(1);
}

size_t mem_product(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX)
		out_of_memory(n, size);
	return bytes;
}

void *mem_alloc(size_t n, size_t size)
{
	void *p = malloc(mem_product(n, size) | !(n && size));

	if (!p)
		out_of_memory(n, size);
	return p;
}

void *mem_zero(size_t n, size_t size)
{
	size_t bytes = mem_product(n, size);
	void *p = calloc(bytes | !bytes, 1);

	if (!p)
		out_of_memory(n, size);
	return p;
}

void *mem_vectors(size_t n, size_t size)
{
	size_t bytes = mem_product(n, size);
	void *p = aligned_alloc(64, (bytes | !bytes) / 64 * 64 + 64);

	if (!p)
		out_of_memory(n, size);
	return memset(p, 0, bytes);
}

void *mem_aligned(size_t align, size_t bytes)
{
	void *p = NULL;

	if (posix_memalign(&p, align, mem_product(bytes | !bytes, 1)))
		out_of_memory(bytes, 1);
	return p;
}

void *mem_resize(void *p, size_t n, size_t size)
{
	size_t bytes = mem_product(n, size);

	p = realloc(p, bytes | !bytes);
	if (!p)
		out_of_memory(n, size);
	return p;
}

char *mem_strn(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1, 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *mem_str(const char *s)
{
	return mem_strn(s, strlen(s));
}

void *mem_copy(const void *p, size_t n, size_t size)
{
	void *copy = mem_alloc(n, size);

	if (n && size)
		memcpy(copy, p, mem_product(n, size));
	return copy;
}

char *mem_printf(const char *format, ...)
{
	char *s;
	va_list args;

	va_start(args, format);
	if (vasprintf(&s, format, args) < 0)
		out_of_memory(1, 0);
	va_end(args);
	return s;
}

void *mem_grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n <= *cap)
		return p;
	*cap = MAX(n, *cap + *cap / 2 + 16);
	return mem_resize(p, *cap, size);
}

#define ARENA_CHUNK ((size_t)64 << 10)
#define ARENA_ALIGN sizeof(max_align_t)

struct arena_chunk {
	struct arena_chunk *next;
	max_align_t bytes[];
};

static void arena_new_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = mem_alloc(sizeof(*chunk) + size, 1);

	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->used = 0;
	arena->cap = size;
}

static void *arena_bytes(struct arena *arena, size_t size, size_t align)
{
	size_t at = (arena->used + align - 1) / align * align;

	if (!arena->chunks || at > arena->cap || size > arena->cap - at) {
		arena_new_chunk(arena, MAX(size, ARENA_CHUNK));
		at = 0;
	}
	arena->used = at + size;
	return (char *)arena->chunks->bytes + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return arena_bytes(arena, size, ARENA_ALIGN);
}

static char *arena_room(struct arena *arena, size_t size)
{
	return arena_bytes(arena, size, 1);
}

char *arena_str(struct arena *arena, const char *s, size_t len)
{
	char *copy = arena_room(arena, len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void arena_release(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	arena->used = arena->cap = 0;
}
