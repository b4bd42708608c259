/* stack.c - hidden layers; see stack.h. */
#include "base/util.h"

#include "base/mem.h"
#include "nn/stack.h"

#define ROWS 32

struct stack stack_new(size_t n_in, size_t n_extra, size_t n_hidden, size_t n_layers, bool deep,
		       bool batch_norm, bool layer_norm)
{
	struct stack s = {.n_layers = n_layers,
			  .n_hidden = n_hidden,
			  .deep = deep,
			  .batch_norm = batch_norm,
			  .layer_norm = layer_norm};

	for (size_t i = 0; i < n_layers; i++) {
		s.layer[i] = dense_new(i ? n_hidden : n_in, i == 0 || deep ? n_extra : 0, n_hidden);
		if (batch_norm)
			s.norm[i] = batch_norm_new(n_hidden);
	}
	return s;
}

void stack_free(struct stack *s)
{
	for (size_t i = 0; i < s->n_layers; i++) {
		dense_free(&s->layer[i]);
		batch_norm_free(&s->norm[i]);
	}
	*s = (struct stack){0};
}

/* ---- the tape ---- */

void tape_free(struct tape *t)
{
	for (size_t i = 0; i < STACK_LAYERS; i++) {
		free(t->x_hat[i]);
		free(t->normal[i]);
		free(t->out[i]);
		free(t->batch_spread[i]);
		free(t->layer_spread[i]);
	}
	free(t->back[0]);
	free(t->back[1]);
	*t = (struct tape){0};
}

static void tape_reserve(struct tape *t, const struct stack *s, size_t n)
{
	size_t values = n * s->n_hidden;

	if (n <= t->cap)
		return;
	tape_free(t);
	t->cap = n;
	for (size_t i = 0; i < s->n_layers; i++) {
		t->normal[i] = mem_vectors(values, sizeof(real));
		t->out[i] = mem_vectors(values, sizeof(real));
		t->layer_spread[i] = mem_vectors(n, sizeof(real));
		if (!s->batch_norm)
			continue;
		t->x_hat[i] = mem_vectors(values, sizeof(real));
		t->batch_spread[i] = mem_vectors(s->n_hidden, sizeof(real));
	}
	t->back[0] = mem_vectors(values, sizeof(real));
	t->back[1] = mem_vectors(values, sizeof(real));
}

/* ---- layer norm, ReLU and dropout ---- */

/* Numbers that one thread is through with before another would be awake. */
#define FEW ((size_t)32768)

/* A layer's rows, from behind its batch norm to its output; or the way back of a gradient. */
struct rows_job {
	const struct stack *s;
	const struct pass *pass;
	struct tape *t;
	size_t n, layer;
	real *d;
};

static bool drops(const struct stack *s, const struct pass *pass)
{
	return pass->training && pass->noise && s->dropout > 0;
}

CLONES static void rectify(const real *restrict in, real *restrict out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = in[i] > 0 ? in[i] : 0;
}

/* What came out above 0 passed the ReLU and was not dropped. */
CLONES static void unrectify(const real *restrict came, real *restrict d, size_t n, real scale)
{
	for (size_t i = 0; i < n; i++) {
		real factor = came[i] > 0 ? scale : 0;

		d[i] *= factor;
	}
}

static void finish_row(const struct rows_job *r, size_t i)
{
	size_t width = r->s->n_hidden;
	unsigned purpose = NOISE_DROPOUT + r->s->number * STACK_LAYERS + (unsigned)r->layer;
	real *in = r->t->normal[r->layer] + i * width, *out = r->t->out[r->layer] + i * width;

	if (r->s->layer_norm)
		r->t->layer_spread[r->layer][i] = layer_norm_row(in, width, out);
	else
		rectify(in, out, width);
	if (drops(r->s, r->pass))
		noise_drop(r->pass->noise, purpose, r->pass->cells ? r->pass->cells[i] : i,
			   r->s->dropout, out, width);
}

static void undo_row(const struct rows_job *r, size_t i)
{
	size_t width = r->s->n_hidden, at = i * width;
	real scale = drops(r->s, r->pass) ? (real)(1 / (1 - r->s->dropout)) : 1;
	const real *came = r->t->out[r->layer] + at;

	if (r->s->layer_norm)
		layer_norm_row_back(r->t->normal[r->layer] + at, r->t->layer_spread[r->layer][i],
				    came, scale, width, r->d + at);
	else
		unrectify(came, r->d + at, width, scale);
}

static void each_row(struct pool *pool, pool_work *work, struct rows_job *r)
{
	pool_run(r->n * r->s->n_hidden < FEW ? NULL : pool, (r->n + ROWS - 1) / ROWS, work, r);
}

static void finish_rows(void *job, size_t part)
{
	const struct rows_job *r = job;

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, r->n); i++)
		finish_row(r, i);
}

static void undo_rows(void *job, size_t part)
{
	const struct rows_job *r = job;

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, r->n); i++)
		undo_row(r, i);
}

/* ---- forward ---- */

/* From a layer's linear part in normal[i] to its output. */
static void finish_layer(struct stack *s, struct pool *pool, size_t i, size_t n,
			 const struct pass *pass, struct tape *t)
{
	struct rows_job r = {s, pass, t, n, i, NULL};

	if (s->batch_norm)
		batch_norm_forward(&s->norm[i], pool, t->normal[i], n, pass->training, t->x_hat[i],
				   t->normal[i], t->batch_spread[i]);
	each_row(pool, finish_rows, &r);
}

static const uint32_t *entering(const struct stack *s, size_t i, const uint32_t *category)
{
	return s->layer[i].n_extra ? category : NULL;
}

static const real *forward_deeper(struct stack *s, struct pool *pool, size_t n,
				  const uint32_t *category, const struct pass *pass, struct tape *t)
{
	finish_layer(s, pool, 0, n, pass, t);
	for (size_t i = 1; i < s->n_layers; i++) {
		dense_forward(&s->layer[i], pool, (struct rows){.n = n, .dense = t->out[i - 1]},
			      entering(s, i, category), t->normal[i]);
		finish_layer(s, pool, i, n, pass, t);
	}
	return t->out[s->n_layers - 1];
}

const real *stack_forward(struct stack *s, struct pool *pool, struct rows x,
			  const uint32_t *category, const struct pass *pass, struct tape *t)
{
	tape_reserve(t, s, x.n);
	dense_forward(&s->layer[0], pool, x, entering(s, 0, category), t->normal[0]);
	return forward_deeper(s, pool, x.n, category, pass, t);
}

real *stack_first(const struct stack *s, struct tape *t, size_t n)
{
	tape_reserve(t, s, n);
	return t->normal[0];
}

const real *stack_forward_from(struct stack *s, struct pool *pool, size_t n,
			       const uint32_t *category, const struct pass *pass, struct tape *t)
{
	return forward_deeper(s, pool, n, category, pass, t);
}

/* ---- backward ---- */

/* From the gradient of a layer's output to that of its linear part, in place. */
static void undo_layer(struct stack *s, struct pool *pool, size_t i, size_t n,
		       const struct pass *pass, struct tape *t, real *d)
{
	struct rows_job r = {s, pass, t, n, i, d};

	each_row(pool, undo_rows, &r);
	if (s->batch_norm)
		batch_norm_backward(&s->norm[i], pool, t->x_hat[i], t->batch_spread[i], n,
				    pass->training, d);
}

real *stack_backward_to(struct stack *s, struct pool *pool, size_t n, const uint32_t *category,
			const struct pass *pass, struct tape *t, real *d_out)
{
	real *d = d_out;

	for (size_t i = s->n_layers - 1; i > 0; i--) {
		real *below = t->back[i % 2];

		undo_layer(s, pool, i, n, pass, t, d);
		dense_backward(&s->layer[i], pool, (struct rows){.n = n, .dense = t->out[i - 1]},
			       entering(s, i, category), d);
		dense_backward_input(&s->layer[i], pool, n, d, false, below);
		d = below;
	}
	undo_layer(s, pool, 0, n, pass, t, d);
	return d;
}

void stack_backward(struct stack *s, struct pool *pool, struct rows x, const uint32_t *category,
		    const struct pass *pass, struct tape *t, real *d_out, bool add, real *dx)
{
	const real *d = stack_backward_to(s, pool, x.n, category, pass, t, d_out);

	dense_backward(&s->layer[0], pool, x, entering(s, 0, category), d);
	if (dx)
		dense_backward_input(&s->layer[0], pool, x.n, d, add, dx);
}
