/* census.h - CELLxGENE: where the h5ad of a dataset is, by two roads.
 *
 * The Census keeps the h5ads of a release in a public bucket: BUCKET/DATASET.h5ad. Its descriptor
 * (release.json) says which releases there are; "stable" and "latest" are names for one.
 * Discover's curation API lists every dataset with the address and size of its newest h5ad.
 *
 *	struct census c;
 *	if (census_find(&c, descriptor, "stable", "", err))
 *		return -1;
 *	char *url = mem_printf("%s%s.h5ad", c.h5ads, dataset_id);
 *	census_release(&c);
 */
#ifndef REF_CENSUS_H
#define REF_CENSUS_H

#include "format/json_read.h"
#include "ref/registry.h"

struct census {
	char *release, *h5ads, *region;
};

/*
 * Find 'name' (stable, latest, a date) in a descriptor. A retracted release is an error that says
 * why and what replaces it. 'base' completes relative addresses: the mirror, or "" for the
 * public bucket.
 */
int census_find(struct census *c, const json_t *descriptor, const char *name, const char *base,
		struct err *err) MUST_USE;
void census_release(struct census *c);

/* Add the datasets of a Discover answer: a list of datasets, a collection, or several. */
int discover_add(struct references *list, const json_t *answer, const char *name,
		 struct err *err) MUST_USE;

/* Add the models of CellTypist's index (models.json). */
int models_add(struct references *list, const json_t *index, const char *name,
	       struct err *err) MUST_USE;

#endif
