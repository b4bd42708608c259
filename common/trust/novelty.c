/* novelty.c - see novelty.h. */
#include "base/util.h"

#include <math.h>

#include "trust/missing.h"
#include "trust/novelty.h"

#define TILE 64 /* landmarks whose products are made together */
#define LEAN 20 /* a class's own share weighs as its held-out cells, that of all as these */
#define N_QUANTILES 129

/* ---- places ---- */

static size_t n_tiles(const struct novelty *n)
{
	return (n->model->landmarks->n + TILE - 1) / TILE;
}

/* A landmark as the present genes show it, of length 1, into its tile. */
static void put_landmark(struct novelty *n, size_t i, const double *seen, double *room)
{
	const float *place = n->model->landmarks->places + i * n->n_axes;
	float *to = n->places + i / TILE * TILE * n->n_axes + i % TILE;
	double square = 0;

	for (size_t a = 0; a < n->n_axes; a++) {
		room[a] = 0;
		for (size_t b = 0; b < n->n_axes; b++)
			room[a] += seen[a * n->n_axes + b] * (double)place[b];
		square += room[a] * room[a];
	}
	for (size_t a = 0; a < n->n_axes; a++)
		to[a * TILE] = (float)(room[a] / fmax(sqrt(square), 1e-30));
}

struct novelty *novelty_new(const struct model *m, const bool *present, struct err *err)
{
	size_t n_axes = m->landmarks->n_axes;
	double *seen = mem_alloc(n_axes * n_axes, sizeof(*seen));
	double *room = mem_alloc(n_axes, sizeof(*room));
	struct novelty *n;

	MEM_ZERO(n, 1);
	n->model = m;
	n->n_axes = n_axes;
	n->axes = posterior_weights(m, present, n_axes, seen, err);
	if (n->axes) {
		MEM_ZERO(n->places, mem_product(n_tiles(n) * TILE, n_axes));
		for (size_t i = 0; i < m->landmarks->n; i++)
			put_landmark(n, i, seen, room);
	} else {
		novelty_free(n);
		n = NULL;
	}
	free(seen);
	free(room);
	return n;
}

void novelty_free(struct novelty *n)
{
	if (!n)
		return;
	free(n->axes);
	free(n->places);
	free(n);
}

/* ---- distance ---- */

/* Cosines of one cell with a tile of landmarks, summed axis by axis. */
CLONES static void tile_cosines(const float *tile, const float *cell, size_t n_axes, float *cosines)
{
	float sums[TILE] = {0};

	for (size_t a = 0; a < n_axes; a++)
		for (size_t i = 0; i < TILE; i++)
			sums[i] += cell[a] * tile[a * TILE + i];
	memcpy(cosines, sums, sizeof(sums));
}

/* Keep the nearest, falling; 'n' are there. */
static size_t insert(float *nearest, size_t n, float cosine)
{
	size_t at = n < NOVELTY_NEAREST ? n : NOVELTY_NEAREST - 1;

	while (at > 0 && nearest[at - 1] < cosine) {
		nearest[at] = nearest[at - 1];
		at--;
	}
	nearest[at] = cosine;
	return MIN(n + 1, NOVELTY_NEAREST);
}

double novelty_distance(const struct novelty *n, const double *place, const uint16_t *skip,
			uint16_t skipped)
{
	const struct model_landmarks *l = n->model->landmarks;
	float cell[1024], cosines[TILE], nearest[NOVELTY_NEAREST];
	double square = 0, sum = 0;
	size_t there = 0;

	for (size_t a = 0; a < n->n_axes; a++)
		square += place[a] * place[a];
	for (size_t a = 0; a < n->n_axes; a++)
		cell[a] = (float)(place[a] / fmax(sqrt(square), 1e-30));
	for (size_t tile = 0; tile < n_tiles(n); tile++) {
		size_t first = tile * TILE, last = MIN(first + TILE, l->n);

		tile_cosines(n->places + first * n->n_axes, cell, n->n_axes, cosines);
		for (size_t i = first; i < last; i++) {
			float c = cosines[i - first];

			if (there == NOVELTY_NEAREST && !(c > nearest[NOVELTY_NEAREST - 1]))
				continue;
			if (!skip || skip[i] != skipped)
				there = insert(nearest, there, c);
		}
	}
	for (size_t i = 0; i < there; i++)
		sum += (double)nearest[i];
	return there ? 1 - sum / (double)there : 2;
}

double novelty_energy(const double *decisions, size_t n_classes)
{
	double top = decisions[0], sum = 0;

	for (size_t k = 1; k < n_classes; k++)
		top = MAX(top, decisions[k]);
	for (size_t k = 0; k < n_classes; k++)
		sum += exp(decisions[k] - top);
	return -(log(sum) + top);
}

/* ---- shares ---- */

/* Share of a row's cells that are at least as strange, between its quantiles in a line. */
static double share_beyond(const float *quantiles, size_t n, double value)
{
	size_t low = 0, high = n - 1;

	if (value <= (double)quantiles[0])
		return 1;
	if (value > (double)quantiles[n - 1])
		return 0;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if ((double)quantiles[middle] < value)
			low = middle;
		else
			high = middle;
	}
	double step = (double)quantiles[high] - (double)quantiles[low];
	double part = step > 0 ? (value - (double)quantiles[low]) / step : 1;

	return 1 - ((double)low + part) / (double)(n - 1);
}

/* Of a class with few held-out cells the share of all weighs in; never quite 0. */
static double share_of(const struct novelty *n, const float *table, size_t called, double value)
{
	const struct model_landmarks *l = n->model->landmarks;
	double own = l->counts[called], total = 0, p;

	for (size_t k = 0; k < n->model->n_classes; k++)
		total += l->counts[k];
	p = share_beyond(table + n->model->n_classes * l->n_quantiles, l->n_quantiles, value);
	p = (p * total + 1) / (total + 1);
	if (own > 0)
		p = (own * share_beyond(table + called * l->n_quantiles, l->n_quantiles, value) +
		     LEAN * p) /
		    (own + LEAN);
	return MIN(p, 1);
}

struct strangeness novelty_judge(const struct novelty *n, const double *place,
				 const double *decisions, size_t called)
{
	const struct model_landmarks *l = n->model->landmarks;
	double distance = novelty_distance(n, place, NULL, 0);
	double energy = novelty_energy(decisions, n->model->n_classes);
	struct strangeness s = {.p_score = share_of(n, l->energies, called, energy),
				.p_distance = share_of(n, l->distances, called, distance)};
	double product = s.p_score * s.p_distance;

	/* Chance that two uniform shares have a product as small: Fisher's, for two. */
	s.novelty = MAX(-log10(product * (1 - log(product))), 0);
	return s;
}

/* ---- learning ---- */

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A row of quantiles of sorted values. */
static void put_quantiles(const double *values, size_t n, float *to)
{
	for (size_t q = 0; q < N_QUANTILES; q++) {
		double at = (double)q / (N_QUANTILES - 1) * (double)(n ? n - 1 : 0);
		size_t low = (size_t)at, high = MIN(low + 1, n ? n - 1 : 0);

		to[q] = n ? (float)(values[low] + (at - (double)low) * (values[high] - values[low]))
			  : 0;
	}
}

/* Rows of a table: a class each, and all. */
static void fill_table(float *table, size_t n_classes, const struct held_out_cells *cells,
		       const double *values)
{
	double *sorted = mem_alloc(cells->n, sizeof(*sorted));

	for (size_t k = 0; k <= n_classes; k++) {
		size_t n = 0;

		for (size_t i = 0; i < cells->n; i++)
			if (k == n_classes || cells->called[i] == k)
				sorted[n++] = values[i];
		qsort(sorted, n, sizeof(*sorted), rising);
		put_quantiles(sorted, n, table + k * N_QUANTILES);
	}
	free(sorted);
}

void novelty_learn(struct model_landmarks *l, size_t n_classes, const struct held_out_cells *cells)
{
	l->n_quantiles = N_QUANTILES;
	MEM_ZERO(l->distances, mem_product(n_classes + 1, N_QUANTILES));
	MEM_ZERO(l->energies, mem_product(n_classes + 1, N_QUANTILES));
	MEM_ZERO(l->counts, n_classes);
	for (size_t i = 0; i < cells->n; i++)
		l->counts[cells->called[i]]++;
	fill_table(l->distances, n_classes, cells, cells->distances);
	fill_table(l->energies, n_classes, cells, cells->energies);
}
