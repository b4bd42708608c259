/* donors.h - does a marker hold in every donor? Cells of one donor are no replicates.
 *
 * The cheap and honest companion of p: for a group and gene, in how many donors the group's mean is
 * on the same side of the other cells' mean as it is over all cells.
 *
 *	struct donors d;
 *	donors_init(&d, &groups, &donor_of_cells, n_genes);
 *	donors_add(&d, block, pool);                        // every block
 *	donors_finish(&d);
 *	donors_agree(&d, group, gene, above, &agree, &counted);   // "5/6"
 *	donors_release(&d);
 *
 * Counted are donors with DONOR_CELLS cells of the group or more, and some other cell. Memory is
 * 24 bytes for each group, donor and gene.
 */
#ifndef EVIDENCE_DONORS_H
#define EVIDENCE_DONORS_H

#include "evidence/cell_groups.h"
#include "expression/group_moments.h"

#define DONOR_CELLS 10

struct donors {
	size_t n_groups, n_donors;
	uint32_t *of;                 /* per cell: group and donor as one number */
	struct group_moments moments; /* of (groups + 1) x donors */
	double *totals, *cells;       /* donors x genes: sums of values; per donor: cells */
};

void donors_init(struct donors *d, const struct cell_groups *groups,
		 const struct cell_groups *donors, size_t n_genes);
void donors_add(struct donors *d, const struct cells *block, struct pool *pool);
void donors_finish(struct donors *d);
void donors_release(struct donors *d); /* a zeroed one is fine */

/* 'above': is the group's mean over all cells above the others'? */
void donors_agree(const struct donors *d, size_t group, size_t gene, bool above, size_t *agree,
		  size_t *counted);

#endif
