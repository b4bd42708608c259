/* tissue.c - see tissue.h. */
#include "base/util.h"

#include "base/text.h"
#include "graph/tissue.h"

#define CELLS_PER_PART ((size_t)512)

/* ---- smoothing ---- */

struct smoothing {
	const struct cells *near;
	const float *from;
	float *to;
	size_t n_dims;
	double share;
};

static void smooth_cell(const struct smoothing *s, size_t cell, double *sum)
{
	const float *own = s->from + cell * s->n_dims;
	double all = 1;

	for (size_t k = 0; k < s->n_dims; k++)
		sum[k] = (double)own[k];
	for (size_t i = s->near->starts[cell]; i < s->near->starts[cell + 1]; i++) {
		const float *other = s->from + s->near->genes[i] * s->n_dims;
		double weight = (double)s->near->values[i];

		all += weight;
		for (size_t k = 0; k < s->n_dims; k++)
			sum[k] += weight * (double)other[k];
	}
	for (size_t k = 0; k < s->n_dims; k++)
		s->to[cell * s->n_dims + k] =
			(float)((1 - s->share) * (double)own[k] + s->share * sum[k] / all);
}

static void smooth_part(void *arg, size_t part)
{
	const struct smoothing *s = arg;
	size_t last = MIN((part + 1) * CELLS_PER_PART, s->near->n_cells);
	double *sum;

	MEM_ARRAY(sum, s->n_dims);
	for (size_t cell = part * CELLS_PER_PART; cell < last; cell++)
		smooth_cell(s, cell, sum);
	free(sum);
}

void tissue_diffuse(float *points, size_t n_dims, const struct cells *near, double share,
		    size_t steps, struct pool *pool)
{
	size_t n = near->n_cells, parts = (n + CELLS_PER_PART - 1) / CELLS_PER_PART;
	struct smoothing s = {near, NULL, NULL, n_dims, share};
	float *before;

	MEM_ARRAY(before, mem_product(n, n_dims));
	s.from = before;
	s.to = points;
	for (size_t step = 0; step < steps; step++) {
		memcpy(before, points, n * n_dims * sizeof(*points));
		pool_run(pool, parts, smooth_part, &s);
	}
	free(before);
}

bool tissue_parse_diffuse(const char *text, double *share, size_t *steps)
{
	char *copy = mem_str(text), *after = strchr(copy, ':');
	bool fits;

	if (after)
		*after++ = '\0';
	fits = after && parse_double(copy, share) && *share > 0 && *share <= 1 &&
	       parse_size(after, 1, 1000, steps);
	free(copy);
	return fits;
}

/* ---- mixing ---- */

static double row_sum(const struct cells *graph, size_t cell)
{
	double sum = 0;

	for (size_t i = graph->starts[cell]; i < graph->starts[cell + 1]; i++)
		sum += (double)graph->values[i];
	return sum;
}

/*
 * By what each cell's edges are multiplied on their way into the mixed row: since both graphs are
 * symmetric, so is the sum of an edge's two directions.
 */
struct factors {
	double *near, *alike;
};

static struct factors factors_of(const struct cells *near, const struct cells *alike, double share)
{
	struct factors f;

	MEM_ZERO(f.near, near->n_cells + 1);
	MEM_ZERO(f.alike, near->n_cells + 1);
	for (size_t cell = 0; cell < near->n_cells; cell++) {
		double n = row_sum(near, cell), a = row_sum(alike, cell);
		double whole = (n > 0 ? share : 0) + (a > 0 ? 1 - share : 0);

		if (n > 0 && whole > 0)
			f.near[cell] = share / n / whole;
		if (a > 0 && whole > 0)
			f.alike[cell] = (1 - share) / a / whole;
	}
	return f;
}

static void put_edge(struct cells *m, size_t *at, uint32_t to, double weight)
{
	if (!((float)weight > 0))
		return;
	m->genes[*at] = to;
	m->values[(*at)++] = (float)weight;
}

static void mix_row(struct cells *m, size_t *at, size_t cell, const struct cells *near,
		    const struct cells *alike, const struct factors *f)
{
	size_t i = near->starts[cell], k = alike->starts[cell];
	size_t i_end = near->starts[cell + 1], k_end = alike->starts[cell + 1];

	while (i < i_end || k < k_end) {
		uint32_t a = i < i_end ? near->genes[i] : UINT32_MAX;
		uint32_t b = k < k_end ? alike->genes[k] : UINT32_MAX, to = MIN(a, b);
		double weight = 0;

		if (a == to)
			weight += (double)near->values[i++] * (f->near[cell] + f->near[to]) / 2;
		if (b == to)
			weight += (double)alike->values[k++] * (f->alike[cell] + f->alike[to]) / 2;
		put_edge(m, at, to, weight);
	}
}

struct cells tissue_mix(const struct cells *near, const struct cells *alike, double share)
{
	struct factors f = factors_of(near, alike, share);
	struct cells m = {0};
	size_t at = 0;

	cells_reserve(&m, near->n_cells, cells_stored(near) + cells_stored(alike));
	m.n_cells = m.n_genes = near->n_cells;
	m.starts[0] = 0;
	for (size_t cell = 0; cell < near->n_cells; cell++) {
		mix_row(&m, &at, cell, near, alike, &f);
		m.starts[cell + 1] = at;
	}
	free(f.near);
	free(f.alike);
	return m;
}

size_t tissue_alone(const struct cells *graph)
{
	size_t n = 0;

	for (size_t cell = 0; cell < graph->n_cells; cell++)
		n += graph->starts[cell] == graph->starts[cell + 1];
	return n;
}
