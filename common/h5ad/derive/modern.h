/* modern.h - an open file whose obsm, varm, obsp, varp and uns are in today's dialect.
 *
 * The file itself, or a scratch copy of those parts where it is older. Paths are absolute.
 *
 *	struct modern m;
 *	int ret = modern_open(&m, in, err) || list_members(&m.view.h5, "/obsm", &names, err);
 *	modern_close(&m);
 */
#ifndef H5AD_DERIVE_MODERN_H
#define H5AD_DERIVE_MODERN_H

#include "h5ad/h5ad_private.h"
#include "h5ad/writer_private.h"

struct modern {
	struct h5ad view; /* path and size of 'in' for messages and checks; file as said above */
	struct writer copy;
	bool opened;
};

/* Close it in any case. 'in' must outlive it. */
int modern_open(struct modern *m, struct h5ad *in, struct err *err) MUST_USE;
void modern_close(struct modern *m); /* a zeroed one is fine */

#endif
