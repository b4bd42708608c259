/* training_news.h - what a training tells as it goes on, and who listens.
 *
 * Everything that is worth a line, from the first look at the cells down to a single pass of the
 * solver, comes to one function:
 *
 *	static void hear(void *whom, const struct training_news *news)
 *	{
 *		if (news->event == TRAINING_PASS)
 *			say("pass %zu: loss %g", news->pass, news->loss);
 *	}
 *	struct listener listener = {.hear = hear, .whom = &run};
 *
 * It is called by the thread that trains, never by two at once. A listener without 'hear' hears
 * nothing. News and what they point to are the teller's, and good for the length of the call.
 */
#ifndef TRAIN_SOLVER_TRAINING_NEWS_H
#define TRAIN_SOLVER_TRAINING_NEWS_H

#include "base/util.h"

enum training_event {
	TRAINING_COHORT,  /* who is trained on is known, but not yet read */
	TRAINING_GENES,   /* and which genes; reading begins */
	TRAINING_CELLS,   /* so many are read: n_cells */
	TRAINING_READ,    /* the cells are packed */
	TRAINING_TRIAL,   /* a penalty was tried: C, tally, n_folds */
	TRAINING_PENALTY, /* and one chosen */
	TRAINING_FOLDS,   /* cross-validated */
	TRAINING_STEP,    /* something begins: what, n_cells, n_genes */
	TRAINING_PASS,    /* of the solver over all cells: pass, n_left, loss, gradient */
	TRAINING_EPOCH,   /* of descent: pass, n_left, loss */
	TRAINING_FITTED,
	TRAINING_HELD, /* judged on the cells held out */
};

struct tally;

/* The fields that are not of the event are 0. */
struct training_news {
	enum training_event event;
	const char *what;
	size_t n_cells, n_genes;
	size_t pass;           /* counted from 1 */
	size_t n_left;         /* classes above the tolerance */
	double loss, gradient; /* mean loss, summed over classes; the largest entry */
	double C;
	const struct tally *tally; /* what C reached out of fold */
	size_t n_folds;            /* of how many folds that is */
};

struct listener {
	void (*hear)(void *whom, const struct training_news *news);
	void *whom;
};

static inline void listener_tell(const struct listener *l, struct training_news news)
{
	if (l->hear)
		l->hear(l->whom, &news);
}

#endif
