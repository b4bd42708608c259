/* knn_party.c - some queries, the shortlist of each, and the last measure in double. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_private.h"

/* ---- points ---- */

static double value_of(const struct points *p, size_t at)
{
	return p->precise ? p->precise[at] : (double)p->at[at];
}

static double largest_value(const struct points *p)
{
	double most = 0;

	for (size_t i = 0; i < p->n * p->dims; i++)
		most = MAX(most, fabs(value_of(p, i)));
	return most;
}

double points_scale(const struct points *p, const struct points *other)
{
	double most = largest_value(p);
	int exponent;

	if (other)
		most = MAX(most, largest_value(other));
	frexp(most * sqrt((double)p->dims), &exponent);
	return ldexp(1, MAX(MIN(-exponent, 1000), -1000));
}

void points_row(const struct points *p, size_t i, double *scaled)
{
	for (size_t d = 0; d < p->dims; d++)
		scaled[d] = value_of(p, i * p->dims + d) * p->scale;
}

struct panels points_panels(const struct points *p)
{
	struct panels panels = panels_new((p->n + PANEL - 1) / PANEL, p->dims);
	double *row = mem_alloc(p->dims + 1, sizeof(*row));

	for (size_t i = 0; i < p->n; i++) {
		points_row(p, i, row);
		panels_put(&panels, i, (uint32_t)i, row);
	}
	free(row);
	return panels;
}

/* ---- distances ---- */

static double precise_distance(const double *a, const double *b, size_t dims)
{
	double sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += (a[d] - b[d]) * (a[d] - b[d]);
	return sum;
}

static double square_between(const struct party *p, size_t cell, size_t other)
{
	size_t dims = p->among->dims, one = cell * dims, two = other * dims;
	double sum = 0;

	if (p->asking->precise && p->among->precise)
		return precise_distance(p->asking->precise + one, p->among->precise + two, dims);
	for (size_t d = 0; d < dims; d++) {
		double apart = value_of(p->asking, one + d) - value_of(p->among, two + d);

		sum += apart * apart;
	}
	return sum;
}

static int by_distance(const void *a, const void *b)
{
	const struct party_found *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->one.row < y->one.row ? -1 : x->one.row > y->one.row;
}

size_t party_rank(struct party *p, size_t query)
{
	struct shortlist *s = &p->lists[query];

	shortlist_tighten(s, p->scratch);
	for (size_t i = 0; i < s->n; i++)
		p->ranked[i] = (struct party_found){
			square_between(p, p->cells[query], s->list[i].row), s->list[i]};
	qsort(p->ranked, s->n, sizeof(*p->ranked), by_distance);
	return s->n;
}

/* ---- the party ---- */

struct party party_new(const struct points *asking, const struct points *among, size_t n, size_t k)
{
	struct party p = {.asking = asking, .among = among, .n = n, .k = k};
	size_t room = shortlist_room(k);

	MEM_ARRAY(p.cells, n + 1);
	MEM_ARRAY(p.packed, mem_product(n, among->dims + 1) + 1);
	MEM_ARRAY(p.lengths, n + 1);
	MEM_ARRAY(p.lists, n + 1);
	MEM_ARRAY(p.room, mem_product(n, room) + 1);
	MEM_ARRAY(p.scratch, room);
	MEM_ARRAY(p.ranked, room);
	for (size_t i = 0; i < n; i++)
		p.lists[i] = shortlist_of(p.room + i * room, room, k);
	p.six = abreast_new(among->dims);
	return p;
}

void party_release(struct party *p)
{
	free(p->cells);
	free(p->packed);
	free(p->lengths);
	free(p->lists);
	free(p->room);
	free(p->scratch);
	free(p->ranked);
	abreast_release(&p->six);
}

void party_put(struct party *p, size_t query, size_t cell)
{
	size_t dims = p->among->dims;
	double *row = mem_alloc(dims + 1, sizeof(*row));

	points_row(p->asking, cell, row);
	p->cells[query] = cell;
	p->lengths[query] = panels_query(row, dims, p->packed + query * (dims + 1));
	free(row);
}

/* ---- search ---- */

/* Single precision cannot tell them apart: the k nearest by double stay. */
static void thin_out(struct party *p, size_t query)
{
	struct shortlist *s = &p->lists[query];
	size_t n = party_rank(p, query);

	for (s->n = 0; s->n < MIN(n, s->k); s->n++)
		s->list[s->n] = p->ranked[s->n].one;
}

static void offer(struct party *p, uint32_t query, const struct panels *panels, size_t slot,
		  float upper)
{
	struct shortlist *s = &p->lists[query];
	float lower = nearness_below(panels, slot, p->lengths[query], upper);

	if (!shortlist_add(s, (struct shortlisted){upper, lower, panels->rows[slot]}))
		return;
	shortlist_tighten(s, p->scratch);
	if (shortlist_is_crowded(s))
		thin_out(p, query);
}

void party_search(struct party *p, const uint32_t *who, size_t n_who, const struct panels *panels,
		  size_t from, size_t to)
{
	struct panel_seen seen;

	for (size_t j = 0; j < ABREAST; j++)
		p->six.marks[j] = INFINITY;
	for (size_t j = 0; j < n_who; j++)
		abreast_put(&p->six, j, p->packed + who[j] * (p->among->dims + 1), p->among->dims,
			    p->lists[who[j]].mark);
	for (; (from = panels_search(panels, from, to, &p->six, &seen)) < to; from++)
		for (size_t j = 0; j < n_who; j++) {
			for (uint32_t hits = seen.hits[j]; hits; hits &= hits - 1) {
				size_t i = (size_t)__builtin_ctz(hits);

				/* The mark may have risen since. */
				if (seen.near[j * PANEL + i] >= p->lists[who[j]].mark)
					offer(p, who[j], panels, from * PANEL + i,
					      seen.near[j * PANEL + i]);
			}
			p->six.marks[j] = p->lists[who[j]].mark;
		}
}
