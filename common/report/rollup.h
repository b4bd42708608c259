/* rollup.h - the cells of a query counted up the ontology, as a tree.
 *
 * Every term above a called one has the cells of all called terms under it. A term with several
 * parents stands under the one with most cells; of equals, under the one that
 * subsets of the ontology name as usual, then the deepest, then the lowest id. Its cells are in the
 * counts of all of them. Terms that only pass on the cells of one other are left out.
 *
 *	section_rollup(page, query, onto);           // onto: where their ids are terms
 */
#ifndef REPORT_ROLLUP_H
#define REPORT_ROLLUP_H

#include "onto/onto.h"
#include "report/page.h"
#include "report/query_summary.h"

/* A section; nothing when no label has an id of the ontology. */
void section_rollup(struct page *p, const struct query_summary *q, const struct onto *onto);

#endif
