/* uns.h - single values of a file's uns.
 *
 * uns holds whatever the program that wrote it liked; few things in it matter here, and those that
 * do are scalars. What is not there, or of another kind, is no error: older files simply lack it.
 *
 *	double base;
 *	if (uns_number(file, "log1p/base", &base))
 *		use(base);
 *
 * Paths are below uns, with slashes. Nothing is kept; nothing is written.
 */
#ifndef H5AD_UNS_H
#define H5AD_UNS_H

#include "h5ad/h5ad.h"

/* A finite number at uns/'path'; false when there is none. */
bool uns_number(const struct h5ad *f, const char *path, double *value);

#endif
