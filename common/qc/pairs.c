/* pairs.c - see pairs.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "matrix/logexp.h"
#include "qc/pairs.h"

#define BLOCK_CELLS 1024

struct pairs {
	struct cells kept; /* counts of the cells, all of them */
	size_t n_genes;
	double target_sum;
	uint32_t (*drawn)[2];
};

struct pairs *pairs_new(size_t n_cells, size_t n_genes, double target_sum)
{
	struct pairs *p = mem_zero(1, sizeof(*p));

	cells_reserve(&p->kept, n_cells, n_cells * 16);
	MEM_ZERO(p->kept.counts, n_cells);
	p->kept.cap_counts = n_cells;
	p->kept.n_genes = n_genes;
	p->kept.starts[0] = 0;
	p->n_genes = n_genes;
	p->target_sum = target_sum;
	return p;
}

void pairs_free(struct pairs *p)
{
	if (!p)
		return;
	cells_release(&p->kept);
	free(p->drawn);
	free(p);
}

static void make_room(struct cells *c, size_t n)
{
	if (n <= c->cap_stored)
		return;
	c->cap_stored = n + n / 2;
	c->genes = mem_resize(c->genes, c->cap_stored, sizeof(*c->genes));
	c->values = mem_resize(c->values, c->cap_stored, sizeof(*c->values));
}

void pairs_add_cells(struct pairs *p, const struct cells *block, const uint32_t *map)
{
	struct cells *k = &p->kept;

	for (size_t cell = 0; cell < block->n_cells; cell++) {
		size_t at = k->starts[k->n_cells];

		make_room(k, at + block->starts[cell + 1] - block->starts[cell]);
		for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
			k->genes[at] = map[block->genes[i]];
			k->values[at] = block->values[i];
			at += k->genes[at] != UINT32_MAX;
		}
		k->counts[k->n_cells++] = block->counts[cell];
		k->starts[k->n_cells] = at;
	}
}

void pairs_draw(struct pairs *p, size_t n, uint64_t seed)
{
	struct rng rng = rng_seeded(mix64(seed ^ 0x70616972u));
	size_t n_cells = p->kept.n_cells;

	MEM_ARRAY(p->drawn, n);
	for (size_t i = 0; i < n; i++) {
		p->drawn[i][0] = (uint32_t)rng_below(&rng, n_cells);
		p->drawn[i][1] = (uint32_t)rng_below(&rng, n_cells - 1);
		p->drawn[i][1] += p->drawn[i][1] >= p->drawn[i][0];
	}
}

struct pairs_source {
	struct stream base;
	const struct pairs *p;
	size_t next, end;
	struct cells block;
};

/* Merge two cells' counts, each by rising genes, behind 'at'. Returns the new end. */
static size_t add_up(const struct cells *k, uint32_t a, uint32_t b, struct cells *out, size_t at)
{
	size_t i = k->starts[a], i_end = k->starts[a + 1];
	size_t j = k->starts[b], j_end = k->starts[b + 1];

	while (i < i_end || j < j_end) {
		bool from_a = j == j_end || (i < i_end && k->genes[i] <= k->genes[j]);
		bool from_b = i == i_end || (j < j_end && k->genes[j] <= k->genes[i]);

		out->genes[at] = from_a ? k->genes[i] : k->genes[j];
		out->values[at] = (from_a ? k->values[i] : 0) + (from_b ? k->values[j] : 0);
		at++;
		i += from_a;
		j += from_b;
	}
	return at;
}

/* One cell or pair, log-normalised, as the block's next. */
static void put_one(const struct pairs *p, size_t number, struct cells *out)
{
	const struct cells *k = &p->kept;
	size_t first = out->starts[out->n_cells], end;
	double counts;

	if (number < k->n_cells) {
		size_t n = k->starts[number + 1] - k->starts[number];

		make_room(out, first + n);
		memcpy(out->genes + first, k->genes + k->starts[number], n * sizeof(*k->genes));
		memcpy(out->values + first, k->values + k->starts[number], n * sizeof(*k->values));
		end = first + n;
		counts = k->counts[number];
	} else {
		const uint32_t *pair = p->drawn[number - k->n_cells];

		make_room(out, first + k->starts[pair[0] + 1] - k->starts[pair[0]] +
				       k->starts[pair[1] + 1] - k->starts[pair[1]]);
		end = add_up(k, pair[0], pair[1], out, first);
		counts = k->counts[pair[0]] + k->counts[pair[1]];
	}
	if (counts > 0)
		log1p_scaled(out->values + first, end - first, (float)(p->target_sum / counts));
	out->starts[++out->n_cells] = end;
}

static int pairs_next(struct stream *stream, struct cells **block, struct err *err UNUSED)
{
	struct pairs_source *s = (struct pairs_source *)stream;
	size_t n = MIN(s->end - s->next, (size_t)BLOCK_CELLS);

	if (n == 0)
		return 0;
	s->block.first += s->block.n_cells;
	s->block.n_cells = 0;
	for (size_t i = 0; i < n; i++)
		put_one(s->p, s->next++, &s->block);
	*block = &s->block;
	return 1;
}

static void pairs_stream_free(struct stream *stream)
{
	struct pairs_source *s = (struct pairs_source *)stream;

	cells_release(&s->block);
	free(s);
}

struct stream *pairs_stream(const struct pairs *p, size_t first, size_t n)
{
	struct pairs_source *s = mem_zero(1, sizeof(*s));

	s->base = (struct stream){
		.n_cells = n, .n_genes = p->n_genes, .next = pairs_next, .free = pairs_stream_free};
	s->p = p;
	s->next = first;
	s->end = first + n;
	cells_reserve(&s->block, BLOCK_CELLS, BLOCK_CELLS * 64);
	s->block.n_genes = p->n_genes;
	s->block.starts[0] = 0;
	return &s->base;
}
