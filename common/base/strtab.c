/* strtab.c - see strtab.h. */
#include "base/util.h"

#include <unistd.h>

#include "base/strtab.h"

struct strtab_slot {
	uint32_t id_plus_one; /* 0: free */
	uint32_t hash;
};

static inline uint64_t read64(const unsigned char *p, size_t len)
{
	uint64_t x = 0;

	memcpy(&x, p, MIN(len, 8));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

static inline uint64_t stir(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	h ^= h >> 32;
	return h;
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
	const unsigned char *p = bytes;
	uint64_t h = seed ^ (len * 0x9e3779b97f4a7c15);

	for (; len >= 8; p += 8, len -= 8)
		h = stir(h ^ read64(p, 8)) * 0x9e3779b97f4a7c15;
	if (len)
		h = stir(h ^ read64(p, len)) * 0x9e3779b97f4a7c15;
	return stir(h);
}

/* Drawn for each process; these are what they are where the system has nothing to draw from. */
static uint64_t secret[2] = {0x9e3779b97f4a7c15, 0xd6e8feb86659fd93};

__attribute__((constructor)) static void draw_secret(void)
{
	uint64_t drawn[ARRAY_LEN(secret)];

	if (getentropy(drawn, sizeof(drawn)) == 0)
		for (size_t i = 0; i < ARRAY_LEN(secret); i++)
			secret[i] = drawn[i] | 1;
}

/* Both halves of a product, of which one factor is not known to who chose the other. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_name(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	uint64_t h = secret[0] ^ len;

	for (; len >= 8; p += 8, len -= 8)
		h = fold(h ^ read64(p, 8), secret[1]);
	if (len)
		h = fold(h ^ read64(p, len), secret[1]);
	return fold(h ^ secret[0], secret[1]);
}

/* The slot that holds the string, or the free one where it would go. */
static struct strtab_slot *find_slot(const struct strtab *t, const char *s, size_t len,
				     uint32_t hash)
{
	size_t mask = t->n_slots - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct strtab_slot *slot = &t->slots[i];
		const char *have;

		if (slot->id_plus_one == 0)
			return slot;
		if (slot->hash != hash)
			continue;
		have = t->strings[slot->id_plus_one - 1];
		if (strncmp(have, s, len) == 0 && have[len] == '\0')
			return slot;
	}
}

static void grow_slots(struct strtab *t)
{
	struct strtab_slot *old = t->slots;
	size_t n_old = t->n_slots;

	t->n_slots = n_old ? n_old * 2 : 64;
	MEM_ZERO(t->slots, t->n_slots);
	for (size_t i = 0; i < n_old; i++) {
		size_t at = old[i].hash & (t->n_slots - 1);

		if (old[i].id_plus_one == 0)
			continue;
		while (t->slots[at].id_plus_one)
			at = (at + 1) & (t->n_slots - 1);
		t->slots[at] = old[i];
	}
	free(old);
}

uint32_t strtab_add_n(struct strtab *t, const char *s, size_t len)
{
	uint32_t hash = (uint32_t)hash_name(s, len);
	struct strtab_slot *slot;

	if (t->n + 1 > t->n_slots / 2)
		grow_slots(t);
	slot = find_slot(t, s, len, hash);
	if (slot->id_plus_one == 0) {
		if (t->n == STRTAB_NONE - 1)
			BUG("more than 4 billion strings");
		MEM_GROW(t->strings, t->n + 1, t->cap);
		t->strings[t->n] = arena_str(&t->arena, s, len);
		*slot = (struct strtab_slot){(uint32_t)++t->n, hash};
	}
	return slot->id_plus_one - 1;
}

uint32_t strtab_add(struct strtab *t, const char *s)
{
	return strtab_add_n(t, s, strlen(s));
}

uint32_t strtab_find_n(const struct strtab *t, const char *s, size_t len)
{
	struct strtab_slot *slot;

	if (t->n == 0)
		return STRTAB_NONE;
	slot = find_slot(t, s, len, (uint32_t)hash_name(s, len));
	return slot->id_plus_one ? slot->id_plus_one - 1 : STRTAB_NONE;
}

uint32_t strtab_find(const struct strtab *t, const char *s)
{
	return strtab_find_n(t, s, strlen(s));
}

static int compare_ids(const void *a, const void *b, void *table)
{
	const struct strtab *t = table;

	return strcmp(t->strings[*(const uint32_t *)a], t->strings[*(const uint32_t *)b]);
}

uint32_t *strtab_sorted(const struct strtab *t)
{
	uint32_t *ids = mem_alloc(t->n, sizeof(*ids));

	for (size_t i = 0; i < t->n; i++)
		ids[i] = (uint32_t)i;
	qsort_r(ids, t->n, sizeof(*ids), compare_ids, (void *)t);
	return ids;
}

void strtab_release(struct strtab *t)
{
	free(t->slots);
	free(t->strings);
	arena_release(&t->arena);
	*t = (struct strtab){0};
}
