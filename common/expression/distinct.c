/* distinct.c - see distinct.h. */
#include "base/util.h"

#include "base/rng.h"
#include "base/strtab.h"
#include "expression/distinct.h"

#define BITS ((uint64_t)1 << 24)
#define MARKS 6 /* bits of a name */

static uint64_t hash_of(const char *name)
{
	return hash_bytes(name, strlen(name), 0x64697374);
}

/* Names whose bits were all there before: those that were, and a few that were not. */
void distinct_add(struct distinct *d, const char *name)
{
	uint64_t hash = hash_of(name), mark = hash;
	bool was_there = true;

	if (!d->bits)
		MEM_ZERO(d->bits, BITS / 8);
	for (int i = 0; i < MARKS; i++) {
		uint8_t bit = (uint8_t)(1u << (mark & 7));
		size_t byte = (mark >> 3) % (BITS / 8);

		was_there &= (d->bits[byte] & bit) != 0;
		d->bits[byte] |= bit;
		mark = mix64(mark + 1);
	}
	if (!was_there)
		return;
	MEM_GROW(d->suspects, d->n + 1, d->cap);
	d->suspects[d->n++] = hash;
}

bool distinct_is_suspect(const struct distinct *d, const char *name)
{
	uint64_t hash = d->n ? hash_of(name) : 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->suspects[i] == hash)
			return true;
	return false;
}

void distinct_release(struct distinct *d)
{
	free(d->bits);
	free(d->suspects);
	*d = (struct distinct){0};
}
