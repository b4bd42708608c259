/* doublets.c - see doublets.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "expression/pca.h"
#include "expression/variable_genes.h"
#include "graph/knn.h"
#include "matrix/stream_steps.h"
#include "qc/doublets.h"
#include "qc/pairs.h"

#define VARIABLE_GENES 2000
#define COMPONENTS 30
#define PAIRS_PER_CELL 2
#define TARGET_SUM 1e4

/* Everything about one batch. */
struct batch {
	struct h5ad *file;
	const struct slot *slot;
	struct pick pick;
	struct pool *pool;
	uint32_t *map; /* per gene of the slot: its number among the variable ones */
	struct scaled_genes scaled;
	struct pairs *pairs;
	size_t n_cells, n_all; /* without and with the pairs */
	float *points;
	size_t n_dims;
};

static struct stream *counted(struct batch *b, struct err *err)
{
	struct stream *s = h5ad_stream(b->file, b->slot, &b->pick, b->pool, err);

	return s ? stream_count(s, b->pool) : NULL;
}

static void keep_chosen(struct batch *b, const struct gene_moments *m, const bool *chosen, size_t n)
{
	MEM_ARRAY(b->map, m->n_genes);
	MEM_ARRAY(b->scaled.mean, n);
	MEM_ARRAY(b->scaled.deviation, n);
	for (size_t g = 0; g < m->n_genes; g++) {
		b->map[g] = chosen[g] ? (uint32_t)b->scaled.n : UINT32_MAX;
		if (!chosen[g])
			continue;
		b->scaled.mean[b->scaled.n] = gene_mean(m, g);
		b->scaled.deviation[b->scaled.n++] = gene_deviation(m, g);
	}
}

static int choose_genes(struct batch *b, struct err *err)
{
	struct stream *s = counted(b, err);
	struct gene_moments m = {0};
	bool *chosen = mem_zero(b->slot->n_genes, sizeof(*chosen));
	int ret = -1;

	if (s)
		s = stream_lognorm(s, NORM_AS_STORED, TARGET_SUM, b->pool);
	if (s)
		ret = gene_moments_read(&m, s, b->pool, err);
	if (ret == 0)
		keep_chosen(b, &m, chosen, variable_genes(&m, VARIABLE_GENES, chosen));
	stream_free(s);
	gene_moments_release(&m);
	free(chosen);
	return ret;
}

static int keep_counts(struct batch *b, struct err *err)
{
	struct stream *s = counted(b, err);
	struct cells *block;
	int got = -1;

	b->pairs = pairs_new(b->n_cells, b->scaled.n, TARGET_SUM);
	while (s && (got = stream_next(s, &block, err)) > 0)
		pairs_add_cells(b->pairs, block, b->map);
	stream_free(s);
	return got;
}

static int project(struct batch *b, struct err *err)
{
	struct stream *cells = pairs_stream(b->pairs, 0, b->n_cells);
	struct pca *p = pca_of(cells, &b->scaled, COMPONENTS, b->pool, err);
	int ret = -1;

	stream_free(cells);
	if (!p)
		return -1;
	b->n_dims = p->n_components;
	b->points = mem_alloc(mem_product(b->n_all, b->n_dims), sizeof(*b->points));
	cells = pairs_stream(b->pairs, 0, b->n_all);
	ret = pca_project(p, cells, b->pool, b->points, err);
	stream_free(cells);
	pca_free(p);
	return ret;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* How likely a doublet, given the share of the neighbours that are pairs: Scrublet's posterior. */
static double posterior(double q, double rate)
{
	return q * rate / PAIRS_PER_CELL / (1 - rate - q * (1 - rate - rate / PAIRS_PER_CELL));
}

/* Per cell and pair, the share of pairs among its neighbours. */
static int share_all(const struct batch *b, double *share, struct err *err)
{
	size_t k = (size_t)rint(0.5 * sqrt((double)b->n_cells)) * (1 + PAIRS_PER_CELL);
	struct knn *knn;

	k = MIN(k, b->n_all - 1);
	knn = knn_find(b->points, b->n_all, b->n_dims, k + 1, KNN_EXACT_CELLS, b->pool, err);
	if (!knn)
		return -1;
	for (size_t i = 0; i < b->n_all; i++) {
		size_t n_pairs = 0;

		for (size_t j = 0; j < knn->k; j++) {
			uint32_t other = knn->neighbors[i * knn->k + j];

			n_pairs += other != i && other >= b->n_cells;
		}
		share[i] = ((double)n_pairs + 1) / ((double)k + 2);
	}
	knn_free(knn);
	return 0;
}

/*
 * Pairs of one type with itself have few pairs around them, pairs of two types many: the share that
 * parts them best,
 * with the least variance left within the two sides (Otsu). NaN when they are all alike.
 */
static double find_gap(double *share, size_t n)
{
	double sum = 0, below = 0, most = 0, gap = NAN;

	qsort(share, n, sizeof(*share), rising);
	for (size_t i = 0; i < n; i++)
		sum += share[i];
	for (size_t i = 0; i + 1 < n; i++) {
		double n_below = (double)(i + 1), n_above = (double)(n - i - 1), apart, between;

		below += share[i];
		if (!(share[i + 1] > share[i]))
			continue;
		apart = (sum - below) / n_above - below / n_below;
		between = n_below * n_above * apart * apart;
		if (between > most) {
			most = between;
			gap = (share[i] + share[i + 1]) / 2;
		}
	}
	return gap;
}

static int score_batch(struct doublets *d, struct batch *b, struct err *err)
{
	double *share;

	if (choose_genes(b, err))
		return -1;
	if (b->scaled.n < 2)
		return 0;
	if (keep_counts(b, err))
		return -1;
	pairs_draw(b->pairs, b->n_cells * PAIRS_PER_CELL, d->seed);
	if (project(b, err))
		return -1;
	MEM_ARRAY(share, b->n_all);
	if (share_all(b, share, err)) {
		free(share);
		return -1;
	}
	for (size_t i = 0; i < b->n_cells; i++)
		d->score[i] = posterior(share[i], d->rate);
	d->threshold = posterior(find_gap(share + b->n_cells, b->n_all - b->n_cells), d->rate);
	d->n_genes = b->scaled.n;
	free(share);
	return 0;
}

int doublets_find(struct doublets *d, struct h5ad *file, const struct slot *slot,
		  const size_t *rows, size_t n_rows, struct pool *pool, struct err *err)
{
	struct batch b = {.file = file,
			  .slot = slot,
			  .pick = {.cells = rows, .n_cells = n_rows, .n_genes = slot->n_genes},
			  .pool = pool,
			  .n_cells = n_rows,
			  .n_all = n_rows * (1 + PAIRS_PER_CELL)};
	int ret = 0;

	MEM_ARRAY(d->score, n_rows);
	d->threshold = NAN;
	for (size_t i = 0; i < n_rows; i++)
		d->score[i] = NAN;
	if (n_rows >= DOUBLETS_FEWEST)
		ret = score_batch(d, &b, err);
	free(b.map);
	free(b.scaled.mean);
	free(b.scaled.deviation);
	free(b.points);
	pairs_free(b.pairs);
	return ret;
}

void doublets_release(struct doublets *d)
{
	free(d->score);
	d->score = NULL;
}
