/* sgd.h - stochastic gradient descent, with CellTypist's and scikit-learn's meaning of options.
 *
 * Every class against the rest, log loss, L2 penalty alpha on all coefficients but the intercept,
 * and scikit-learn's "optimal" learning rate 1 / (alpha (t0 + t)). One cell at a time, in an order
 * drawn from the seed, the same for all classes.
 *
 * Plain: epochs over all cells in a drawn order, until the loss of a class has not improved by
 * 'tolerance' per cell in five epochs. Mini-batch: 'epochs' draws of batch_number batches of
 * batch_size cells; without 'balance' an epoch takes no cell twice (all cells once when there are
 * no more than batch_number * batch_size). With 'balance' every draw takes a class first, all
 * equally likely, and then a cell of it. CellTypist weighs its draws but takes no cell twice, so
 * that whenever the batches cover all cells its balancing has no effect; here it always has.
 *
 * Two passes over a cell's standardised values per class and draw; the constant part of the
 * standardised matrix is kept as one number per class, so nothing is made dense. Lanes are
 * independent and shared out over threads, sixteen at a time: the same bytes for any number.
 *
 *	struct sgd_options how = {.alpha = 1e-4, .tolerance = 1e-3, .max_epochs = 1000, .seed = 42};
 *	if (sgd_run(&fit, &design, &scaling, label, &how, pool, &err))
 *		die_err(&err);
 */
#ifndef TRAIN_SOLVER_SGD_H
#define TRAIN_SOLVER_SGD_H

#include "train/solver/fit.h"

struct sgd_options {
	double alpha;
	double tolerance; /* 1e-3 in scikit-learn */
	size_t max_epochs;
	bool mini_batch;
	size_t batch_size, batch_number, epochs;
	bool balance;
	bool balanced_weights; /* cells of a class weigh n / (classes * its cells) in its own
				  problem */
	uint64_t seed;
	struct listener listener; /* hears of every epoch */
};

/* Go on from fit->coef. Objective and gradient are left as they are. */
int sgd_run(struct fit *fit, struct design *design, const struct scaling *scaling,
	    const int32_t *label, const struct sgd_options *options, struct pool *pool,
	    struct err *err) MUST_USE;

#endif
