/* loss.c - see loss.h. */
#include "base/util.h"

#include <math.h>

#include "train/solver/loss.h"

#define STRIP_BLOCKS 16 /* blocks whose sums are kept together */

struct loss_pass {
	const struct loss *loss;
	void *scores, *direction;
	const double *step;
	bool slopes;     /* derivatives along the direction, or a step */
	double *partial; /* per strip: two numbers per lane */
};

static size_t band_at(const struct loss *loss, size_t band, size_t block)
{
	return loss->n_blocks * BLOCK_CELLS * loss->lanes->start[band] +
	       block * BLOCK_CELLS * loss->lanes->width[band];
}

#define REAL float
#define INTEGER int32_t
#define NAMED(name) name##_narrow
#define EXP_MAGIC 12582912.0
#define EXP_SHIFT 23
#define EXP_TERMS 7
#define EXP_LEAST -87.0
#define LOG_TERMS 8
#include "train/solver/loss_kernel.inc"
#undef REAL
#undef INTEGER
#undef NAMED
#undef EXP_MAGIC
#undef EXP_SHIFT
#undef EXP_TERMS
#undef EXP_LEAST
#undef LOG_TERMS

#define REAL double
#define INTEGER int64_t
#define NAMED(name) name##_wide
#define EXP_MAGIC 6755399441055744.0
#define EXP_SHIFT 52
#define EXP_TERMS 14
#define EXP_LEAST -708.0
#define LOG_TERMS 17
#include "train/solver/loss_kernel.inc"

static void softmax(const struct loss_pass *p, size_t first, size_t last, double *sums)
{
	const struct loss *loss = p->loss;
	size_t n = loss->lanes->n;
	void *room = mem_vectors(3 * n, sizeof(double));

	for (size_t slot = first * BLOCK_CELLS; slot < last * BLOCK_CELLS; slot++) {
		if (loss->wide && p->slopes)
			softmax_slope_cell_wide(loss, slot, p->scores, p->step, p->direction, sums,
						sums + n, room);
		else if (loss->wide)
			softmax_step_cell_wide(loss, slot, p->scores, p->step, p->direction, sums,
					       room);
		else if (p->slopes)
			softmax_slope_cell_narrow(loss, slot, p->scores, p->step, p->direction,
						  sums, sums + n, room);
		else
			softmax_step_cell_narrow(loss, slot, p->scores, p->step, p->direction, sums,
						 room);
	}
	free(room);
}

static void pass_part(void *arg, size_t strip)
{
	const struct loss_pass *p = arg;
	const struct loss *loss = p->loss;
	size_t first = strip * STRIP_BLOCKS, last = MIN(first + STRIP_BLOCKS, loss->n_blocks);
	double *sums = p->partial + strip * 2 * loss->lanes->n;

	if (loss->kind == LOSS_SOFTMAX) {
		softmax(p, first, last, sums);
		return;
	}
	for (size_t band = 0; band < loss->lanes->n_bands; band++) {
		if (loss->wide)
			ovr_wide(p, band, first, last, sums);
		else
			ovr_narrow(p, band, first, last, sums);
	}
}

/* Run a pass and add its strips up in order: n lanes of 'a', then n of 'b' unless NULL. */
static void run_pass(struct loss_pass *p, double *a, double *b)
{
	size_t strips = (p->loss->n_blocks + STRIP_BLOCKS - 1) / STRIP_BLOCKS,
	       n = p->loss->lanes->n;

	p->partial = mem_zero(mem_product(strips, 2 * n), sizeof(*p->partial));
	pool_run(p->loss->pool, strips, pass_part, p);
	memset(a, 0, n * sizeof(*a));
	if (b)
		memset(b, 0, n * sizeof(*b));
	for (size_t strip = 0; strip < strips; strip++) {
		const double *sums = p->partial + strip * 2 * n;

		for (size_t l = 0; l < n; l++) {
			a[l] += sums[l];
			if (b)
				b[l] += sums[n + l];
		}
	}
	free(p->partial);
}

void loss_step(const struct loss *loss, void *scores, const double *step, void *direction,
	       double *losses)
{
	struct loss_pass p = {.loss = loss, .scores = scores, .direction = direction, .step = step};

	run_pass(&p, losses, NULL);
}

void loss_slope(const struct loss *loss, const void *scores, const double *step,
		const void *direction, double *slope, double *curvature)
{
	struct loss_pass p = {.loss = loss,
			      .scores = (void *)(uintptr_t)scores,
			      .direction = (void *)(uintptr_t)direction,
			      .step = step,
			      .slopes = true};

	run_pass(&p, slope, curvature);
}

CLONES void loss_row(const double *u, double *share, double *losses)
{
	const reals_wide *in = (const reals_wide *)(const void *)u;
	reals_wide *to = (reals_wide *)(void *)share, *lost = (reals_wide *)(void *)losses;

	for (size_t j = 0; j < LANE_STEP * sizeof(double) / 32; j++) {
		reals_wide zero = {0}, e, near;
		integers_wide up = in[j] > zero;

		e = exponential_wide(choose_wide(up, -in[j], in[j]));
		near = 1.0 / (1.0 + e);
		to[j] = choose_wide(up, near, e * near);
		lost[j] = choose_wide(up, in[j], zero) + log_plus_one_wide(e);
	}
}
