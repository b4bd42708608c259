/* lbfgs.c - see lbfgs.h. */
#include "base/util.h"

#include "train/solver/lbfgs_private.h"

struct lbfgs *lbfgs_new(size_t rows, const struct lanes *lanes, size_t memory, bool joint,
			struct pool *pool)
{
	struct lbfgs *l = mem_zero(1, sizeof(*l));

	l->rows = rows;
	l->memory = memory;
	l->n_vectors = 2 * memory + 1;
	l->joint = joint;
	l->pool = pool;
	l->lanes = lanes;
	MEM_ZERO(l->vector, 2 * memory);
	MEM_ZERO(l->product, mem_product(l->n_vectors * l->n_vectors, lanes->n));
	MEM_ZERO(l->sound, memory * lanes->n);
	return l;
}

void lbfgs_free(struct lbfgs *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < 2 * l->memory; i++)
		free(l->vector[i]);
	free(l->vector);
	free(l->product);
	free(l->sound);
	free(l);
}

/* ---- taking a step ---- */

struct push {
	struct lbfgs *l;
	const double *step, *direction, *before, *after;
};

static void push_part(void *arg, size_t strip)
{
	const struct push *p = arg;
	struct lbfgs *l = p->l;
	float *s = l->vector[l->newest], *y = l->vector[l->memory + l->newest];
	size_t first = strip * STRIP_ROWS, last = MIN(first + STRIP_ROWS, l->rows);

	for (size_t band = 0; band < l->lanes->n_bands; band++) {
		size_t width = l->lanes->width[band], start = l->lanes->start[band];

		for (size_t row = first; row < last; row++) {
			size_t at = l->rows * start + row * width;

			for (size_t lane = 0; lane < width; lane++, at++) {
				s[at] = (float)(p->step[start + lane] * p->direction[at]);
				y[at] = (float)(p->after[at] - p->before[at]);
			}
		}
	}
}

/* A pair is sound when its curvature is positive beyond rounding. */
static void judge_pair(struct lbfgs *l)
{
	size_t s = l->newest, y = l->memory + s, n = l->lanes->n;
	double sy = 0, ss = 0, yy = 0;

	for (size_t lane = 0; lane < n; lane++) {
		double a = product_of(l, s, y)[lane], b = product_of(l, s, s)[lane],
		       c = product_of(l, y, y)[lane];

		l->sound[s * n + lane] = a > 0 && a * a > 1e-20 * b * c;
		sy += a;
		ss += b;
		yy += c;
	}
	if (l->joint)
		memset(l->sound + s * n, sy > 0 && sy * sy > 1e-20 * ss * yy, n);
}

void lbfgs_push(struct lbfgs *l, const double *step, const double *direction, const double *before,
		const double *after)
{
	struct push p = {l, step, direction, before, after};
	size_t numbers = mem_product(l->rows, l->lanes->n);

	l->newest = l->n_pairs ? (l->newest + 1) % l->memory : 0;
	l->n_pairs = MIN(l->n_pairs + 1, l->memory);
	if (!l->vector[l->newest]) {
		l->vector[l->newest] = mem_vectors(numbers, sizeof(float));
		l->vector[l->memory + l->newest] = mem_vectors(numbers, sizeof(float));
	}
	pool_run(l->pool, lbfgs_strips(l), push_part, &p);
	lbfgs_update_products(l, after);
	judge_pair(l);
}

/* ---- lanes that change or leave ---- */

void lbfgs_forget(struct lbfgs *l, size_t lane)
{
	for (size_t k = 0; k < l->memory; k++)
		l->sound[k * l->lanes->n + lane] = 0;
}

void lbfgs_keep(struct lbfgs *l, const struct lanes *from, const struct lanes *to)
{
	size_t n_products = l->n_vectors * l->n_vectors;
	double *product = mem_zero(mem_product(n_products, to->n), sizeof(*product));
	uint8_t *sound = mem_zero(l->memory * to->n, 1);

	for (size_t v = 0; v < 2 * l->memory; v++) {
		float *kept;

		if (!l->vector[v])
			continue;
		kept = mem_vectors(mem_product(l->rows, to->n), sizeof(*kept));
		lanes_copy(kept, to, l->vector[v], from, l->rows, sizeof(*kept));
		free(l->vector[v]);
		l->vector[v] = kept;
	}
	for (size_t lane = 0; lane < to->n_used; lane++) {
		size_t old = from->lane_of[to->class_of[lane]];

		for (size_t i = 0; i < n_products; i++)
			product[i * to->n + lane] = l->product[i * from->n + old];
		for (size_t k = 0; k < l->memory; k++)
			sound[k * to->n + lane] = l->sound[k * from->n + old];
	}
	free(l->product);
	free(l->sound);
	l->product = product;
	l->sound = sound;
	l->lanes = to;
}
