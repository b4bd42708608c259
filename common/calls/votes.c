/* votes.c - see votes.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "calls/votes.h"

enum { SHORT_LIST = 64 };

struct votes *votes_new(size_t n_clusters, size_t n_labels)
{
	struct votes *v = mem_zero(1, sizeof(*v));

	v->n_clusters = n_clusters;
	v->n_labels = n_labels;
	MEM_ZERO(v->clusters, n_clusters);
	MEM_ZERO(v->tallies, n_clusters);
	MEM_ZERO(v->n_tallies, n_clusters);
	MEM_ZERO(v->cap_tallies, n_clusters);
	MEM_ZERO(v->places, n_clusters);
	return v;
}

void votes_free(struct votes *v)
{
	if (!v)
		return;
	for (size_t c = 0; c < v->n_clusters; c++) {
		free(v->tallies[c]);
		free(v->places[c].at);
	}
	free(v->places);
	free(v->clusters);
	free(v->tallies);
	free(v->n_tallies);
	free(v->cap_tallies);
	free(v);
}

/* Where the long list of a cluster has a label, or the free place for it. */
static uint32_t *place_of(const struct votes *v, uint32_t cluster, uint32_t label)
{
	const struct vote_places *p = &v->places[cluster];
	size_t mask = p->n - 1, i = (size_t)mix64(label) & mask;

	while (p->at[i] && v->tallies[cluster][p->at[i] - 1].label != label)
		i = (i + 1) & mask;
	return &p->at[i];
}

/* Make 'n' places, a power of two, and put the labels there are into them. */
static void make_places(struct votes *v, uint32_t cluster, size_t n)
{
	struct vote_places *p = &v->places[cluster];

	free(p->at);
	p->n = n;
	MEM_ZERO(p->at, n);
	for (size_t i = 0; i < v->n_tallies[cluster]; i++)
		*place_of(v, cluster, v->tallies[cluster][i].label) = (uint32_t)i + 1;
}

/* The place of a label in its cluster's list, or the list's length. */
static size_t find(const struct votes *v, uint32_t cluster, uint32_t label)
{
	const struct vote_tally *list = v->tallies[cluster];
	size_t n = v->n_tallies[cluster], i = 0;

	if (v->places[cluster].n) {
		uint32_t at = *place_of(v, cluster, label);

		return at ? at - 1 : n;
	}
	while (i < n && list[i].label != label)
		i++;
	return i;
}

/*
 * A cluster holds few labels: a short list, the last one found moved forward, beats a table. One of
 * many has its places in a table, and nothing is moved.
 */
static struct vote_tally *find_or_add(struct votes *v, uint32_t cluster, uint32_t label)
{
	struct vote_tally *list = v->tallies[cluster];
	size_t n = v->n_tallies[cluster], i = find(v, cluster, label);

	if (i == n) {
		list = MEM_GROW(v->tallies[cluster], n + 1, v->cap_tallies[cluster]);
		list[v->n_tallies[cluster]++] = (struct vote_tally){.label = label};
		if (n + 1 > (v->places[cluster].n ? v->places[cluster].n / 2 : SHORT_LIST))
			make_places(v, cluster,
				    MAX(v->places[cluster].n * 2, (size_t)SHORT_LIST * 4));
		else if (v->places[cluster].n)
			*place_of(v, cluster, label) = (uint32_t)n + 1;
	} else if (i > 0 && !v->places[cluster].n) {
		struct vote_tally swap = list[i];

		list[i] = list[i - 1];
		list[--i] = swap;
	}
	return &list[i];
}

void votes_add(struct votes *v, uint32_t cluster, uint32_t label, double weight, double confidence)
{
	struct vote_tally *t = find_or_add(v, cluster, label);

	t->n_cells++;
	t->weight += weight;
	t->confidence += confidence;
	v->clusters[cluster].n_cells++;
	v->clusters[cluster].weight += weight;
}

static int compare(const void *a, const void *b, void *rank)
{
	const struct vote_tally *x = a, *y = b;
	const uint32_t *order = rank;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return order[x->label] < order[y->label] ? -1 : order[x->label] > order[y->label];
}

static double entropy(const struct vote_tally *list, size_t n, double all)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (list[i].weight > 0)
			sum -= list[i].weight / all * log(list[i].weight / all);
	return sum > 0 ? sum : 0;
}

void votes_count(struct votes *v, const uint32_t *rank, double min_share)
{
	for (size_t c = 0; c < v->n_clusters; c++) {
		struct cluster_vote *cluster = &v->clusters[c];
		struct vote_tally *list = v->tallies[c];
		size_t n = v->n_tallies[c];

		cluster->winner = cluster->leader = cluster->second = VOTES_NONE;
		if (n == 0)
			continue;
		qsort_r(list, n, sizeof(*list), compare, (void *)rank);
		if (v->places[c].n)
			make_places(v, (uint32_t)c, v->places[c].n);
		cluster->leader = list[0].label;
		cluster->second = n > 1 ? list[1].label : VOTES_NONE;
		cluster->leader_share = cluster->weight > 0 ? list[0].weight / cluster->weight : 0;
		cluster->entropy = entropy(list, n, cluster->weight);
		if (cluster->leader_share >= min_share)
			cluster->winner = cluster->leader;
	}
}

/* The tally of a label in a cluster, or NULL. */
static const struct vote_tally *votes_tally(const struct votes *v, uint32_t cluster, uint32_t label)
{
	size_t i = find(v, cluster, label);

	return i < v->n_tallies[cluster] ? &v->tallies[cluster][i] : NULL;
}

bool votes_keep_rare(const struct votes *v, uint32_t cluster, uint32_t label, double share)
{
	const struct cluster_vote *c = &v->clusters[cluster];
	const struct vote_tally *leader = &v->tallies[cluster][0];
	const struct vote_tally *mine = votes_tally(v, cluster, label);

	if (!mine || label == c->leader || mine->weight < share * c->weight)
		return false;
	return mine->confidence / (double)mine->n_cells >=
	       leader->confidence / (double)leader->n_cells;
}
