/* stream_steps.c - a stream over another stream, with something done to each block on its way. */
#include "base/util.h"

#include "base/strtab.h"
#include "matrix/logexp.h"
#include "matrix/lognorm.h"
#include "matrix/stream_steps.h"

struct stream_step {
	struct stream base;
	struct stream *from;
	struct cells *held; /* a block that was read already, or NULL */
	int (*work)(struct stream_step *s, struct cells *block, struct err *err);
	int (*end)(struct stream_step *s, struct err *err);
	struct pool *pool;
	enum norm_way way;
	double target_sum;
	struct norm_look *look;
	stream_verdict *conclude;
	void *arg;
};

static int step_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct stream_step *s = (struct stream_step *)stream;
	int got = 1;

	if (s->held) {
		*block = s->held;
		s->held = NULL;
	} else {
		got = stream_next(s->from, block, err);
	}
	if (got > 0 && s->work && s->work(s, *block, err))
		return -1;
	if (got == 0 && s->end && s->end(s, err))
		return -1;
	return got;
}

static void step_free(struct stream *stream)
{
	struct stream_step *s = (struct stream_step *)stream;

	stream_free(s->from);
	norm_look_free(s->look);
	free(s);
}

static struct stream_step *step_on(struct stream *from, struct pool *pool)
{
	struct stream_step *s = mem_zero(1, sizeof(*s));

	s->base = *from;
	s->base.next = step_next;
	s->base.free = step_free;
	s->from = from;
	s->pool = pool;
	return s;
}

struct stream *stream_hold(struct stream *from, struct cells *first)
{
	struct stream_step *s = step_on(from, NULL);

	s->held = first;
	return &s->base;
}

/* ---- judging ---- */

static int judge_block(struct stream_step *s, struct cells *block, struct err *err UNUSED)
{
	norm_look_at(s->look, block, s->pool);
	return 0;
}

/* Once: a stream may be asked again after its end. */
static int judge_all(struct stream_step *s, struct err *err)
{
	struct norm_verdict v;

	if (!s->look)
		return 0;
	v = norm_judge(s->look);
	norm_look_free(s->look);
	s->look = NULL;
	return s->conclude(s->arg, &v, err);
}

struct stream *stream_judge(struct stream *from, stream_verdict *conclude, void *arg,
			    struct pool *pool)
{
	struct stream_step *s = step_on(from, pool);

	s->look = norm_look_new();
	s->work = judge_block;
	s->end = judge_all;
	s->conclude = conclude;
	s->arg = arg;
	return &s->base;
}

/* ---- counting ---- */

struct counting {
	struct cells *block;
};

static void count_part(void *arg, size_t part)
{
	struct cells *block = ((struct counting *)arg)->block;
	struct cell_range cells = cells_part(block, part);

	for (size_t cell = cells.from; cell < cells.end; cell++)
		block->counts[cell] = sum_floats(block->values + block->starts[cell],
						 block->starts[cell + 1] - block->starts[cell]);
}

static int count_block(struct stream_step *s, struct cells *block, struct err *err UNUSED)
{
	struct counting job = {block};

	MEM_GROW(block->counts, block->n_cells, block->cap_counts);
	pool_run(s->pool, cells_n_parts(block), count_part, &job);
	return 0;
}

struct stream *stream_count(struct stream *from, struct pool *pool)
{
	struct stream_step *s = step_on(from, pool);

	s->work = count_block;
	return &s->base;
}

/* ---- normalising ---- */

static int lognorm_block(struct stream_step *s, struct cells *block, struct err *err UNUSED)
{
	lognorm_cells(block, s->way, s->target_sum, s->pool);
	return 0;
}

struct stream *stream_lognorm(struct stream *from, enum norm_way way, double target_sum,
			      struct pool *pool)
{
	struct stream_step *s = step_on(from, pool);

	s->way = way;
	s->target_sum = target_sum;
	s->work = lognorm_block;
	s->base.integers = false;
	return &s->base;
}

/* ---- genes ---- */

struct taking {
	struct stream base;
	struct stream *from;
	const uint32_t *map;
	struct pool *pool;
	bool normalises;
	enum norm_way way;
	double target_sum;
	struct cells *all, taken; /* of the block at hand */
	size_t *n_taken;          /* per part */
	size_t cap_parts;
};

/* What is kept of a cell, to where its part of the block has room. Returns how many. */
static size_t take_cell(const struct taking *t, size_t cell, size_t at)
{
	size_t from = t->all->starts[cell], end = t->all->starts[cell + 1], n = at;
	uint32_t *genes = t->taken.genes;
	float *values = t->taken.values, factor = 0;

	if (t->normalises)
		factor = lognorm_factor(t->all->values + from, end - from, t->way, t->target_sum);
	for (size_t i = from; i < end; i++) {
		genes[n] = t->map[t->all->genes[i]];
		values[n] = t->all->values[i];
		n += genes[n] != STRTAB_NONE;
	}
	if (factor > 0)
		log1p_scaled(values + at, n - at, factor);
	return n - at;
}

/* Each part of the cells goes where it stood; 'starts' says for now how far into the part. */
static void take_part(void *arg, size_t part)
{
	struct taking *t = arg;
	struct cell_range cells = cells_part(t->all, part);
	size_t base = t->all->starts[cells.from], n = 0;

	for (size_t cell = cells.from; cell < cells.end; cell++) {
		n += take_cell(t, cell, base + n);
		t->taken.starts[cell + 1] = n;
	}
	t->n_taken[part] = n;
}

/* The gaps between the parts are closed. */
static void join_parts(struct taking *t)
{
	struct cells *out = &t->taken;
	size_t at = 0;

	for (size_t part = 0; part < cells_n_parts(t->all); part++) {
		struct cell_range cells = cells_part(t->all, part);
		size_t from = t->all->starts[cells.from], n = t->n_taken[part];

		memmove(out->genes + at, out->genes + from, n * sizeof(*out->genes));
		memmove(out->values + at, out->values + from, n * sizeof(*out->values));
		for (size_t i = cells.from; i < cells.end; i++)
			out->starts[i + 1] += at;
		at += n;
	}
}

static int take_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct taking *t = (struct taking *)stream;
	struct cells *out = &t->taken;
	int got = stream_next(t->from, &t->all, err);
	size_t n_parts;

	if (got <= 0)
		return got;
	n_parts = cells_n_parts(t->all);
	MEM_GROW(t->n_taken, n_parts, t->cap_parts);
	cells_reserve(out, t->all->n_cells, cells_stored(t->all));
	out->first = t->all->first;
	out->n_cells = t->all->n_cells;
	out->n_genes = stream->n_genes;
	out->starts[0] = 0;
	pool_run(t->pool, n_parts, take_part, t);
	join_parts(t);
	*block = out;
	return 1;
}

static void take_free(struct stream *stream)
{
	struct taking *t = (struct taking *)stream;

	stream_free(t->from);
	cells_release(&t->taken);
	free(t->n_taken);
	free(t);
}

static struct taking *taking_of(struct stream *from, const uint32_t *map, size_t n_genes,
				struct pool *pool)
{
	struct taking *t = mem_zero(1, sizeof(*t));

	t->base = *from;
	t->base.next = take_next;
	t->base.free = take_free;
	t->base.n_genes = n_genes;
	t->base.n_stored = 0;
	t->from = from;
	t->map = map;
	t->pool = pool;
	return t;
}

struct stream *stream_take_genes(struct stream *from, const uint32_t *map, size_t n_genes,
				 struct pool *pool)
{
	return &taking_of(from, map, n_genes, pool)->base;
}

struct stream *stream_lognorm_genes(struct stream *from, enum norm_way way, double target_sum,
				    const uint32_t *map, size_t n_genes, struct pool *pool)
{
	struct taking *t = taking_of(from, map, n_genes, pool);

	t->normalises = true;
	t->way = way;
	t->target_sum = target_sum;
	t->base.integers = false;
	return &t->base;
}
