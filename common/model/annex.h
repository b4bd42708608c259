/* annex.h - what a model knows beside its weights: groups of the container that may be absent.
 *
 * Plain numbers, made by training or lr-model and used by prediction (trust/):
 *	factors      how the genes vary together (trust/missing.h): what a file lacks is expected
 *	             from what it has
 *	calibration  what a decision is worth (trust/calibration.h): probabilities
 *	landmarks    where the training cells lie, and how sure held-out ones are (trust/novelty.h)
 *	levels       coarser names of each class, as its cells had them (trust/lineage.h)
 *
 * A model from before there were annexes, or from CellTypist, has none: each pointer is NULL. The
 * model owns them. Genes and classes are numbered as in the model.
 *
 *	if (m->factors)
 *		loading = m->factors->loadings[gene * m->factors->n + k];
 */
#ifndef MODEL_ANNEX_H
#define MODEL_ANNEX_H

#include "base/mem.h"

/* Standardised values z = loadings * f + e, with independent e of variance 'rest'. */
struct model_factors {
	size_t n;
	float *loadings; /* genes x n */
	float *rest;     /* per gene; > 0 */
};

/* The logits of a cell are slope[c] * decision[c] + offset[c]; softmax makes probabilities. */
struct model_calibration {
	double *slope, *offset; /* per class */
	double n_cells;         /* held-out cells that it was fitted on */
};

/* Training cells and where they lie along the leading factors; energies of held-out cells. */
struct model_landmarks {
	size_t n, n_axes; /* cells, and factors that span the space */
	float *places;    /* n x n_axes: standardised genes times loadings, all genes seen */
	size_t n_quantiles;
	float *energies; /* quantiles, rising */
	double limit;    /* more novelty than that is no class's (trust/novelty.h); 0: not known */
};

/* Columns of coarser labels: the path of every class. */
struct model_levels {
	size_t n;        /* from the coarsest to the finest */
	char **names;    /* of the columns; these strings belong to the model */
	char **of_class; /* classes x n; where a path ends early its last name goes on */
};

struct model_factors *model_factors_new(size_t n_genes, size_t n);
void model_factors_free(struct model_factors *f); /* NULL is fine, here and below */
void model_calibration_free(struct model_calibration *c);
void model_landmarks_free(struct model_landmarks *l);
struct model_levels *model_levels_new(size_t n_classes, size_t n);
void model_levels_free(struct model_levels *l);

#endif
