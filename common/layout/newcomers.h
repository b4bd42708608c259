/* newcomers.h - new cells put into a layout that is there, by their neighbours in it.
 *
 * A cell stands where its neighbours stand, each counting by how near it is compared with the
 * nearest; the layout itself does not move, and no new cell depends on another.
 *
 *	float *at = newcomers_place(found, layout);        // graph/knn_cross.h of the reference's cells
 *
 * A cell whose neighbours stand in two places comes between them: how far its neighbours are from
 * it says whether to believe its place, not the picture.
 */
#ifndef LAYOUT_NEWCOMERS_H
#define LAYOUT_NEWCOMERS_H

#include "graph/knn_cross.h"

/* 'layout' is x and y of every cell that 'found' may name. n_queries x 2; the caller frees. */
float *newcomers_place(const struct knn_cross *found, const double *layout);

#endif
