/* votes.h - what the cells of a cluster were called, and what that makes the cluster.
 *
 * CellTypist's majority vote: the label most cells of a cluster have, the first in byte order on
 * ties. Votes may be weighted.
 *
 *	struct votes *v = votes_new(n_clusters, n_labels);
 *	for each cell:
 *		votes_add(v, cluster, label, 1, confidence);
 *	votes_count(v, rank_of_label, min_share);
 *	v->clusters[c].winner ...
 *	votes_free(v);
 */
#ifndef CALLS_VOTES_H
#define CALLS_VOTES_H

#include "base/mem.h"

#define VOTES_NONE UINT32_MAX

struct cluster_vote {
	size_t n_cells;
	double weight;   /* of all its cells */
	uint32_t winner; /* label, or VOTES_NONE when no label has the share asked for */
	uint32_t leader; /* the label with the most weight, whatever its share */
	uint32_t second; /* the next, or VOTES_NONE */
	double leader_share;
	double entropy; /* of the shares, in nats */
};

/* One label in one cluster. */
struct vote_tally {
	uint32_t label;
	size_t n_cells;
	double weight, confidence; /* sums over its cells */
};

/* Of a cluster with many labels: where each stands in its list, by hash; 'n' is 0 where it has few. */
struct vote_places {
	uint32_t *at; /* place in the list, plus 1; 0: free */
	size_t n;
};

struct votes {
	size_t n_clusters, n_labels;
	struct cluster_vote *clusters;
	struct vote_tally *
		*tallies; /* per cluster: its labels, by falling weight after votes_count */
	size_t *n_tallies, *cap_tallies;
	struct vote_places *places; /* per cluster */
};

struct votes *votes_new(size_t n_clusters, size_t n_labels);
void votes_add(struct votes *v, uint32_t cluster, uint32_t label, double weight, double confidence);

/* Decide. 'rank' orders labels with equal weight: the label with the smaller rank is first. */
void votes_count(struct votes *v, const uint32_t *rank, double min_share);

/*
 * Does a cell of this label keep it against its cluster's leader? A minority is kept when it is
 * at least 'share' of the cluster's weight and its mean confidence is at least the leader's.
 */
bool votes_keep_rare(const struct votes *v, uint32_t cluster, uint32_t label, double share);

void votes_free(struct votes *v);

#endif
