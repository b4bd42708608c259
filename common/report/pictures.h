/* pictures.h - a query's cells in the plane, each way that its files allow, read in one go.
 *
 * Where they are alike (an embedding), over the atlas that they were mapped onto, where they lie in
 * their tissue, and the tissue's domains.
 *
 *	struct pictures p;
 *	struct picture_files files = {.h5ad = "blood.h5ad", .batch = "donor"};
 *	if (pictures_read(&p, query, &files, &err))     // reads the query's table, too
 *		die_err(&err);
 *	section_pictures(page, query, &p);
 *	pictures_release(&p);
 *
 * A file that is not given, or has no such coordinates, leaves its picture out. Every file must have the
 * table's cells in the table's order. What grows with the cells is gone after pictures_read.
 */
#ifndef REPORT_PICTURES_H
#define REPORT_PICTURES_H

#include "report/page.h"
#include "report/query_summary.h"
#include "report/scatter.h"

struct picture_files {
	const char *h5ad, *mapped, *domains; /* domains: cell, cluster; needs the h5ad */
	const char *batch;                   /* a column of the h5ad's obs */
	const struct scatter_ground *ground; /* of 'mapped' */
	size_t side;                         /* pixels; 0: as on a page */
};

struct pictures {
	struct scatter *own, *mapped, *space, *domains;
	struct query_summary *of_domains;
};

/* Read the query's table, drawing its cells as they come. Release in any case. */
int pictures_read(struct pictures *p, struct query_summary *q, const struct picture_files *files,
		  struct err *err) MUST_USE;
void pictures_release(struct pictures *p);

void section_pictures(struct page *p, const struct query_summary *q, const struct pictures *all);

#endif
