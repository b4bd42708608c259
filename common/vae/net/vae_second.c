/* vae_second.c - scANVI's second latent: who works on which rows; see vae_second_private.h. */
#include "base/util.h"

#include "base/mem.h"
#include "vae/net/vae_second_private.h"

#define POSSIBLE ((real)1e-8)
#define GROUP_ROWS ((size_t)64) /* about so many go through the nets together */
#define SHARDS ((size_t)8)      /* about so many, each with gradients to sum */

/* ---- room ---- */

/* Params of the nets, in a fixed order. */
static size_t list_params(struct nets *n, struct param *list[NET_PARAMS])
{
	struct dense *layers[NET_PARAMS / 2];
	size_t n_layers = 0, at = 0;

	for (size_t i = 0; i < n->up.n_layers; i++)
		layers[n_layers++] = &n->up.layer[i];
	for (size_t i = 0; i < n->down.n_layers; i++)
		layers[n_layers++] = &n->down.layer[i];
	layers[n_layers++] = &n->up_mean;
	layers[n_layers++] = &n->up_variance;
	layers[n_layers++] = &n->down_mean;
	layers[n_layers++] = &n->down_variance;
	for (size_t i = 0; i < n_layers; i++) {
		list[at++] = &layers[i]->weight;
		list[at++] = &layers[i]->bias;
	}
	return at;
}

static struct nets nets_of(const struct vae *v)
{
	return (struct nets){v->up,          v->down,      v->up_mean,
			     v->up_variance, v->down_mean, v->down_variance};
}

/* Numbers of a shard's gradients. */
static size_t count_grads(const struct vae *v)
{
	struct nets nets = nets_of(v);
	struct param *list[NET_PARAMS];
	size_t n = list_params(&nets, list), sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += param_trained(list[i]) ? list[i]->n : 0;
	return sum;
}

/* The model's nets, whose gradients go to the shard's own room. */
static void take_nets(struct shard *h, const struct second *s)
{
	struct param *list[NET_PARAMS];
	real *at = h->sums->grads;
	size_t n;

	h->nets = nets_of(s->w->v);
	n = list_params(&h->nets, list);
	for (size_t i = 0; at && i < n; i++)
		if (param_trained(list[i])) {
			list[i]->grad = at;
			at += list[i]->n;
		}
}

static void reserve_rows(struct shard *h, size_t rows)
{
	const struct vae_recipe *r = &h->s->w->v->recipe;
	real *at;

	if (rows <= h->cap)
		return;
	free(h->room);
	h->cap = rows;
	h->room = at = mem_vectors(mem_product(rows, r->n_hidden + 13 * r->n_latent), sizeof(real));
	h->d = at;
	at += rows * r->n_hidden;
	for (real ***b = (real * *[]){&h->m2, &h->raw2, &h->v2, &h->draw, &h->z2, &h->pm, &h->raw1,
				      &h->inverse, &h->d2_mean, &h->d2_raw, &h->d2_z, &h->d1_mean,
				      &h->d1_raw, NULL};
	     *b; b++, at += rows * r->n_latent)
		**b = at;
}

static void reserve_rooms(struct second *s, size_t n)
{
	if (s->rooms)
		return;
	MEM_ZERO(s->rooms, n);
	s->n_rooms = n;
	for (size_t i = 0; i < n; i++) {
		s->rooms[i].s = s;
		atomic_flag_clear(&s->rooms[i].busy);
	}
}

/* What there is room for by cells. */
static void free_cells(struct second *s)
{
	free(s->shard_starts);
	free(s->row_starts);
	free(s->row_cell);
	free(s->row_label);
	free(s->row_number);
	free(s->cost);
	free(s->kl);
}

void second_free(struct second *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_rooms; i++) {
		tape_free(&s->rooms[i].up);
		tape_free(&s->rooms[i].down);
		free(s->rooms[i].room);
	}
	for (size_t i = 0; i < s->cap_sums; i++)
		free(s->sums[i].grads);
	free(s->rooms);
	free(s->sums);
	free_cells(s);
	free(s);
}

/* A shard's gradients are as many as are trained now. */
static void reserve_sums(struct second *s, size_t n_grads)
{
	size_t before = s->cap_sums;

	MEM_GROW(s->sums, s->n_shards, s->cap_sums);
	memset(s->sums + before, 0, (s->cap_sums - before) * sizeof(*s->sums));
	for (size_t i = 0; n_grads != s->n_grads && i < s->cap_sums; i++) {
		free(s->sums[i].grads);
		s->sums[i].grads = NULL;
	}
	s->n_grads = n_grads;
	for (size_t i = 0; i < s->n_shards; i++) {
		struct shard_sums *sums = &s->sums[i];

		if (n_grads && !sums->grads)
			sums->grads = mem_vectors(n_grads, sizeof(real));
		sums->reconstruction = sums->kl = 0;
	}
}

static void reserve_cells(struct second *s, size_t n)
{
	size_t rows = n * s->w->v->recipe.n_labels;

	if (n <= s->cap_cells)
		return;
	s->cap_cells = n;
	free_cells(s);
	MEM_ZERO(s->shard_starts, n + 1);
	MEM_ZERO(s->row_starts, n + 1);
	MEM_ZERO(s->row_cell, rows);
	MEM_ZERO(s->row_label, rows);
	MEM_ZERO(s->row_number, rows);
	MEM_ZERO(s->cost, rows);
	MEM_ZERO(s->kl, rows);
}

/* Room for the mini-batch, and who works on what. */
static struct second *prepare(struct vae_work *w, const struct vae_cells *c,
			      const struct vae_how *how)
{
	struct second *s = w->second ? w->second : mem_zero(1, sizeof(*s));
	bool joint = second_is_joint(&w->v->recipe);

	w->second = s;
	s->w = w;
	s->cells = c;
	s->how = how;
	s->pool = joint ? w->pool : NULL;
	reserve_rooms(s, w->pool ? pool_size(w->pool) : 1);
	reserve_cells(s, c->n);
	return s;
}

/* Which classes are possible for which cells. */
static void list_rows(struct second *s)
{
	const struct vae_recipe *r = &s->w->v->recipe;
	const struct vae_cells *c = s->cells;
	bool all = second_is_joint(r);
	size_t row = 0;

	for (size_t i = 0; i < c->n; i++) {
		s->row_starts[i] = row;
		for (size_t k = 0; k < r->n_labels; k++) {
			if (!all && s->w->p[i * r->n_labels + k] < POSSIBLE)
				continue;
			s->row_cell[row] = (uint32_t)i;
			s->row_label[row] = (uint32_t)k;
			s->row_number[row++] = c->number ? c->number[i] * r->n_labels + k : 0;
		}
	}
	s->row_starts[c->n] = row;
}

/* ---- shards ---- */

/* Where a run of cells ends that has so many rows, or all that are left until 'to'. */
static size_t run_end(const struct second *s, size_t at, size_t to, size_t rows)
{
	size_t end = at + 1;

	while (end < to && s->row_starts[end] - s->row_starts[at] < rows)
		end++;
	return MIN(end, to);
}

/* Shards of about as many rows: a few when gradients are to be summed, else a group each. */
static void cut_shards(struct second *s)
{
	bool joint = second_is_joint(&s->w->v->recipe);
	size_t n = s->cells->n, n_grads = joint ? 0 : count_grads(s->w->v);
	size_t rows = joint ? SIZE_MAX : n_grads ? s->row_starts[n] / SHARDS : 0;

	s->n_shards = 0;
	for (size_t at = 0; at < n; at = run_end(s, at, n, MAX(rows, GROUP_ROWS)))
		s->shard_starts[s->n_shards++] = at;
	s->shard_starts[s->n_shards] = n;
	reserve_sums(s, n_grads);
}

/* A few cells, all the way. */
static void do_group(struct shard *h, size_t from, size_t to)
{
	struct second *s = h->s;
	struct pass pass = vae_pass_of(s->cells, s->how);

	h->first_cell = from;
	h->n_cells = to - from;
	h->first_row = s->row_starts[from];
	h->n_rows = s->row_starts[to] - h->first_row;
	pass.cells = s->row_number + h->first_row;
	reserve_rows(h, h->n_rows);
	shard_forward(h, &pass);
	if (!s->how->forward)
		shard_backward(h, &pass);
}

/* There is one free for everybody who works. */
static struct shard *take_room(struct second *s)
{
	for (size_t i = 0;; i = (i + 1) % s->n_rooms)
		if (!atomic_flag_test_and_set(&s->rooms[i].busy))
			return &s->rooms[i];
}

static void do_shard(void *arg, size_t part)
{
	struct second *s = arg;
	struct shard *h = take_room(s);
	size_t to = s->shard_starts[part + 1];

	h->sums = &s->sums[part];
	take_nets(h, s);
	for (size_t at = s->shard_starts[part], end; at < to; at = end) {
		end = run_end(s, at, to, GROUP_ROWS);
		do_group(h, at, end);
	}
	atomic_flag_clear(&h->busy);
}

CLONES static void add_to(real *restrict to, const real *restrict from, size_t n)
{
	for (size_t j = 0; j < n; j++)
		to[j] += from[j];
}

struct reduce {
	struct second *s;
	struct param *list[NET_PARAMS];
	size_t n;
};

#define NUMBERS ((size_t)4096) /* of a part */

/* A part of all gradients, one behind the other: the shards' sums, in their order. */
static void reduce_part(void *arg, size_t part)
{
	const struct reduce *r = arg;
	size_t from = part * NUMBERS, to = MIN(from + NUMBERS, r->s->n_grads), at = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct param *p = r->list[i];
		size_t begin = MAX(at, from), end;

		if (!param_trained(p))
			continue;
		end = MIN(at + p->n, to);
		for (size_t k = 0; begin < end && k < r->s->n_shards; k++) {
			real *grads = r->s->sums[k].grads + begin;

			add_to(p->grad + (begin - at), grads, end - begin);
			memset(grads, 0, (end - begin) * sizeof(*grads));
		}
		at += p->n;
	}
}

static void reduce(struct second *s)
{
	struct nets nets = nets_of(s->w->v);
	struct reduce r = {.s = s};

	r.n = list_params(&nets, r.list);
	pool_run(s->w->pool, (s->n_grads + NUMBERS - 1) / NUMBERS, reduce_part, &r);
}

/* Nets are used by value: what was trained is known to the model's own. */
static void mark_used(struct vae *v)
{
	struct dense *const heads[] = {&v->up_mean, &v->up_variance, &v->down_mean,
				       &v->down_variance};

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		dense_mark_used(heads[i]);
	for (size_t i = 0; i < v->up.n_layers; i++)
		dense_mark_used(&v->up.layer[i]);
	for (size_t i = 0; i < v->down.n_layers; i++)
		dense_mark_used(&v->down.layer[i]);
}

/* Under batch norm: the whole mini-batch at once, in the model's own nets. */
static void do_all(struct second *s)
{
	struct shard *h = &s->rooms[0];
	struct vae *v = s->w->v;

	h->sums = &s->sums[0];
	h->nets = nets_of(v);
	do_group(h, 0, s->cells->n);
	for (size_t i = 0; i < v->up.n_layers; i++)
		v->up.norm[i] = h->nets.up.norm[i];
	for (size_t i = 0; i < v->down.n_layers; i++)
		v->down.norm[i] = h->nets.down.norm[i];
}

void second_step(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
		 struct vae_loss *loss)
{
	struct second *s = prepare(w, c, how);
	struct dense plain = w->v->up.layer[0]; /* without its categories */
	struct rows z = {c->n, w->z, NULL, NULL, NULL};

	list_rows(s);
	cut_shards(s);
	plain.n_extra = 0;
	dense_forward(&plain, w->pool, z, NULL, w->d_hidden);
	if (second_is_joint(&w->v->recipe))
		do_all(s);
	else
		pool_run(w->pool, s->n_shards, do_shard, s);
	for (size_t i = 0; i < s->n_shards; i++) {
		loss->reconstruction += s->sums[i].reconstruction;
		loss->kl += s->sums[i].kl;
	}
	if (how->forward)
		return;
	reduce(s);
	mark_used(w->v);
	dense_backward(&w->v->up.layer[0], w->pool, z, NULL, w->d_hidden);
	dense_backward_input(&w->v->up.layer[0], w->pool, c->n, w->d_hidden, true, w->d_z);
}
