/* predictors.h - several models' calls from one pass over the cells.
 *
 *	struct predictors p;
 *	if (predictors_match(&p, &models, input, &rules, 0.25, &err))
 *		die_err(&err);
 *	...predictor_open(p.list[i], ...)               // one that is NULL has no part
 *	if (predictors_run(&p, input, pool, &err))      // and the files are whole
 *		die_err(&err);
 *	predictors_release(&p);
 *
 * Cells of one name are an error, known when all have gone by: no file appears then. Progress is
 * shown (base/progress.h). Memory: a block of cells, and some bytes a cell for their names.
 */
#ifndef MODEL_PREDICT_PREDICTORS_H
#define MODEL_PREDICT_PREDICTORS_H

#include "expression/expression.h"
#include "model/model_set.h"
#include "model/predict/predict.h"

struct predictors {
	struct predictor **list; /* per model: NULL where the file has too few of its genes */
	struct coverage *coverage;
	char **said; /* of the coverage, as predictor_coverage_text */
	size_t n, n_matched;
};

/*
 * Match each of the models with the file's genes. One has no part when they explain less than
 * 'least' of its scores, or where that is not known, are less than that share of its genes. A gene
 * of the file that a model has twice is refused: which of the two weights is meant is not known;
 * CellTypist stops there, too. On failure 'p' is to be released all the same.
 */
int predictors_match(struct predictors *p, const struct model_set *set, const struct input *input,
		     const struct predictor_rules *rules, double least, struct err *err) MUST_USE;

/* All cells of 'input' through all predictors, whose outputs are open. */
int predictors_run(struct predictors *p, struct input *input, struct pool *pool,
		   struct err *err) MUST_USE;
void predictors_release(struct predictors *p);

#endif
