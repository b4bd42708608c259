/* strtab.h - a set of strings numbered in the order they came.
 *
 * Each distinct string is kept once and gets the next id from 0 up. Looking up is by hash;
 * iterating is by id, so nothing depends on the hash, which is another in every process (hash_name).
 *
 *	struct strtab genes = {0};
 *	uint32_t id = strtab_add(&genes, "CD4");
 *	strtab_find(&genes, "CD8A");      // STRTAB_NONE
 *	strtab_str(&genes, id);           // "CD4"
 *	strtab_release(&genes);
 *
 * A zeroed struct is an empty table. Strings may hold any bytes but NUL. Pointers returned by
 * strtab_str stay valid until release.
 */
#ifndef BASE_STRTAB_H
#define BASE_STRTAB_H

#include "base/mem.h"

#define STRTAB_NONE UINT32_MAX

struct strtab {
	struct strtab_slot *slots; /* id and hash, open addressing */
	size_t n_slots;
	char **strings; /* by id */
	size_t n, cap;
	struct arena arena;
};

uint32_t strtab_add(struct strtab *t, const char *s);
uint32_t strtab_add_n(struct strtab *t, const char *s, size_t len);
uint32_t strtab_find(const struct strtab *t, const char *s);
uint32_t strtab_find_n(const struct strtab *t, const char *s, size_t len);
void strtab_release(struct strtab *t);

static inline const char *strtab_str(const struct strtab *t, uint32_t id)
{
	return t->strings[id];
}

/* 64 bits of a string, the same on every machine and in every run. */
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed);

/*
 * 64 bits of a string that nobody can foresee: another in every process. For places in a table only:
 * a file may be written so that all its names have one number by hash_bytes, and a search then
 * looks at each. Nothing that is written may depend on it.
 */
uint64_t hash_name(const char *s, size_t len);

/* Ids in the byte order of their strings; the caller frees. */
uint32_t *strtab_sorted(const struct strtab *t);

#endif
