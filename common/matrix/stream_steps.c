/* steps.c - a stream over another stream, with something done to each block on its way. */
#include "base/util.h"

#include "base/strtab.h"
#include "matrix/lognorm.h"
#include "matrix/stream_steps.h"

struct step {
	struct stream base;
	struct stream *from;
	step_work *work;
	void *arg;
	void (*release)(void *arg);
};

static int step_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct step *s = (struct step *)stream;
	int got = stream_next(s->from, block, err);

	return got > 0 && s->work(*block, s->arg, err) ? -1 : got;
}

static void step_free(struct stream *stream)
{
	struct step *s = (struct step *)stream;

	stream_free(s->from);
	if (s->release)
		s->release(s->arg);
	free(s);
}

struct stream *stream_step(struct stream *from, step_work *work, void *arg,
			   void (*release)(void *arg))
{
	struct step *s = mem_zero(1, sizeof(*s));

	s->base = *from;
	s->base.next = step_next;
	s->base.free = step_free;
	s->from = from;
	s->work = work;
	s->arg = arg;
	s->release = release;
	return &s->base;
}

struct lognorm_step {
	double target_sum;
	struct pool *pool;
};

static int lognorm_work(struct cells *block, void *arg, struct err *err UNUSED)
{
	const struct lognorm_step *l = arg;

	lognorm_cells(block, l->target_sum, l->pool);
	return 0;
}

struct stream *stream_lognorm(struct stream *from, double target_sum, struct pool *pool)
{
	struct lognorm_step *l = mem_zero(1, sizeof(*l));

	l->target_sum = target_sum;
	l->pool = pool;
	struct stream *s = stream_step(from, lognorm_work, l, free);
	s->integers = false;
	return s;
}

struct take {
	struct stream base;
	struct stream *from;
	const uint32_t *map;
	struct cells taken;
};

static int take_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct take *t = (struct take *)stream;
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
	struct take *t = (struct take *)stream;

	stream_free(t->from);
	cells_release(&t->taken);
	free(t);
}

struct stream *stream_take_genes(struct stream *from, const uint32_t *map, size_t n_genes)
{
	struct take *t = mem_zero(1, sizeof(*t));

	t->base = *from;
	t->base.next = take_next;
	t->base.free = take_free;
	t->base.n_genes = n_genes;
	t->base.n_stored = 0;
	t->from = from;
	t->map = map;
	return &t->base;
}
