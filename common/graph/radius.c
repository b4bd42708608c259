/* radius.c - see radius.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "graph/radius.h"

#define DIMS 3
#define BITS 20             /* of a bucket's number along one axis */
#define BUCKETS (1 << BITS) /* along one axis; wider ones when a tissue would need more */
#define CELLS_PER_PART ((size_t)1024)
#define SAMPLED ((size_t)500) /* cells whose edges are counted before all are */

/* ---- radii ---- */

static int by_radius(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return x[0] < y[0] ? -1 : x[0] > y[0];
}

int radii_parse(struct radii *r, const char *text, struct err *err)
{
	char *copy = mem_str(text), *rest = copy, *part;
	double pairs[RADII_MOST][2];
	int ret = 0;

	r->n = 0;
	while (ret == 0 && (part = strsep(&rest, ","))) {
		char *weight = strchr(part, ':');

		if (r->n == RADII_MOST) {
			ret = err_set(err, "%s: at most %zu radii", text, RADII_MOST);
			break;
		}
		if (weight)
			*weight++ = '\0';
		pairs[r->n][1] = 1;
		if (!parse_double(part, &pairs[r->n][0]) ||
		    (weight && !parse_double(weight, &pairs[r->n][1])) ||
		    !(pairs[r->n][0] > 0 && pairs[r->n][0] < 1e100) ||
		    !(pairs[r->n][1] > 0 && pairs[r->n][1] <= 1e6))
			ret = err_set(err, "%s: not radii with weights, as in 20:2.5,80:1", text);
		r->n++;
	}
	free(copy);
	if (ret)
		return ret;
	qsort(pairs, r->n, sizeof(*pairs), by_radius);
	for (size_t i = 0; i < r->n; i++) {
		r->radius[i] = pairs[i][0];
		r->weight[i] = pairs[i][1];
	}
	/* The largest weight among those that reach: from the widest radius inwards. */
	for (size_t i = r->n - 1; i > 0; i--)
		r->weight[i - 1] = fmax(r->weight[i - 1], r->weight[i]);
	return 0;
}

/* ---- buckets ---- */

/* Cells in the order of their buckets, rows of buckets one after the other. */
struct grid {
	const struct radii *radii;
	size_t n;
	uint64_t *keys;         /* of the buckets, rising */
	uint32_t *cells;        /* their numbers */
	double (*at)[DIMS];     /* their positions; 0 where there are fewer axes */
	double low[DIMS], side; /* of the whole, and of a bucket */
	size_t planes;          /* 1 when all lie in one */
};

struct placed {
	uint64_t key;
	uint32_t cell;
};

static int by_key(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->cell < y->cell ? -1 : 1;
}

static int64_t bucket_along(const struct grid *g, double x, size_t axis)
{
	return (int64_t)floor((x - g->low[axis]) / g->side);
}

/* Buckets are numbered from 1, so that those before the first are numbers, too. */
static uint64_t key_of(int64_t x, int64_t y, int64_t z)
{
	return (uint64_t)(z + 1) << 2 * (BITS + 1) | (uint64_t)(y + 1) << (BITS + 1) |
	       (uint64_t)(x + 1);
}

static int measure(struct grid *g, const struct positions *p, struct err *err)
{
	double widest = 0;

	for (size_t axis = 0; axis < p->dims; axis++) {
		double low = INFINITY, high = -INFINITY;

		for (size_t i = 0; i < p->n; i++) {
			low = fmin(low, p->at[i * p->dims + axis]);
			high = fmax(high, p->at[i * p->dims + axis]);
		}
		g->low[axis] = low;
		widest = fmax(widest, high - low);
	}
	if (!(widest > 0))
		return err_set(err, "all %zu cells are in one place: there is no tissue to see",
			       p->n);
	g->side = fmax(g->radii->radius[g->radii->n - 1], widest / (BUCKETS - 2));
	g->planes = p->dims == DIMS;
	return 0;
}

static int place_cells(struct grid *g, const struct positions *p, struct err *err)
{
	struct placed *placed;

	g->n = p->n;
	if (measure(g, p, err))
		return -1;
	MEM_ARRAY(placed, p->n);
	for (size_t i = 0; i < p->n; i++) {
		int64_t b[DIMS] = {0};

		for (size_t axis = 0; axis < p->dims; axis++)
			b[axis] = bucket_along(g, p->at[i * p->dims + axis], axis);
		placed[i] = (struct placed){key_of(b[0], b[1], b[2]), (uint32_t)i};
	}
	qsort(placed, p->n, sizeof(*placed), by_key);
	MEM_ARRAY(g->keys, p->n);
	MEM_ARRAY(g->cells, p->n);
	MEM_ZERO(g->at, p->n);
	for (size_t i = 0; i < p->n; i++) {
		g->keys[i] = placed[i].key;
		g->cells[i] = placed[i].cell;
		for (size_t axis = 0; axis < p->dims; axis++)
			g->at[i][axis] = p->at[placed[i].cell * p->dims + axis];
	}
	free(placed);
	return 0;
}

static void grid_release(struct grid *g)
{
	free(g->keys);
	free(g->cells);
	free(g->at);
}

/* The first cell whose bucket is 'key' or later. */
static size_t from_bucket(const struct grid *g, uint64_t key)
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (g->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- neighbours of one cell ---- */

struct near {
	uint32_t cell;
	float weight;
};

/* The weight of a pair so far apart, 0 when no radius reaches. */
static float weight_at(const struct radii *r, const double *a, const double *b)
{
	double square = 0;

	for (size_t axis = 0; axis < DIMS; axis++)
		square += (a[axis] - b[axis]) * (a[axis] - b[axis]);
	for (size_t i = 0; i < r->n; i++)
		if (square <= r->radius[i] * r->radius[i])
			return (float)r->weight[i];
	return 0;
}

/* All neighbours of the cell at 'place' of the grid: how many, and into 'out' unless it is NULL. */
static size_t look_around(const struct grid *g, size_t place, struct near *out)
{
	const double *here = g->at[place];
	int64_t b[DIMS], planes = (int64_t)g->planes;
	size_t n = 0;

	for (size_t axis = 0; axis < DIMS; axis++)
		b[axis] = bucket_along(g, here[axis], axis);
	for (int64_t z = b[2] - planes; z <= b[2] + planes; z++) {
		for (int64_t y = b[1] - 1; y <= b[1] + 1; y++) {
			size_t i = from_bucket(g, key_of(b[0] - 1, y, z));
			uint64_t last = key_of(b[0] + 1, y, z);

			for (; i < g->n && g->keys[i] <= last; i++) {
				float weight = weight_at(g->radii, here, g->at[i]);

				if (weight == 0 || i == place)
					continue;
				if (out)
					out[n] = (struct near){g->cells[i], weight};
				n++;
			}
		}
	}
	return n;
}

/* ---- all of them ---- */

struct making {
	const struct grid *grid;
	struct cells *graph;
	size_t *n_near; /* per cell */
};

static void count_part(void *arg, size_t part)
{
	struct making *m = arg;
	size_t last = MIN((part + 1) * CELLS_PER_PART, m->grid->n);

	for (size_t i = part * CELLS_PER_PART; i < last; i++)
		m->n_near[m->grid->cells[i]] = look_around(m->grid, i, NULL);
}

static int by_cell(const void *a, const void *b)
{
	uint32_t x = ((const struct near *)a)->cell, y = ((const struct near *)b)->cell;

	return x < y ? -1 : x > y;
}

static void fill_part(void *arg, size_t part)
{
	struct making *m = arg;
	size_t first = part * CELLS_PER_PART, last = MIN(first + CELLS_PER_PART, m->grid->n);
	struct near *near = NULL;
	size_t cap = 0;

	for (size_t i = first; i < last; i++) {
		uint32_t cell = m->grid->cells[i];
		size_t at = m->graph->starts[cell], n = m->n_near[cell];

		if (n == 0)
			continue;
		MEM_GROW(near, n, cap);
		look_around(m->grid, i, near);
		qsort(near, n, sizeof(*near), by_cell);
		for (size_t k = 0; k < n; k++) {
			m->graph->genes[at + k] = near[k].cell;
			m->graph->values[at + k] = near[k].weight;
		}
	}
	free(near);
}

static int too_many(double edges, bool about, const struct grid *g, size_t most, struct err *err)
{
	char n[32], limit[32];

	return err_refuse(err,
			  "radius %g joins %zu cells by %s%s edges, %.0f a cell; the limit is %s: "
			  "take a smaller one",
			  g->radii->radius[g->radii->n - 1], g->n, about ? "about " : "",
			  format_count(n, (size_t)edges), edges / (double)g->n,
			  format_count(limit, most));
}

/* Would there be far too many? Looked for around some cells, before all are asked. */
static int sample(const struct grid *g, size_t most, struct err *err)
{
	size_t step = MAX(g->n / SAMPLED, 1), n = 0, near = 0;
	double about;

	for (size_t i = step / 2; i < g->n; i += step, n++)
		near += look_around(g, i, NULL);
	about = (double)near / (double)n * (double)g->n;
	return about > 2 * (double)most ? too_many(about, true, g, most, err) : 0;
}

int radius_graph(struct cells *graph, const struct positions *p, const struct radii *radii,
		 size_t most, struct pool *pool, struct err *err)
{
	struct grid grid = {.radii = radii};
	struct making m = {&grid, graph, NULL};
	size_t parts = (p->n + CELLS_PER_PART - 1) / CELLS_PER_PART, total = 0;
	int ret = -1;

	if (place_cells(&grid, p, err) || sample(&grid, most, err))
		goto release;
	MEM_ZERO(m.n_near, p->n);
	pool_run(pool, parts, count_part, &m);
	for (size_t i = 0; i < p->n; i++)
		total += m.n_near[i];
	if (total > most) {
		too_many((double)total, false, &grid, most, err);
		goto release;
	}
	cells_reserve(graph, p->n, total);
	graph->n_cells = graph->n_genes = p->n;
	graph->starts[0] = 0;
	for (size_t i = 0; i < p->n; i++)
		graph->starts[i + 1] = graph->starts[i] + m.n_near[i];
	pool_run(pool, parts, fill_part, &m);
	ret = 0;
release:
	grid_release(&grid);
	free(m.n_near);
	return ret;
}
