/* cache.h - fetched files, each in a folder of its own, checked by content.
 *
 * A folder is named after the address it came from and holds:
 *
 *	NAME         the file, only ever complete and checked
 *	about.tsv    its name, size and sha256
 *	part         a download that is not complete
 *	part.tsv     the ETag or date that says of which version, and the whole size
 *	lock         held while somebody fetches
 *
 * Locks are the kernel's (flock): a process that dies lets go of its own.
 */
#ifndef NET_CACHE_H
#define NET_CACHE_H

#include "base/err.h"

struct cache_entry {
	char *folder;
	char *name; /* of the file; "" until it is known */
	uint64_t size;
	char sha256[65];
	int lock; /* -1 when not held */
};

/* Where the cache is: 'given', or CELLXGENE_CACHE_DIR, or below XDG_CACHE_HOME or ~/.cache. */
char *cache_folder(const char *given, struct err *err) MUST_USE;

/*
 * The entry of an address, made and locked; waits while another process has it. 'offline' makes
 * nothing and may be of a cache that cannot be written; so may an entry that has its file.
 */
int cache_enter(struct cache_entry *e, const char *cache, const char *address, bool offline,
		struct err *err) MUST_USE;
void cache_leave(struct cache_entry *e); /* of a zeroed entry: nothing */

/*
 * Is there a file, and is it what was fetched? It is read whole. 1 yes, 0 there is none, and
 * 0 with '*damaged' when it is not what it was. 'e' gets its name, size and sum.
 */
int cache_look(struct cache_entry *e, bool *damaged, struct err *err) MUST_USE;

char *cache_path(const struct cache_entry *e, const char *name); /* the caller frees */

/* What is known about the part: "" and 0 when nothing. The caller frees the validator. */
char *cache_part(const struct cache_entry *e, uint64_t *total);
int cache_note_part(const struct cache_entry *e, const char *validator, uint64_t total,
		    struct err *err) MUST_USE;

/* The part is complete and checked: it becomes the file e->name. */
int cache_keep(struct cache_entry *e, struct err *err) MUST_USE;

#endif
