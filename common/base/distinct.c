/* distinct.c - see distinct.h. */
#include "base/util.h"

#include "base/distinct.h"
#include "base/strtab.h"

uint64_t distinct_hash(const char *name)
{
	return hash_bytes(name, strlen(name), 0x64697374);
}

void distinct_add(struct distinct *d, const char *name)
{
	MEM_GROW(d->hashes, d->n + 1, d->cap);
	d->hashes[d->n++] = distinct_hash(name);
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

bool distinct_repeated(struct distinct *d, uint64_t *hash)
{
	qsort(d->hashes, d->n, sizeof(*d->hashes), rising);
	for (size_t i = 1; i < d->n; i++) {
		if (d->hashes[i] != d->hashes[i - 1])
			continue;
		*hash = d->hashes[i];
		return true;
	}
	return false;
}

void distinct_release(struct distinct *d)
{
	free(d->hashes);
	*d = (struct distinct){0};
}
