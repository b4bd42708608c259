/* doubts.c - see doubts.h. */
#include "base/util.h"

#include <math.h>

#include "calls/doubts.h"

const char *const doubt_names[N_DOUBTS] = {"EMPTY", "DEPTH", "COVER", "FAR", "SPLIT", "LOW", "TIE"};

static bool is_low(const struct calls *cell, const struct doubt_rules *r)
{
	if (!isnan(cell->probability))
		return cell->probability < r->min_probability;
	return !(cell->confidence >= r->min_confidence); /* no confidence at all is low too */
}

/*
 * The calibrated probability knows of depth, so a call that it bears out is no guess; of fewer counts
 * than these it is as good as what it says, no better. Of one study's cells thinned to 300 counts, by
 * another's model, 72 % keep their label so, 96 % of them rightly, and 84 and 91 the other way round
 * (without it 14 and 100, 56 and 95).
 */
#define SURE_THOUGH_SHALLOW 0.6
#define SHALLOWEST_SURE 32

static bool is_shallow(const struct calls *cell)
{
	return cell->confidence < cell->needed &&
	       !(cell->probability >= SURE_THOUGH_SHALLOW && cell->n_counts >= SHALLOWEST_SURE);
}

/*
 * Chosen on six tasks, most from one study to another: of cells that belong 5 % are Unknown, of
 * unseen types 64 % are found; cell by cell it is 5 and 45.
 */
#define OF_LIMIT 0.75
#define LEAD 1.0

/*
 * Where vote has said how strange clusters are, they are judged: one beyond the limit is far, and one
 * that nears it when it is ten times as strange as cells of its label mostly are.
 */
static bool is_far(const struct calls *cell, const struct doubt_rules *r)
{
	double limit = r->max_novelty;

	if (isnan(limit))
		limit = isnan(cell->novelty_limit) ? NOVELTY_LIMIT : cell->novelty_limit;
	if (limit <= 0)
		return false;
	if (!r->by_clusters || isnan(cell->novelty_voted) || isnan(cell->novelty_usual))
		return cell->novelty > limit;
	return cell->novelty_voted > limit || (cell->novelty_voted > OF_LIMIT * limit &&
					       cell->novelty_voted > cell->novelty_usual + LEAD);
}

size_t doubts_of(const struct calls *cell, const struct doubt_rules *r, bool spoke[N_DOUBTS])
{
	bool empty = cell->n_counts <= 0;
	const bool says[N_DOUBTS] = {
		empty,
		r->depth && !empty && is_shallow(cell),
		cell->explained<r->min_explained, is_far(cell, r), r->max_disagreement> 0 &&
			cell->disagreement > r->max_disagreement,
		is_low(cell, r),
		r->min_margin > 0 && !(cell->margin >= r->min_margin),
	};
	size_t first = N_DOUBTS;

	for (size_t i = N_DOUBTS; i-- > 0;) {
		spoke[i] = says[i];
		first = says[i] ? i : first;
	}
	return first;
}
