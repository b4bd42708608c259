/* novelty.c - see novelty.h. */
#include "base/util.h"

#include <math.h>

#include "trust/novelty.h"

#define TILE 64                    /* landmarks whose products are made together */
#define N_QUANTILES ((size_t)1001) /* of the energies, at most */

/* ---- places ---- */

static size_t n_tiles(const struct novelty *n)
{
	return (n->model->landmarks->n + TILE - 1) / TILE;
}

double *novelty_axes(const struct model_factors *f, size_t n_genes, const bool *present,
		     size_t n_axes)
{
	double *axes = mem_zero(mem_product(n_axes, n_genes), sizeof(*axes));

	for (size_t a = 0; a < n_axes; a++) {
		double square = 0;

		for (size_t g = 0; g < n_genes; g++)
			square += pow((double)f->loadings[g * f->n + a], 2);
		for (size_t g = 0; g < n_genes; g++)
			if (present[g])
				axes[a * n_genes + g] = (double)f->loadings[g * f->n + a] /
							fmax(sqrt(square), 1e-30);
	}
	return axes;
}

/* What present genes see of a place: products of the axes over them. The caller frees. */
static double *products_of(const double *axes, size_t n_axes, size_t n_genes)
{
	double *seen = mem_zero(n_axes * n_axes, sizeof(*seen));

	for (size_t a = 0; a < n_axes; a++)
		for (size_t b = 0; b < n_axes; b++)
			for (size_t g = 0; g < n_genes; g++)
				seen[a * n_axes + b] +=
					axes[a * n_genes + g] * axes[b * n_genes + g];
	return seen;
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

static int rising(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* How far landmarks are from one another. */
static void measure(struct novelty *n)
{
	const struct model_landmarks *l = n->model->landmarks;
	double *place = mem_alloc(n->n_axes, sizeof(*place));

	MEM_ARRAY(n->distances, l->n);
	for (size_t i = 0; i < l->n; i++) {
		const float *at = n->places + i / TILE * TILE * n->n_axes + i % TILE;

		for (size_t a = 0; a < n->n_axes; a++)
			place[a] = (double)at[a * TILE];
		n->distances[i] = (float)novelty_distance(n, place, i);
	}
	qsort(n->distances, l->n, sizeof(*n->distances), rising);
	free(place);
}

/* The mean of logarithms stands for that of counts. */
static double share_of_counts(const struct model *m, const bool *present)
{
	double all = 0, there = 0;

	for (size_t g = 0; g < m->n_genes; g++) {
		double counts = fmax(expm1(m->mean[g]), 0);

		all += counts;
		there += present[g] ? counts : 0;
	}
	return there > 0 && isfinite(all) ? there / all : 1;
}

struct novelty *novelty_new(const struct model *m, const bool *present)
{
	size_t n_axes = m->landmarks->n_axes;
	double *seen, *room = mem_alloc(n_axes, sizeof(*room));
	struct novelty *n;

	MEM_ZERO(n, 1);
	n->model = m;
	n->n_axes = n_axes;
	n->share = share_of_counts(m, present);
	n->axes = novelty_axes(m->factors, m->n_genes, present, n_axes);
	seen = products_of(n->axes, n_axes, m->n_genes);
	n->places = mem_vectors(mem_product(n_tiles(n) * TILE, n_axes), sizeof(*n->places));
	for (size_t i = 0; i < m->landmarks->n; i++)
		put_landmark(n, i, seen, room);
	measure(n);
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
	free(n->distances);
	free(n);
}

/* ---- distance ---- */

typedef float eight __attribute__((vector_size(8 * sizeof(float)), may_alias));
typedef int32_t eight_bits __attribute__((vector_size(8 * sizeof(float)), may_alias));

/*
 * Cosines of one cell with a tile of landmarks, summed axis by axis; returns the largest. All of a
 * tile's sums stay in registers.
 */
CLONES static float tile_cosines(const float *tile, const float *cell, size_t n_axes,
				 float *cosines)
{
	eight sums[TILE / 8] = {0}, most;
	float largest;

	for (size_t a = 0; a < n_axes; a++) {
		const eight *at = (const eight *)(const void *)(tile + a * TILE);
		float along = cell[a];

#pragma GCC unroll 8
		for (size_t k = 0; k < TILE / 8; k++)
			sums[k] += at[k] * along;
	}
	most = sums[0];
#pragma GCC unroll 8
	for (size_t k = 1; k < TILE / 8; k++) {
		eight_bits more = sums[k] > most;

		most = (eight)((more & (eight_bits)sums[k]) | (~more & (eight_bits)most));
	}
	memcpy(cosines, sums, sizeof(sums));
	largest = most[0];
	for (size_t i = 1; i < 8; i++)
		largest = MAX(largest, most[i]);
	return largest;
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

double novelty_distance(const struct novelty *n, const double *place, size_t skipped)
{
	const struct model_landmarks *l = n->model->landmarks;
	float cell[1024], cosines[TILE], nearest[NOVELTY_NEAREST] = {0};
	double square = 0, sum = 0;
	size_t there = 0;

	for (size_t a = 0; a < n->n_axes; a++)
		square += place[a] * place[a];
	for (size_t a = 0; a < n->n_axes; a++)
		cell[a] = (float)(place[a] / fmax(sqrt(square), 1e-30));
	for (size_t tile = 0; tile < n_tiles(n); tile++) {
		size_t first = tile * TILE, last = MIN(first + TILE, l->n);
		float most = tile_cosines(n->places + first * n->n_axes, cell, n->n_axes, cosines);

		if (there == NOVELTY_NEAREST && !(most > nearest[NOVELTY_NEAREST - 1]))
			continue;
		for (size_t i = first; i < last; i++) {
			float c = cosines[i - first];

			if (there == NOVELTY_NEAREST && !(c > nearest[NOVELTY_NEAREST - 1]))
				continue;
			if (i != skipped)
				there = insert(nearest, there, c);
		}
	}
	for (size_t i = 0; i < there; i++)
		sum += (double)nearest[i];
	return there ? 1 - sum / (double)there : 2;
}

double novelty_energy(const double *decisions, size_t n_classes)
{
	double top = decisions[0], sum;

	for (size_t k = 1; k < n_classes; k++)
		top = MAX(top, decisions[k]);
	sum = exp(decisions[0] - top);
	for (size_t k = 1; k < n_classes; k++)
		sum += exp(decisions[k] - top);
	return -(log(sum) + top);
}

/* ---- shares ---- */

/*
 * -log of the share of cells, of which 'values' are the rising quantiles, that are at least as
 * large. Beyond the last value the tail falls on, as steeply as its upper half does.
 */
static double log_share(const float *values, size_t n, double value)
{
	size_t low = 0, high = n;
	double last = (double)values[n - 1], slope;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((double)values[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	slope = (last - (double)values[n / 2]) / log(MAX((double)n / 2, 2));
	return -log((double)(n - low + 1) / (double)(n + 1)) +
	       MAX(value - last, 0) / fmax(slope, 1e-6);
}

static struct strangeness judge(const struct novelty *n, double far, double energy)
{
	const struct model_landmarks *l = n->model->landmarks;
	double distance = log_share(n->distances, l->n, far);
	double score = log_share(l->energies, l->n_quantiles, energy);
	double sum = distance + score / 2;

	/* Of two uniform shares the sum is as large with the chance 2 exp(-sum) - exp(-2 sum). */
	return (struct strangeness){.p_score = exp(-score),
				    .p_distance = exp(-distance),
				    .novelty = MAX((sum - log(2 - exp(-sum))) / log(10), 0)};
}

struct strangeness novelty_judge(const struct novelty *n, const double *place,
				 const double *decisions, double counts)
{
	struct strangeness s = judge(n, novelty_distance(n, place, SIZE_MAX),
				     novelty_energy(decisions, n->model->n_classes));

	s.novelty = fmax(s.novelty - depth_novelty_at(n->model->depth, counts / n->share), 0);
	return s;
}

/* ---- learning ---- */

static int rising_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Quantiles of sorted values. */
static void put_quantiles(const double *values, size_t n, float *to, size_t n_to)
{
	for (size_t q = 0; q < n_to; q++) {
		double at = (double)q / (double)(n_to - 1) * (double)(n ? n - 1 : 0);
		size_t low = (size_t)at, high = MIN(low + 1, n ? n - 1 : 0);

		to[q] = n ? (float)(values[low] + (at - (double)low) * (values[high] - values[low]))
			  : 0;
	}
}

void novelty_learn(struct model_landmarks *l, double *energies, size_t n_cells)
{
	l->n_quantiles = MIN(N_QUANTILES, MAX(n_cells, 2));
	MEM_ZERO(l->energies, l->n_quantiles);
	qsort(energies, n_cells, sizeof(*energies), rising_double);
	put_quantiles(energies, n_cells, l->energies, l->n_quantiles);
}

#define OF_LOGARITHM 0.8
#define LEAST_LIMIT 1.0

double novelty_limit(size_t n_landmarks)
{
	return MAX(OF_LOGARITHM * log10((double)n_landmarks), LEAST_LIMIT);
}
