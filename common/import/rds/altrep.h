/* altrep.h - R's compact vectors made plain.
 *
 * Version 3 files may hold 1:n as three numbers, as.character(1:n) as a promise to format, and
 * any vector in a wrapper with notes. This turns the stored (class, state) into the vector.
 * A few bytes can stand for a long vector here, so the total is held to a budget: what the file
 * itself holds in bytes, or 2^24 elements when that is more.
 *
 *	struct altrep_budget budget = {.position = unpacked};
 *	if (altrep_expand(file, v, info, state, &budget, err))
 *		return -1;                           // v->type is RDS_INTEGER, RDS_STRING, ... or RDS_OTHER
 */
#ifndef IMPORT_RDS_ALTREP_H
#define IMPORT_RDS_ALTREP_H

#include "base/err.h"
#include "import/rds/value.h"

struct altrep_budget {
	uint64_t used;
	uint64_t position; /* unpacked bytes so far */
};

/*
 * Fill 'v' (attributes aside) from a pairlist 'info' (class, package, type) and a 'state'. A
 * class this does not know becomes RDS_OTHER.
 */
int altrep_expand(struct rds *file, struct rds_value *v, const struct rds_value *info,
		  const struct rds_value *state, struct altrep_budget *budget,
		  struct err *err) MUST_USE;

/* Is this NA rather than NaN? Both are NaN to C; R tells them apart by the low word. */
bool altrep_is_na(double x);

/* R's as.character(x): 15 significant digits, the shorter of fixed and scientific. */
void altrep_format(char out[32], double x);

#endif
