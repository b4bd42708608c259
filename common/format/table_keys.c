/* table_keys.c - the rows of a table, found by the text of a column. */
#include "base/util.h"

#include <stdatomic.h>

#include "format/table.h"

#define ROWS_A_PART ((size_t)16384)
#define AHEAD ((size_t)16) /* slots asked for before they are needed */

struct table_slot {
	uint32_t row_plus_one; /* 0: free */
	uint32_t hash;
};

static uint32_t hash_of(const char *key)
{
	return (uint32_t)hash_name(key, strlen(key));
}

/* ---- making ---- */

struct hashing {
	const struct table *table;
	size_t column;
	uint32_t *hashes;
};

static void hash_rows(void *arg, size_t part)
{
	struct hashing *h = arg;
	size_t end = MIN(h->table->n, (part + 1) * ROWS_A_PART);

	for (size_t row = part * ROWS_A_PART; row < end; row++)
		h->hashes[row] = hash_of(table_field(h->table, row, h->column));
}

/* The slot that holds the key, or the free one where it would go. */
static struct table_slot *find_slot(const struct table_keys *k, const char *key, uint32_t hash)
{
	size_t mask = k->n_slots - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct table_slot *slot = &k->slots[i];

		if (slot->row_plus_one == 0 ||
		    (slot->hash == hash &&
		     str_eq(table_field(k->table, slot->row_plus_one - 1, k->column), key)))
			return slot;
	}
}

static int add_rows(struct table_keys *k, const uint32_t *hashes, struct err *err)
{
	const struct table *t = k->table;

	for (size_t row = 0; row < t->n; row++) {
		const char *key = table_field(t, row, k->column);
		struct table_slot *slot = find_slot(k, key, hashes[row]);

		if (row + AHEAD < t->n)
			__builtin_prefetch(&k->slots[hashes[row + AHEAD] & (k->n_slots - 1)]);
		if (slot->row_plus_one)
			return err_set(err, "%s: line %zu: the %s %s is there twice", t->path,
				       row + 2, k->noun, key);
		*slot = (struct table_slot){(uint32_t)row + 1, hashes[row]};
	}
	return 0;
}

int table_keys_of(struct table_keys *k, const struct table *t, size_t column, const char *noun,
		  struct pool *pool, struct err *err)
{
	struct hashing h = {t, column, mem_alloc(t->n, sizeof(*h.hashes))};
	int ret;

	*k = (struct table_keys){.table = t, .noun = noun, .column = column, .n_slots = 64};
	while (k->n_slots / 2 < t->n)
		k->n_slots *= 2;
	MEM_ZERO(k->slots, k->n_slots);
	pool_run(pool, (t->n + ROWS_A_PART - 1) / ROWS_A_PART, hash_rows, &h);
	ret = add_rows(k, h.hashes, err);
	free(h.hashes);
	return ret;
}

void table_keys_release(struct table_keys *k)
{
	free(k->slots);
	*k = (struct table_keys){0};
}

size_t table_keys_find(const struct table_keys *k, const char *key)
{
	return (size_t)find_slot(k, key, hash_of(key))->row_plus_one - 1;
}

/* ---- matching ---- */

struct matching {
	const struct table_keys *keys;
	const struct table *other;
	size_t column;
	uint32_t *there; /* STRTAB_NONE: not there */
	_Atomic bool differs;
};

static void compare_rows(void *arg, size_t part)
{
	struct matching *m = arg;
	const struct table_keys *k = m->keys;
	size_t end = MIN(m->other->n, (part + 1) * ROWS_A_PART);

	for (size_t row = part * ROWS_A_PART; row < end; row++) {
		m->there[row] = (uint32_t)row;
		if (row >= k->table->n || !str_eq(table_field(k->table, row, k->column),
						  table_field(m->other, row, m->column))) {
			m->differs = true;
			return;
		}
	}
}

static void find_rows(void *arg, size_t part)
{
	struct matching *m = arg;
	size_t end = MIN(m->other->n, (part + 1) * ROWS_A_PART);

	for (size_t row = part * ROWS_A_PART; row < end; row++)
		m->there[row] =
			(uint32_t)table_keys_find(m->keys, table_field(m->other, row, m->column));
}

/* 'theirs' are the other table's keys. */
static int check_complete(const struct matching *m, const struct table_keys *theirs,
			  struct err *err)
{
	const struct table *here = m->keys->table, *other = m->other;
	size_t n_unknown = 0, unknown = 0, missing = 0;

	for (size_t row = 0; row < other->n; row++)
		if (m->there[row] == STRTAB_NONE && n_unknown++ == 0)
			unknown = row;
	if (n_unknown)
		return err_set(err, "%s: %zu of its %zu %ss are not in %s (such as %s)%s",
			       other->path, n_unknown, other->n, m->keys->noun, here->path,
			       table_field(other, unknown, m->column),
			       other->n - n_unknown < here->n ? ", and it lacks some that are"
							      : "");
	if (other->n == here->n)
		return 0;
	while (table_keys_find(theirs, table_field(here, missing, m->keys->column)) != SIZE_MAX)
		missing++;
	return err_set(err, "%s: %zu of the %zu %ss of %s are missing (such as %s)", other->path,
		       here->n - other->n, here->n, m->keys->noun, here->path,
		       table_field(here, missing, m->keys->column));
}

int table_keys_match(const struct table_keys *k, const struct table *other, size_t column,
		     struct pool *pool, uint32_t *there, struct err *err)
{
	struct matching m = {k, other, column, there, other->n != k->table->n};
	struct table_keys theirs = {0};
	size_t n_parts = (other->n + ROWS_A_PART - 1) / ROWS_A_PART;
	int ret;

	if (!m.differs)
		pool_run(pool, n_parts, compare_rows, &m);
	if (!m.differs)
		return 0;
	ret = table_keys_of(&theirs, other, column, k->noun, pool, err);
	if (ret == 0) {
		pool_run(pool, n_parts, find_rows, &m);
		ret = check_complete(&m, &theirs, err);
	}
	table_keys_release(&theirs);
	return ret;
}
