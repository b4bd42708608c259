/* novelty.h - how strange a cell is to a model, by two signals.
 *
 * A decision says which class is nearest, not that any is near. Two things tell cells of no class:
 *	energy     -log sum exp of the decisions: no class claims the cell
 *	distance   mean cosine distance to the 15 nearest landmarks, training cells in the space of
 *	           the leading factors
 * Cosine, since depth and batch stretch a cell's place more than they turn it. Where a file lacks
 * genes, landmarks too are seen through those it has, and how far they are from one another is
 * measured anew.
 *
 * Each is given as the share p of the training cells that are at least as strange: held-out ones
 * for the energy, the other landmarks for the distance. All classes are one: from study to study
 * classes shift unequally, and shares within the class called told the unseen worse. Beyond the
 * strangest of them the tail is taken to fall on as it does, so that the stranger of two strange
 * cells still has the smaller p.
 *	novelty = -log10 of the chance of -log p_distance - log p_score / 2 being as large
 *
 * Few counts make any cell strange: at 256 counts training cells themselves, thinned, can be as far
 * as the limit. What that makes is known by depth (model/depth_needs.h) and taken off the novelty,
 * never below 0. Where a file lacks genes, a cell's counts are taken to be the share of all that the
 * present genes have in training.
 *
 * From where on a cell is none of the classes depends on how many cells speak: of n landmarks none
 * has a share much below 1/n. The limit is 0.8 log10(n), and at least 1, chosen on cross-study
 * tasks. What novelty held-out cells would have if their class were not known was tried as well: it
 * found more of the unseen, but where labels are fine it is no measure, and belonging cells were lost.
 *
 *	struct novelty *n = novelty_new(model, present);
 *	... score with n->axes beside the coefficients (model/predict/scorer.h) ...
 *	struct strangeness s = novelty_judge(n, place, decisions, counts);
 *	novelty_free(n);
 *
 * Each cell is judged by itself: the same bytes for any block, shard or number of threads.
 */
#ifndef TRUST_NOVELTY_H
#define TRUST_NOVELTY_H

#include "model/model.h"

#define NOVELTY_NEAREST 15

struct novelty {
	const struct model *model; /* borrowed: outlives this */
	size_t n_axes;
	double *axes;     /* n_axes x genes of the model: weights of a cell's place */
	float *places;    /* per tile of landmarks, axis by axis; of length 1 */
	float *distances; /* of the landmarks from one another, rising */
	double share;     /* of a training cell's counts, those of genes that are present */
};

struct strangeness {
	double p_score, p_distance; /* (0, 1] */
	double novelty;             /* 0 and up */
};

/* The model has factors and landmarks. 'present' is per gene of the model. */
struct novelty *novelty_new(const struct model *m, const bool *present);
void novelty_free(struct novelty *n); /* NULL is fine */

/* 'counts' are the cell's, of genes of the model; 0 when they are not known. */
struct strangeness novelty_judge(const struct novelty *n, const double *place,
				 const double *decisions, double counts);

/* ---- what training measures with ---- */

double novelty_energy(const double *decisions, size_t n_classes);

/* The mean distance to the nearest landmarks; number 'skipped' is passed over (SIZE_MAX: none). */
double novelty_distance(const struct novelty *n, const double *place, size_t skipped);

/* Weights of standardised genes that place a cell: n_axes x genes. The caller frees. */
double *novelty_axes(const struct model_factors *f, size_t n_genes, const bool *present,
		     size_t n_axes);

double novelty_limit(size_t n_landmarks);

/* Keep quantiles of held-out cells' energies, which are sorted. */
void novelty_learn(struct model_landmarks *l, double *energies, size_t n_cells);

#endif
