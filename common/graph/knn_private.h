/* knn_private.h - what the two searches of knn.h share, for their files alone.
 *
 * A search answers for some cells or all of them, a part of so many at a time: exactly
 * (knn_exact.c), or among the groups whose centres are near (knn_groups.c). Both let panels show
 * what is far away, in single precision, and measure what is left again in double (knn_party.c):
 * neighbours, groups and all that follows are the same bytes on every processor.
 */
#ifndef GRAPH_KNN_PRIVATE_H
#define GRAPH_KNN_PRIVATE_H

#include "graph/knn.h"
#include "graph/panels.h"
#include "graph/shortlist.h"

#define QUERIES_PER_PART ((size_t)192)
#define QUERIES_PER_VISIT ((size_t)768) /* of a part that looks into groups: enough visit each */

/* Coordinates in single or in double precision. */
struct points {
	const float *at;       /* n x dims; or NULL: */
	const double *precise; /* n x dims */
	size_t n, dims;
	double scale; /* makes them 1 or less, a power of two; the same for all that are compared */
};

/* ---- a party: some queries and what each has found ---- */

struct party_found {
	double distance; /* squared, of the coordinates as given */
	struct shortlisted one;
};

struct party {
	const struct points *asking, *among;
	size_t n, k, *cells; /* of 'asking' */
	float *packed;       /* n x (dims + 1) */
	double *lengths;
	struct shortlist *lists;
	struct shortlisted *room;
	float *scratch;
	struct party_found *ranked;
	struct abreast six;
};

/* The power of two that 'scale' has to be for both; 'other' may be NULL. */
double points_scale(const struct points *p, const struct points *other);
void points_row(const struct points *p, size_t i, double *scaled);
struct panels points_panels(const struct points *p); /* all of them, in order */

/* 'n' queries that look for k points of 'among'; each is then named by party_put. */
struct party party_new(const struct points *asking, const struct points *among, size_t n, size_t k);
void party_put(struct party *p, size_t query, size_t cell);
void party_release(struct party *p);

/* Up to six of the queries, compared with panels 'from' to before 'to', of points of 'among'. */
void party_search(struct party *p, const uint32_t *who, size_t n_who, const struct panels *panels,
		  size_t from, size_t to);

/* What a query has found, nearest first, in p->ranked; returns how many, k at least if there are. */
size_t party_rank(struct party *p, size_t query);

/* ---- searches ---- */

/* Points by the centre they are nearest to. */
struct groups {
	size_t n;
	double *at;            /* centres, n x dims */
	struct points centres; /* the same */
	struct panels centre_panels;
	size_t *starts; /* members of group g: members[starts[g]..starts[g + 1]) */
	uint32_t *members;
	struct panels panels; /* the members' */
	size_t *panel_starts; /* of group g: panels panel_starts[g]..panel_starts[g + 1] */
};

struct knn_search {
	const struct points *points;
	const struct points *asking; /* whose neighbours; 'points' itself for knn_find */
	const struct panels *panels; /* of the points */
	struct knn *knn;
	double *precise;         /* where knn_cross wants its distances; else NULL */
	const uint32_t *queries; /* of 'asking' those to look for, NULL for all */
	size_t n_queries;
	double wanted_recall;        /* when the groups are chosen */
	const struct groups *groups; /* NULL: exact */
	size_t n_probes;
};

static inline size_t n_parts(size_t n_queries, size_t per_part)
{
	return (n_queries + per_part - 1) / per_part;
}

/* Among themselves the points leave each its own first neighbour. */
static inline bool searches_itself(const struct knn_search *s)
{
	return s->asking == s->points;
}

struct knn *knn_new(size_t n_cells, size_t k);

/* What a party's query found, as row 'row' of the answer. */
void search_settle(const struct knn_search *s, struct party *p, size_t query, size_t row);

/* All queries; afterwards the panels may go. */
void search_exactly(const struct knn_search *s, struct pool *pool);
void search_groups(const struct knn_search *s, struct pool *pool);

struct groups groups_of(const struct points *p, struct pool *pool);
void groups_release(struct groups *g);

/* How many groups to search, tried out on a sample; 'recall' is what was found of its neighbours.
 */
size_t groups_choose_probes(const struct knn_search *s, struct pool *pool, double *recall);

#endif
