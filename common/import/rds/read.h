/* read.h - R serialisation to values.
 *
 * Reads what saveRDS and serialize write: XDR, little-endian and ASCII; versions 2 and 3; gzip,
 * bzip2, xz or none. Nesting is held on a heap stack, so depth cannot overflow anything. Lengths
 * are believed only as far as the data goes.
 *
 * A plan says what need not be kept. Slots and pairlist entries carry their name before their
 * value, so the values of whole slots can be passed over as they stream by, and the numbers of a
 * matrix, which end as float32, can be narrowed as they arrive. Environments and functions are
 * not kept, except the fields of reference classes (slot ".xData").
 *
 *	static const char *const drop[] = {"scale.data", NULL};
 *	struct rds_plan plan = {.drop = drop};
 *	struct rds *file = rds_read("atlas.rds", &plan, pool, &err);
 */
#ifndef IMPORT_RDS_READ_H
#define IMPORT_RDS_READ_H

#include "import/rds/rds_source.h"
#include "import/rds/value.h"

struct rds_plan {
	const char *const *drop;   /* slots whose long vectors are passed over; NULL-terminated */
	const char *const *narrow; /* slots whose doubles are kept as floats; NULL-terminated */
	struct progress *progress; /* told the packed bytes read; NULL for none */
};

/* "-" is standard input. 'plan' NULL keeps everything. NULL with 'err' on failure. */
struct rds *rds_read(const char *path, const struct rds_plan *plan, struct pool *pool,
		     struct err *err) MUST_USE;

#endif
