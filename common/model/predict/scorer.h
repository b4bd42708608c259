/* scorer.h - a model applied to blocks of cells: the hot loop of prediction.
 *
 * CellTypist scores min((x - mean) / scale, clip) of every gene. A value that is not stored gives
 * one constant per gene, z0 = min(-mean / scale, clip); so
 *	score = (intercept + W z0) + sum over stored values of W[gene] * (min(z, clip) - z0)
 * exactly, and only stored values of genes that the model has cost work. Sums run over the genes
 * that model and file share, in the order of the file's genes, in double precision: the same bytes
 * for any number of threads and any cut into blocks.
 *
 *	struct scorer *s = scorer_new(model, NULL, input->genes, input->n_genes);
 *	double *scores = scorer_run(s, block, pool);      // n_cells x n_classes, borrowed
 *	scorer_link(s, scores + cell * n_classes, p);     // one cell's probabilities
 *	scorer_free(s);
 */
#ifndef MODEL_PREDICT_SCORER_H
#define MODEL_PREDICT_SCORER_H

#include "base/pool.h"
#include "base/text.h"
#include "matrix/cells.h"
#include "model/model.h"

struct scorer;

/* How much of a model a file's genes cover. */
struct coverage {
	size_t n_present, n_genes; /* genes of the model that the file has; of all */
	double genes;              /* their share */
	double weight;             /* their share of the sum of |coef| over all classes */
	double explained; /* share of what the classes' scores vary by in training that the present
			   * genes tell, the mean of the classes; NaN without factors */
	double least;     /* and of the class of which they tell least */
	size_t least_class;
	const char *repeated; /* a gene of the file, borrowed, that the model has twice: its
			       * scores cannot be trusted; NULL when there is none */
};

/* What may take the place of a model's own weights, and what may be summed beside them. */
struct scorer_rows {
	const double *coef; /* rows x genes as the model's; NULL: the model's */
	const double *axes; /* n_axes x genes: more weights of standardised values, or NULL */
	size_t n_axes;
};

/*
 * Match a model with a file's genes, distinct names. All is borrowed during the call only. 'rows'
 * may be NULL.
 */
struct scorer *scorer_new(const struct model *m, const struct scorer_rows *rows, char *const *genes,
			  size_t n_genes);
void scorer_free(struct scorer *s); /* NULL is fine */

struct coverage scorer_coverage(const struct scorer *s);

/* Per gene of the file: UINT32_MAX when the model lacks it. Borrowed. */
const uint32_t *scorer_known(const struct scorer *s);

/*
 * The scores of a block's cells, cell by cell, all classes of the model (two for a binary model:
 * the negative first). They belong to the scorer, until the next run.
 */
double *scorer_run(struct scorer *s, const struct cells *block, struct pool *pool);

/* The sums along the axes of the last run's cells: n_cells x n_axes, borrowed as the scores. */
const double *scorer_axes(const struct scorer *s);

/* Turn one cell's scores into probabilities by the model's link. In place is fine. */
void scorer_link(const struct scorer *s, const double *scores, double *probabilities);

/* What a cell's scores say. */
struct call {
	size_t best, second; /* classes by score; of equals the first */
	double confidence;   /* probability of the best */
	double margin;       /* less the probability of the second */
	double entropy;      /* of the probabilities scaled to sum 1, in nats */
};
struct call scorer_call(const double *scores, const double *probabilities, size_t n_classes);

#endif
