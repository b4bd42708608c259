/* lanes.h - classes side by side.
 *
 * Every one-vs-rest problem sees the same cells, so one walk over them serves all classes: the
 * coefficients of a gene are one row with a lane per class, as wide as a few vector registers.
 * More classes than one row holds are cut into bands, each with rows of its own width.
 *
 * A lane matrix of R rows is one array of R * lanes.n numbers: band after band, and within a
 * band row after row, so row r of band b begins at R * start[b] + r * width[b]. Lanes at the end
 * of the last band may be empty; what they hold is harmless and never read.
 *
 *	struct lanes l = lanes_for(classes, n, n_classes);
 *	double *coef = mem_vectors(mem_product(n_genes, l.n), sizeof(*coef));
 *	coef[lanes_at(&l, n_genes, gene, l.lane_of[class])] = 0.5;
 *	lanes_release(&l);
 */
#ifndef TRAIN_SOLVER_LANES_H
#define TRAIN_SOLVER_LANES_H

#include "base/mem.h"

#define LANE_STEP 16 /* widths are multiples of it: one vector of 64 bytes of floats */
#define BAND_MAX 64  /* lanes of the widest band */
#define LANE_NONE UINT32_MAX

struct lanes {
	size_t n;         /* lanes in all bands, empty ones included */
	size_t n_used;    /* lanes with a class: the first ones */
	size_t n_classes; /* of the whole problem, those without a lane included */
	size_t n_bands;
	size_t *start;      /* per band: its first lane */
	size_t *width;      /* per band */
	uint32_t *class_of; /* per lane: its class, or LANE_NONE */
	uint32_t *lane_of;  /* per class: its lane, or LANE_NONE */
};

/* Lanes for the classes listed, in that order. Release with lanes_release. */
struct lanes lanes_for(const uint32_t *classes, size_t n, size_t n_classes);
void lanes_release(struct lanes *lanes);

/* How many lanes 'n' classes take up: what decides whether dropping some of them pays. */
size_t lanes_needed(size_t n);

/* The band that holds a lane. */
size_t lanes_band(const struct lanes *lanes, size_t lane);

/* Where number (row, lane) of a lane matrix of 'rows' rows lies. */
static inline size_t lanes_at(const struct lanes *lanes, size_t rows, size_t row, size_t lane)
{
	size_t band = lanes_band(lanes, lane);

	return rows * lanes->start[band] + row * lanes->width[band] + lane - lanes->start[band];
}

/* Copy the lanes that 'to' and 'from' share of a matrix whose numbers take 'size' bytes. */
void lanes_copy(void *to_matrix, const struct lanes *to, const void *from_matrix,
		const struct lanes *from, size_t rows, size_t size);

#endif
