/* knn_groups.c - the groups whose centres are near are searched, not all cells. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_private.h"

#define SAMPLE ((size_t)1000) /* cells whose true neighbours measure the recall */

/* ---- search: a part's cells together, group by group ---- */

/* Cell number 'query' of a part looks into a group. */
struct visit {
	uint32_t group, query;
};

/* Cell 'i' of all that are searched: in the order of the groups, so that a part's look into the
 * same ones. */
static size_t cell_of(const struct knn_search *s, size_t i)
{
	if (s->queries)
		return s->queries[i];
	return searches_itself(s) ? s->groups->members[i] : i;
}

/* What each of the party's cells has found among the centres: groups to visit, by group. */
static struct visit *list_visits(struct party *p, size_t n_groups)
{
	struct visit *visits = mem_alloc(mem_product(p->n, p->k), sizeof(*visits));
	uint32_t *groups = mem_alloc(mem_product(p->n, p->k), sizeof(*groups));
	size_t *starts = mem_zero(n_groups + 1, sizeof(*starts));

	for (size_t i = 0; i < p->n; i++) {
		party_rank(p, i);
		for (size_t j = 0; j < p->k; j++) {
			groups[i * p->k + j] = p->ranked[j].one.row;
			starts[p->ranked[j].one.row + 1]++;
		}
	}
	for (size_t g = 0; g < n_groups; g++)
		starts[g + 1] += starts[g];
	for (size_t i = 0; i < p->n * p->k; i++)
		visits[starts[groups[i]]++] = (struct visit){groups[i], (uint32_t)(i / p->k)};
	free(starts);
	free(groups);
	return visits;
}

/* Who visits which groups: those whose centres are nearest. */
static struct visit *plan_visits(const struct knn_search *s, const struct party *cells)
{
	const struct groups *g = s->groups;
	struct party p = party_new(s->asking, &g->centres, cells->n, s->n_probes);
	struct visit *visits;

	for (uint32_t i = 0; i < p.n; i++)
		party_put(&p, i, cells->cells[i]);
	for (uint32_t i = 0; i < p.n; i += ABREAST) {
		const uint32_t who[ABREAST] = {i, i + 1, i + 2, i + 3, i + 4, i + 5};

		party_search(&p, who, MIN(ABREAST, p.n - i), &g->centre_panels, 0,
			     g->centre_panels.n);
	}
	visits = list_visits(&p, g->n);
	party_release(&p);
	return visits;
}

/* One group, with all who visit it. */
static void visit_group(const struct groups *g, struct party *p, const struct visit *visits,
			size_t n_visits)
{
	uint32_t group = visits->group, who[ABREAST];

	for (size_t v = 0; v < n_visits; v += ABREAST) {
		size_t n = MIN(ABREAST, n_visits - v);

		for (size_t j = 0; j < n; j++)
			who[j] = visits[v + j].query;
		party_search(p, who, n, &g->panels, g->panel_starts[group],
			     g->panel_starts[group + 1]);
	}
}

/* Too few in those groups: the rest is far away, take it in order. */
static void fill_up(struct party *p, size_t query)
{
	struct shortlist *s = &p->lists[query];

	for (uint32_t row = 0; s->n < s->k && row < p->among->n; row++) {
		size_t i = 0;

		while (i < s->n && s->list[i].row != row)
			i++;
		if (i == s->n && shortlist_add(s, (struct shortlisted){INFINITY, -INFINITY, row}))
			BUG("%zu neighbours fill a list of %zu", s->n, s->room);
	}
}

static void search_part(void *arg, size_t part)
{
	const struct knn_search *s = arg;
	size_t from = part * QUERIES_PER_VISIT, n = MIN(QUERIES_PER_VISIT, s->n_queries - from);
	size_t n_visits = n * s->n_probes;
	struct party p = party_new(s->asking, s->points, n, s->knn->k);
	struct visit *visits;

	for (size_t i = 0; i < n; i++)
		party_put(&p, i, cell_of(s, from + i));
	visits = plan_visits(s, &p);
	for (size_t at = 0, to; at < n_visits; at = to) {
		for (to = at + 1; to < n_visits && visits[to].group == visits[at].group;)
			to++;
		visit_group(s->groups, &p, visits + at, to - at);
	}
	for (size_t i = 0; i < n; i++) {
		fill_up(&p, i);
		search_settle(s, &p, i, searches_itself(s) && !s->queries ? p.cells[i] : from + i);
	}
	free(visits);
	party_release(&p);
}

void search_groups(const struct knn_search *s, struct pool *pool)
{
	pool_run(pool, n_parts(s->n_queries, QUERIES_PER_VISIT), search_part, (void *)s);
}

/* ---- how many groups ---- */

/* The first neighbour is the cell itself and does not count. */
static double recall(const struct knn *found, const struct knn *truth)
{
	size_t hits = 0, k = truth->k;

	for (size_t i = 0; i < truth->n_cells; i++)
		for (size_t a = 1; a < k; a++)
			for (size_t b = 1; b < k; b++)
				hits += found->neighbors[i * k + a] == truth->neighbors[i * k + b];
	return (double)hits / (double)(truth->n_cells * (k - 1));
}

/* More groups until the neighbours of a sample of the points are found well enough. */
size_t groups_choose_probes(const struct knn_search *s, struct pool *pool, double *measured)
{
	size_t n = MIN(SAMPLE, s->points->n),
	       k = MIN(s->knn->k + !searches_itself(s), s->points->n);
	uint32_t *sample = mem_alloc(n, sizeof(*sample));
	struct knn *truth = knn_new(n, k), *found = knn_new(n, k);
	struct knn_search trial = *s;

	for (size_t i = 0; i < n; i++)
		sample[i] = (uint32_t)(i * s->points->n / n);
	trial.asking = s->points;
	trial.precise = NULL;
	trial.queries = sample;
	trial.n_queries = n;
	trial.knn = truth;
	search_exactly(&trial, pool);
	trial.knn = found;
	for (trial.n_probes = MIN(s->groups->n, (size_t)4);;
	     trial.n_probes = MIN(s->groups->n, trial.n_probes * 3 / 2)) {
		search_groups(&trial, pool);
		*measured = recall(found, truth);
		if (*measured >= s->wanted_recall || trial.n_probes == s->groups->n)
			break;
	}
	free(sample);
	knn_free(truth);
	knn_free(found);
	return trial.n_probes;
}
