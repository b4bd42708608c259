/* stream_steps.c - a stream over another stream, with something done to each block on its way. */
#include "base/util.h"

#include "base/strtab.h"
#include "matrix/logexp.h"
#include "matrix/lognorm.h"
#include "matrix/stream_steps.h"

#define CELLS_PER_PART 256

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
	size_t end = MIN(block->n_cells, (part + 1) * CELLS_PER_PART);

	for (size_t cell = part * CELLS_PER_PART; cell < end; cell++)
		block->counts[cell] = sum_floats(block->values + block->starts[cell],
						 block->starts[cell + 1] - block->starts[cell]);
}

static int count_block(struct stream_step *s, struct cells *block, struct err *err UNUSED)
{
	struct counting job = {block};

	MEM_GROW(block->counts, block->n_cells, block->cap_counts);
	pool_run(s->pool, (block->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART, count_part, &job);
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
	struct cells taken;
};

static int take_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct taking *t = (struct taking *)stream;
	struct cells *all, *out = &t->taken;
	size_t n = 0;
	int got = stream_next(t->from, &all, err);

	if (got <= 0)
		return got;
	cells_reserve(out, all->n_cells, cells_stored(all));
	out->first = all->first;
	out->n_cells = all->n_cells;
	out->n_genes = stream->n_genes;
	out->starts[0] = 0;
	for (size_t cell = 0; cell < all->n_cells; cell++) {
		for (size_t i = all->starts[cell]; i < all->starts[cell + 1]; i++) {
			out->genes[n] = t->map[all->genes[i]];
			out->values[n] = all->values[i];
			n += out->genes[n] != STRTAB_NONE;
		}
		out->starts[cell + 1] = n;
	}
	*block = out;
	return 1;
}

static void take_free(struct stream *stream)
{
	struct taking *t = (struct taking *)stream;

	stream_free(t->from);
	cells_release(&t->taken);
	free(t);
}

struct stream *stream_take_genes(struct stream *from, const uint32_t *map, size_t n_genes)
{
	struct taking *t = mem_zero(1, sizeof(*t));

	t->base = *from;
	t->base.next = take_next;
	t->base.free = take_free;
	t->base.n_genes = n_genes;
	t->base.n_stored = 0;
	t->from = from;
	t->map = map;
	return &t->base;
}
