/* predict.h - one model's calls for a stream of cells, written as they come.
 *
 *	struct predictor *p = predictor_new(model, "colon", genes, n_genes, &rules, &err);
 *	struct coverage c = predictor_coverage(p);
 *	predictor_open(p, &options, &err);
 *	while (stream_next(...) > 0)
 *		predictor_add(p, block, names, pool, &err);
 *	predictor_finish(p, &err);                     // now the files appear
 *
 * Several predictors may take the same blocks: one pass over the cells serves all models.
 */
#ifndef MODEL_PREDICT_PREDICT_H
#define MODEL_PREDICT_PREDICT_H

#include "model/predict/scorer.h"
#include "onto/onto.h"

struct predict_options {
	const char *calls;                  /* path, "-" for standard output */
	const char *decision, *probability; /* paths of whole matrices, or NULL */
	const char *evidence;               /* path of a table (evidence.h), or NULL */
	bool by_probability; /* label: every class above the threshold, joined by "|"; or the best
			      */
	double threshold;
	size_t n_cells,
		cell_width; /* of the file; bytes of their longest name, for HDF5 (scores.h) */
	size_t top;         /* columns label_2, confidence_2, ... up to this; 0 or 1 adds none */
};

/* What a model's calls are to be made of and told with; all borrowed. */
struct predictor_rules {
	bool expect; /* with factors: what the genes say that the file lacks is expected from those
		      * it has (trust/missing.h) */
	bool climb; /* a column "above": the terms above the label and how likely they are, the most
		      * specific first, as "0.93 CL:0000084 T cell|0.99 CL:0000542 lymphocyte" (an
		      * id that is not known is "-"); of levels, else of ids, else there is no
		      * column */
	const char *const *levels; /* of the model, from coarse to fine: label_LEVEL, prob_LEVEL */
	size_t n_levels;
	const bool *slim; /* per term: the same of these, as label_slim, prob_slim; or NULL */
	const struct onto *onto; /* needed for slim; without it ids have nothing above */
};

struct predictor;

/*
 * Match a model with a file's genes. 'm' and 'name' are borrowed. NULL when the model's factors
 * make no sense, or it lacks the levels or ids that are asked for.
 */
struct predictor *predictor_new(const struct model *m, const char *name, char *const *genes,
				size_t n_genes, const struct predictor_rules *rules,
				struct err *err) MUST_USE;
struct coverage predictor_coverage(const struct predictor *p);

/*
 * "MODEL: 371 of its 9121 genes (4.1 %) are in FILE, with 12.1 % of its weight; they explain 88.1 %
 * of the scores (least: pDC, 61.0 %)", the last part with factors only.
 */
void predictor_coverage_text(const struct predictor *p, const char *file, struct text *text);

/* Open the outputs. */
int predictor_open(struct predictor *p, const struct predict_options *options,
		   struct err *err) MUST_USE;

/* The next cells and their names, log-normalised, over all the genes given to predictor_new. */
int predictor_add(struct predictor *p, const struct cells *block, char *const *names,
		  struct pool *pool, struct err *err) MUST_USE;

/* Complete the files. predictor_free frees either way; what is not complete does not appear. */
int predictor_finish(struct predictor *p, struct err *err) MUST_USE;
void predictor_free(struct predictor *p); /* NULL is fine */

#endif
