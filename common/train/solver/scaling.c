/* scaling.c - see scaling.h. */
#include "base/util.h"

#include <float.h>
#include <math.h>

#include "train/solver/scaling.h"

/* Count, mean and sum of squared deviations of every gene so far. */
struct moments {
	const struct blocks *blocks;
	const int32_t *label;
	struct pool *pool;
	size_t n_genes, n;
	double *mean, *m2;
	bool *present;
};

struct segment {
	const uint8_t *cell;
	const float *value;
	size_t n;
};

/* Mean and squared deviations of one gene over the 'n' counted cells of a block. */
static void segment_moments(const struct segment *seg, const int32_t *label, size_t n, double *mean,
			    double *m2)
{
	double sum = 0, squares = 0;
	size_t stored = 0;

	for (size_t k = 0; k < seg->n; k++) {
		if (label[seg->cell[k]] < 0)
			continue;
		sum += seg->value[k];
		stored++;
	}
	*mean = sum / (double)n;
	for (size_t k = 0; k < seg->n; k++) {
		double off = seg->value[k] - *mean;

		if (label[seg->cell[k]] >= 0)
			squares += off * off;
	}
	*m2 = squares + (double)(n - stored) * *mean * *mean;
}

/* Chan's update: two groups' moments make the moments of both. */
static void merge(double *mean, double *m2, size_t n, double mean_b, double m2_b, size_t n_b)
{
	double delta = mean_b - *mean, total = (double)(n + n_b);

	*mean += delta * (double)n_b / total;
	*m2 += m2_b + delta * delta * (double)n * (double)n_b / total;
}

static size_t counted(const int32_t *label)
{
	size_t n = 0;

	for (size_t i = 0; i < BLOCK_CELLS; i++)
		n += label[i] >= 0;
	return n;
}

/* Merge one block's moments of one tile's genes. */
static void merge_block(struct moments *m, const struct block *block, const int32_t *label,
			size_t tile, size_t n_before)
{
	size_t first = tile * TILE_GENES, last = MIN(first + TILE_GENES, m->n_genes);
	size_t segment = block->tile_segment[tile], end = block->tile_segment[tile + 1];
	size_t at = block->tile_stored[tile], n = counted(label);

	for (size_t gene = first; n && gene < last; gene++) {
		double mean = 0, m2 = 0;

		if (segment < end && first + block->gene[segment] == gene) {
			struct segment seg = {block->cell + at, block->value + at,
					      (size_t)block->more[segment] + 1};

			segment_moments(&seg, label, n, &mean, &m2);
			m->present[gene] |= mean != 0 || m2 != 0;
			at += seg.n;
			segment++;
		}
		merge(&m->mean[gene], &m->m2[gene], n_before, mean, m2, n);
	}
}

static void moments_part(void *arg, size_t tile)
{
	struct moments *m = arg;
	size_t n = m->n;

	for (size_t b = 0; b < m->blocks->n; b++) {
		const int32_t *label = m->label + (m->blocks->first + b) * BLOCK_CELLS;

		merge_block(m, &m->blocks->block[b], label, tile, n);
		n += counted(label);
	}
}

static void moments_visit(void *arg, const struct blocks *blocks)
{
	struct moments *m = arg;

	m->blocks = blocks;
	pool_run(m->pool, block_tiles(m->n_genes), moments_part, m);
	for (size_t b = 0; b < blocks->n; b++)
		m->n += counted(m->label + (blocks->first + b) * BLOCK_CELLS);
}

/* As scikit-learn judges it: rounding alone can give a constant gene this much variance. */
static bool is_constant(double variance, double mean, double n)
{
	double slack = n * mean * DBL_EPSILON;

	return variance <= n * DBL_EPSILON * variance + slack * slack;
}

static void allocate(struct scaling *s, size_t n_genes)
{
	s->n_genes = n_genes;
	MEM_ZERO(s->mean, n_genes);
	MEM_ZERO(s->scale, n_genes);
	MEM_ZERO(s->spread, n_genes);
	MEM_ZERO(s->present, n_genes);
	MEM_ZERO(s->inverse, n_genes);
	MEM_ZERO(s->z0, n_genes);
	MEM_ZERO(s->cap, n_genes);
}

/* What follows from mean, scale and presence. */
static void derive(struct scaling *s)
{
	for (size_t gene = 0; gene < s->n_genes; gene++) {
		double mean = s->with_mean ? s->mean[gene] : 0;

		s->inverse[gene] = s->present[gene] ? 1 / s->scale[gene] : 0;
		s->z0[gene] = -mean * s->inverse[gene];
		s->cap[gene] = (float)(mean + s->clip * s->scale[gene]);
	}
}

/* Deviations to scales: genes that vary more than the mean gene are divided by less. */
static void soften(struct scaling *s)
{
	double sum = 0, n = 0;

	for (size_t gene = 0; gene < s->n_genes; gene++) {
		sum += s->present[gene] ? s->scale[gene] : 0;
		n += s->present[gene];
	}
	for (size_t gene = 0; gene < s->n_genes && sum > 0; gene++) {
		double deviation = s->scale[gene];

		s->scale[gene] = sqrt(deviation * sum / n);
		s->spread[gene] = deviation / s->scale[gene];
	}
}

int scaling_measure(struct scaling *s, struct design *d, size_t n_blocks, const int32_t *label,
		    const struct scaling_rules *rules, struct pool *pool, struct err *err)
{
	struct moments m = {.label = label, .pool = pool, .n_genes = d->n_genes};
	int ret;

	*s = (struct scaling){.with_mean = rules->with_mean, .clip = rules->clip};
	allocate(s, d->n_genes);
	m.mean = s->mean;
	m.m2 = s->scale;
	m.present = s->present;
	ret = design_walk(d, n_blocks, pool, moments_visit, &m, err);
	s->n_counted = m.n;
	for (size_t gene = 0; gene < s->n_genes; gene++) {
		double variance = m.n ? m.m2[gene] / (double)m.n : 0;

		s->scale[gene] =
			is_constant(variance, s->mean[gene], (double)m.n) ? 1 : sqrt(variance);
		s->spread[gene] = 1;
	}
	if (rules->soft)
		soften(s);
	derive(s);
	return ret;
}

struct scaling scaling_narrow(const struct scaling *s, const uint32_t *gene_map, size_t n_genes)
{
	struct scaling to = {.n_counted = s->n_counted, .with_mean = s->with_mean, .clip = s->clip};

	allocate(&to, n_genes);
	for (size_t gene = 0; gene < s->n_genes; gene++) {
		uint32_t at = gene_map[gene];

		if (at == UINT32_MAX)
			continue;
		to.mean[at] = s->mean[gene];
		to.scale[at] = s->scale[gene];
		to.spread[at] = s->spread[gene];
		to.present[at] = s->present[gene];
	}
	derive(&to);
	return to;
}

void scaling_release(struct scaling *s)
{
	free(s->mean);
	free(s->scale);
	free(s->spread);
	free(s->present);
	free(s->inverse);
	free(s->z0);
	free(s->cap);
	*s = (struct scaling){0};
}
