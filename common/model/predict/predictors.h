/* predictors.h - several models' calls from one pass over the cells.
 *
 *	struct predictors p;
 *	predictors_init(&p, n_models);
 *	p.list[0] = predictor_new(...);                 // one that stays NULL has no part
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
#include "model/predict/predict.h"

struct predictors {
	struct predictor **list; /* owned */
	size_t n;
};

void predictors_init(struct predictors *p, size_t n);

/* All cells of 'input' through all predictors, whose outputs are open. */
int predictors_run(struct predictors *p, struct input *input, struct pool *pool,
		   struct err *err) MUST_USE;
void predictors_release(struct predictors *p);

#endif
