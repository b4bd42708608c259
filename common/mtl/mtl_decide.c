/* mtl_decide.c - one path from probabilities; see mtl_decide.h. */
#include "base/util.h"

#include <math.h>

#include "mtl/mtl_decide.h"

/* The largest of values[from..to), the first of equals; MTL_NONE when there is none above 0. */
static uint32_t largest(const float *values, size_t from, size_t to)
{
	uint32_t best = MTL_NONE;

	for (size_t i = from; i < to; i++)
		if (values[i] > 0 && (best == MTL_NONE || values[i] > values[best]))
			best = (uint32_t)i;
	return best;
}

static uint32_t runner_up(const float *p, size_t n, uint32_t but)
{
	uint32_t best = MTL_NONE;

	for (size_t i = 0; i < n; i++)
		if (i != but && (best == MTL_NONE || p[i] > p[best]))
			best = (uint32_t)i;
	return best;
}

/* The likeliest child, or, where all are 0, the first. */
static uint32_t likeliest(const float *p, const struct mtl_level *l, uint32_t parent)
{
	size_t from = l->starts[parent], to = l->starts[parent + 1];
	uint32_t best = largest(p, from, to);

	return best != MTL_NONE ? best : from < to ? (uint32_t)from : MTL_NONE;
}

static void decide_level(const struct mtl_level *l, const float *p, const float *votes,
			 const struct mtl_rules *rules, const struct mtl_call *above,
			 struct mtl_call *c)
{
	uint32_t raw_parent = above ? above->raw : 0, parent = above ? above->node : 0;

	*c = (struct mtl_call){MTL_NONE, MTL_NONE, MTL_NONE, MTL_NONE, 0,
			       0,        NAN,      false,    false,    above && above->unknown};
	if (raw_parent != MTL_NONE)
		c->raw = likeliest(p, l, raw_parent);
	if (c->raw != MTL_NONE) {
		c->second = runner_up(p, l->labels.n, c->raw);
		c->confidence = (double)p[c->raw];
		c->margin = c->confidence - (c->second != MTL_NONE ? (double)p[c->second] : 0);
	}
	if (parent == MTL_NONE)
		return;
	c->node = parent == raw_parent ? c->raw : likeliest(p, l, parent);
	if (c->node == MTL_NONE)
		return;
	c->low = c->confidence < rules->high || c->margin < rules->margin;
	if (votes)
		c->voted = largest(votes, l->starts[parent], l->starts[parent + 1]);
	if (c->voted != MTL_NONE)
		c->share = (double)votes[c->voted];
	c->used_votes = c->voted != MTL_NONE &&
			(rules->knn == KNN_ALL || (rules->knn == KNN_LOW_ONLY && c->low));
	if (c->used_votes)
		c->node = c->voted;
	c->unknown |= (double)p[c->node] < rules->unknown && !c->used_votes;
	c->unknown |= c->used_votes && c->low && c->share < rules->share;
}

void mtl_decide(const struct mtl *m, const float *const *p, const float *const *votes,
		const struct mtl_rules *rules, struct mtl_call *calls)
{
	for (size_t k = 0; k < m->levels.n; k++)
		decide_level(&m->levels.level[k], p[k], votes ? votes[k] : NULL, rules,
			     k ? &calls[k - 1] : NULL, &calls[k]);
}
