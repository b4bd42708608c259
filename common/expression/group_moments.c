/* group_moments.c - see group_moments.h. */
#include "base/util.h"

#include <math.h>

#include "expression/group_moments.h"

#define AHEAD ((size_t)12)  /* values: their sums are on their way from memory meanwhile */
#define N_PARTS ((size_t)8) /* of the genes; each part sees all cells in their order */

struct moments_pass {
	struct group_moments *m;
	const struct cells *block;
	const uint32_t *group_of;
	const uint32_t *order; /* the block's cells by group, in their order within each */
};

void group_moments_init(struct group_moments *m, size_t n_groups, size_t n_genes, bool unlogged)
{
	size_t n = mem_product(n_groups + 1, n_genes);

	*m = (struct group_moments){.n_groups = n_groups, .n_genes = n_genes};
	MEM_ZERO(m->n_cells, n_groups + 1);
	MEM_ZERO(m->sums, n);
	if (unlogged)
		MEM_ZERO(m->unlogged, n);
}

void group_moments_release(struct group_moments *m)
{
	free(m->n_cells);
	free(m->sums);
	free(m->unlogged);
	*m = (struct group_moments){0};
}

/* The first of genes[from..end) that is 'gene' or above. */
static size_t first_at_least(const uint32_t *genes, size_t from, size_t end, size_t gene)
{
	while (from < end) {
		size_t middle = from + (end - from) / 2;
		if (genes[middle] < gene)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

static inline void add_value(struct group_sum *s, float value)
{
	if (s->n == 0)
		s->pivot = value;
	double x = (double)value - (double)s->pivot;
	s->n++;
	s->shifted += x;
	s->squares += x * x;
}

/* Whose sums a cell's group has: those without a group have the last ones. */
static size_t sums_of(const struct group_moments *m, uint32_t group)
{
	return group == GROUP_NONE ? m->n_groups : group;
}

static void add_part(void *arg, size_t part)
{
	const struct moments_pass *p = arg;
	struct group_moments *m = p->m;
	const struct cells *block = p->block;
	size_t first = m->n_genes * part / N_PARTS, last = m->n_genes * (part + 1) / N_PARTS;

	for (size_t at = 0; at < block->n_cells; at++) {
		size_t cell = p->order[at];
		size_t row = sums_of(m, p->group_of[block->first + cell]) * m->n_genes;
		size_t end = block->starts[cell + 1];
		size_t i = first_at_least(block->genes, block->starts[cell], end, first);

		for (; i < end && block->genes[i] < last; i++) {
			float value = block->values[i];

			if (i + AHEAD < end)
				__builtin_prefetch(&m->sums[row + block->genes[i + AHEAD]], 1);
			if (value == 0)
				continue;
			add_value(&m->sums[row + block->genes[i]], value);
			if (m->unlogged)
				m->unlogged[row + block->genes[i]] += expm1((double)value);
		}
	}
}

/* Cells of a group one after the other: its sums, megabytes in all, then stay in the cache. */
static uint32_t *order_by_group(struct group_moments *m, const struct cells *block,
				const uint32_t *group_of)
{
	size_t *next;
	uint32_t *order;

	MEM_ZERO(next, m->n_groups + 2);
	MEM_ARRAY(order, block->n_cells);
	for (size_t cell = 0; cell < block->n_cells; cell++)
		next[sums_of(m, group_of[block->first + cell]) + 1]++;
	for (size_t g = 0; g <= m->n_groups; g++) {
		m->n_cells[g] += next[g + 1];
		next[g + 1] += next[g];
	}
	for (size_t cell = 0; cell < block->n_cells; cell++)
		order[next[sums_of(m, group_of[block->first + cell])]++] = (uint32_t)cell;
	free(next);
	return order;
}

void group_moments_add(struct group_moments *m, const struct cells *block, const uint32_t *group_of,
		       struct pool *pool)
{
	uint32_t *order = order_by_group(m, block, group_of);
	struct moments_pass pass = {m, block, group_of, order};

	pool_run(pool, N_PARTS, add_part, &pass);
	free(order);
}

struct moment moment_merge(const struct moment *a, const struct moment *b)
{
	double n = a->n + b->n, delta = b->mean - a->mean;

	if (a->n == 0)
		return *b;
	if (b->n == 0)
		return *a;
	return (struct moment){
		.n = n,
		.mean = a->mean + delta * (b->n / n),
		.squares = a->squares + b->squares + delta * delta * (a->n * b->n / n),
		.n_expressing = a->n_expressing + b->n_expressing,
	};
}

struct moment group_moment(const struct group_moments *m, size_t group, size_t gene)
{
	const struct group_sum *s = &m->sums[group * m->n_genes + gene];
	double n = s->n;
	struct moment stored = {0}, zeros = {.n = (double)m->n_cells[group] - n};

	if (s->n == 0)
		return zeros;
	stored = (struct moment){.n = n,
				 .mean = (double)s->pivot + s->shifted / n,
				 .squares = fmax(s->squares - s->shifted * s->shifted / n, 0),
				 .n_expressing = n};
	return moment_merge(&stored, &zeros);
}

double moment_variance(const struct moment *m)
{
	return m->n < 2 ? NAN : m->squares / (m->n - 1);
}

bool group_moments_reach(const struct group_moments *m, size_t gene, double share)
{
	for (size_t g = 0; g < m->n_groups; g++) {
		double n = (double)m->n_cells[g];
		if ((double)m->sums[g * m->n_genes + gene].n >= share * n)
			return true;
	}
	return false;
}
