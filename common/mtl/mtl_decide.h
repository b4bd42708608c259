/* mtl_decide.h - from probabilities of nodes to one path, and how sure it is.
 *
 * The path goes down: at each level the likeliest child of the node above, so that levels never
 * contradict. A level is low where its probability or its lead over the level's next node is; it is
 * Unknown where its probability is below a floor, or anything above it is Unknown. Votes of
 * neighbours (mtl_votes.h), when asked for, choose among the same children instead.
 *
 *	struct mtl_rules rules = MTL_RULES;
 *	mtl_decide(m, p, votes, &rules, calls);         // calls[level]
 *
 * Where a node has no children the path ends: 'node' is MTL_NONE there and further on.
 */
#ifndef MTL_MTL_DECIDE_H
#define MTL_MTL_DECIDE_H

#include "mtl/mtl_model.h"

enum mtl_knn { KNN_OFF, KNN_LOW_ONLY, KNN_ALL };

struct mtl_rules {
	double unknown, high, margin, share; /* .4, .7, .2, .6: atlasmtl's */
	enum mtl_knn knn;
};

#define MTL_RULES                                                        \
	{                                                                \
		.unknown = 0.4, .high = 0.7, .margin = 0.2, .share = 0.6 \
	}

struct mtl_call {
	uint32_t node, raw, voted; /* the answer, the model's own, the votes'; or MTL_NONE */
	uint32_t second;           /* the level's likeliest node but 'raw'; or MTL_NONE */
	double confidence, margin; /* of 'raw' */
	double share;              /* of the votes for 'voted'; NAN without */
	bool low, used_votes, unknown;
};

/*
 * One cell. 'p': per level, its nodes' probabilities. 'votes': per level, shares of the neighbours
 * at its nodes, or NULL.
 */
void mtl_decide(const struct mtl *m, const float *const *p, const float *const *votes,
		const struct mtl_rules *rules, struct mtl_call *calls);

#endif
