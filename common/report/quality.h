/* quality.h - what h5-qc said of a query's cells, and its part of the page.
 *
 *	struct quality q = {0};
 *	if (quality_read(&q, "qc/blood.tsv", &err) == 0)
 *		section_quality(&page, &q);
 *	quality_release(&q);
 *
 * Of each measure the median and the fifth and ninety-fifth percentile, of each thing that is wrong
 * the number of cells. A table without a byte, or one that only says why there is none, has no cells;
 * then there is no part. Memory is 40 bytes a cell while it is read.
 */
#ifndef REPORT_QUALITY_H
#define REPORT_QUALITY_H

#include "base/strtab.h"
#include "report/page.h"

#define QUALITY_MEASURES 6

struct quality {
	size_t n_cells, n_wrong;
	struct {
		double low, median, high; /* NaN without a value */
	} measures[QUALITY_MEASURES];     /* in the order of the page */
	struct strtab wrongs;             /* LOW_COUNTS, DOUBLET, ... */
	size_t *wrong_cells;              /* of each */
	size_t cap_wrongs;
};

int quality_read(struct quality *q, const char *path, struct err *err) MUST_USE;
void quality_release(struct quality *q); /* a zeroed one is fine */

void section_quality(struct page *p, const struct quality *q);

#endif
