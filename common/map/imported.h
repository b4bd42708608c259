/* imported.h - what is the same of every reference that Symphony made, whatever file it came in.
 *
 *	struct reference *ref = imported_new();
 *	... genes, coordinates, labels, by reading the file ...
 *	imported_variance(ref);
 *	members = ...;                                  // n_cells x K, of the file's R
 *	return imported_finish(ref, members, K, "atlas.rds: R", &rules, pool, err);
 *
 * Symphony clips scaled values at 10 either way, scales counts to 10,000, and calls by 15 neighbours;
 * none of it is written down in its files. Spreads, profiles and calibration are ours (build.h).
 */
#ifndef MAP_IMPORTED_H
#define MAP_IMPORTED_H

#include "map/build.h"

#define IMPORTED_MOST_DIMS ((uint64_t)1000) /* components: more are no reference */

/* Empty, with what Symphony takes for granted. */
struct reference *imported_new(void);

/* That of every component over the cells, whose coordinates have mean 0. */
void imported_variance(struct reference *ref);

/*
 * Complete the reference with its soft clusters; 'where' is what messages call the memberships. Takes
 * both over: returns the reference, or NULL with an error, also when 'members' is NULL, which is what
 * reading them left with its error.
 */
struct reference *imported_finish(struct reference *ref, double *members, size_t K,
				  const char *where, const struct build_rules *rules,
				  struct pool *pool, struct err *err) MUST_USE;

#endif
