/* param.c - what is learned, and Adam; see param.h. */
#include "base/util.h"

#include "base/mem.h"
#include "nn/param.h"

#define PART ((size_t)16384) /* values a part: fixed, so that parts do not depend on threads */

struct param param_new(size_t n)
{
	struct param p = {.n = n};

	p.value = mem_vectors(n, sizeof(*p.value));
	return p;
}

void param_free(struct param *p)
{
	free(p->value);
	free(p->grad);
	free(p->first);
	free(p->second);
	*p = (struct param){0};
}

void param_train(struct param *p, size_t from, size_t to)
{
	free(p->grad);
	free(p->first);
	free(p->second);
	p->grad = p->first = p->second = NULL;
	p->from = from;
	p->to = to;
	p->used = false;
	if (from >= to)
		return;
	p->grad = mem_vectors(p->n, sizeof(*p->grad));
	p->first = mem_vectors(p->n, sizeof(*p->first));
	p->second = mem_vectors(p->n, sizeof(*p->second));
}

/* ---- Adam ---- */

struct param_step {
	struct param *const *params;
	size_t *parts; /* number of the first part of each param; one more at the end */
	size_t n;
	real rate, epsilon, decay, correction; /* of the second moment: its square root */
};

CLONES static void move(real *value, const real *grad, real *first, real *second, size_t n,
			const struct param_step *s)
{
	real rate = s->rate, epsilon = s->epsilon, decay = s->decay, root = s->correction;

	for (size_t i = 0; i < n; i++) {
		real g = grad[i] + decay * value[i];

		first[i] = (real)0.9 * first[i] + (real)(1 - 0.9) * g;
		second[i] = (real)0.999 * second[i] + (real)(1 - 0.999) * g * g;
		value[i] -= rate * first[i] / (REAL_SQRT(second[i]) / root + epsilon);
	}
}

static void step_part(void *job, size_t part)
{
	const struct param_step *s = job;
	size_t which = 0, at, n;
	struct param *p;

	while (s->parts[which + 1] <= part)
		which++;
	p = s->params[which];
	at = p->from + (part - s->parts[which]) * PART;
	n = MIN(PART, p->to - at);
	move(p->value + at, p->grad + at, p->first + at, p->second + at, n, s);
	memset(p->grad + at, 0, n * sizeof(*p->grad));
}

void adam_step(struct adam *a, struct param *const *params, size_t n, struct pool *pool)
{
	double t = (double)++a->step;
	struct param_step s = {.params = params,
			       .parts = mem_alloc(n + 1, sizeof(*s.parts)),
			       .n = n,
			       .rate = (real)(a->rate / (1 - pow(0.9, t))),
			       .epsilon = (real)a->epsilon,
			       .decay = (real)a->decay,
			       .correction = (real)sqrt(1 - pow(0.999, t))};

	s.parts[0] = 0;
	for (size_t i = 0; i < n; i++) {
		const struct param *p = params[i];
		bool moves = param_trained(p) && p->used;

		s.parts[i + 1] = s.parts[i] + (moves ? (p->to - p->from + PART - 1) / PART : 0);
	}
	pool_run(pool, s.parts[n], step_part, &s);
	for (size_t i = 0; i < n; i++)
		params[i]->used = false;
	free(s.parts);
}
