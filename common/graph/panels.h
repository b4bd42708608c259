/* panels.h - points sixteen side by side, and those of them that may be near a query.
 *
 * |q - p|^2 is |q|^2 - 2 (q.p - |p|^2 / 2): the larger the bracket, the nearness, the nearer the
 * point. Panels reckon nearnesses in single precision, six queries by sixteen points at a time in
 * registers, and write down only panels in which one reaches a query's mark. Rounding cannot hide
 * a neighbour: every point has one coordinate more, its length times what the products may err by,
 * and every query has its length there. So what is reckoned is never below the true nearness, and
 * nearness_below says what it is certainly not below. Whoever keeps all points between the two, and
 * measures them in double, has the neighbours that double precision alone would give, whatever the
 * processor's way of adding up.
 *
 *	struct panels p = panels_new(n_panels, dims);
 *	for (i...)
 *		panels_put(&p, i, row, point);          // slots that are left out hold no point
 *	panels_query(query, dims, packed);              // dims + 1 values
 *	abreast_put(&six, 0, packed, dims, mark);
 *	for (at = 0; (at = panels_search(&p, at, p.n, &six, &seen)) < p.n; at++)
 *		use(&seen);
 *	panels_release(&p);
 *
 * Coordinates are to be of the order of 1 or less: the caller scales them, by a power of two.
 */
#ifndef GRAPH_PANELS_H
#define GRAPH_PANELS_H

#include "base/util.h"

#define PANEL ((size_t)16)
#define ABREAST ((size_t)6)

struct panels {
	size_t n, dims;
	double error;   /* of a product, against the product of the two lengths */
	float *at;      /* n x (dims + 1) x PANEL */
	float *halves;  /* n x PANEL: of the squared length, less the error; infinity: no point */
	uint32_t *rows; /* n x PANEL: what the caller calls the point */
};

/* Six queries; one that is not there has an infinite mark. */
struct abreast {
	float *at; /* (dims + 1) x ABREAST */
	float marks[ABREAST];
};

/* What queries and points of one panel have to do with each other. */
struct panel_seen {
	float near[ABREAST * PANEL]; /* per query and slot: reckoned nearness */
	uint32_t hits[ABREAST];      /* per query: a bit for every slot that reaches its mark */
};

struct panels panels_new(size_t n_panels, size_t dims); /* no points yet */
void panels_put(struct panels *p, size_t slot, uint32_t row, const double *point);
void panels_release(struct panels *p);

/* A query's dims + 1 values. Returns its length. */
double panels_query(const double *query, size_t dims, float *packed);

struct abreast abreast_new(size_t dims); /* no queries yet */
void abreast_put(struct abreast *a, size_t which, const float *packed, size_t dims, float mark);
void abreast_release(struct abreast *a);

/*
 * The first panel from 'from' to before 'to' in which a query has a nearness of its mark or more,
 * and what was seen there. 'to' when there is none.
 */
size_t panels_search(const struct panels *p, size_t from, size_t to, const struct abreast *six,
		     struct panel_seen *seen);

/* What the true nearness is at least, of the point in a slot, given what was reckoned. */
float nearness_below(const struct panels *p, size_t slot, double length, float reckoned);

#endif
