/* novelty.h - how strange a cell is to a model, by two signals.
 *
 * A decision says which class is nearest, not that any is near. Two things tell cells of no class:
 *	energy     -log sum exp of the decisions: no class claims the cell
 *	distance   mean cosine distance to the 15 nearest landmarks, training cells placed by the
 *	           posterior means of the leading factors (trust/missing.h)
 * Cosine, since depth and batch stretch a cell's place more than they turn it. Where a file lacks
 * genes, landmarks too are seen through those it has. Both are given as shares p of the held-out
 * training cells called alike that are at least as strange; classes with few lean on all cells.
 *	novelty = -log10 of Fisher's combination of the two
 *
 *	struct novelty *n = novelty_new(model, present, err);
 *	... score with n->axes beside the coefficients (model/predict/scorer.h) ...
 *	struct strangeness s = novelty_judge(n, place, decisions, called);
 *	novelty_free(n);
 *
 * Each cell is judged by itself: the same bytes for any block, shard or number of threads.
 */
#ifndef TRUST_NOVELTY_H
#define TRUST_NOVELTY_H

#include "base/err.h"
#include "model/model.h"

#define NOVELTY_NEAREST 15

struct novelty {
	const struct model *model; /* borrowed: outlives this */
	size_t n_axes;
	double *axes;  /* n_axes x genes of the model: weights of a cell's place */
	float *places; /* per tile of landmarks, axis by axis; of length 1 */
};

struct strangeness {
	double p_score, p_distance; /* (0, 1] */
	double novelty;             /* 0 and up */
};

/* The model has factors and landmarks. NULL when its factors make no sense. */
struct novelty *novelty_new(const struct model *m, const bool *present, struct err *err);
void novelty_free(struct novelty *n); /* NULL is fine */

struct strangeness novelty_judge(const struct novelty *n, const double *place,
				 const double *decisions, size_t called);

/* ---- what training measures with ---- */

double novelty_energy(const double *decisions, size_t n_classes);

/*
 * The mean distance to the nearest of the landmarks, of which those with skip[i] == skipped are
 * passed over; 'skip' may be NULL.
 */
double novelty_distance(const struct novelty *n, const double *place, const uint16_t *skip,
			uint16_t skipped);

/*
 * Fill distances, energies and counts of the landmarks from held-out cells: what each was called,
 * how far and how strange it was.
 */
struct held_out_cells {
	size_t n;
	const uint32_t *called;
	const double *distances, *energies;
};
void novelty_learn(struct model_landmarks *l, size_t n_classes, const struct held_out_cells *cells);

#endif
