/* sgd.c - see sgd.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "train/solver/rows.h"
#include "train/solver/sgd.h"

#define PATIENCE 5  /* epochs without improvement, as in scikit-learn */
#define SHRUNK 1e-9 /* a scale as small as this is folded into the coefficients */
#define LARGEST_SLOPE 1e12

typedef double double4 __attribute__((vector_size(32), may_alias));
#define ROW_VECTORS (LANE_STEP / 4)

/*
 * Sixteen classes. Their coefficients are scale * (coef + constant * z0): shrinking all of them and
 * adding the constant row are one multiplication and one addition per cell.
 */
struct group {
	double *coef; /* genes x LANE_STEP */
	double intercept[LANE_STEP];
	double constant[LANE_STEP];
	double dot[LANE_STEP]; /* coef times z0 */
	double weight_in[LANE_STEP];
	double loss[LANE_STEP]; /* of the epoch */
	double best[LANE_STEP];
	uint32_t class_of[LANE_STEP];
	unsigned idle[LANE_STEP];
	bool stopped[LANE_STEP];
	double scale;
	size_t band, first_lane, n_used, n_open;
};

struct descent {
	const struct sgd_options *o;
	const struct packed_rows *rows;
	const struct scaling *scaling;
	const int32_t *label;
	struct fit *fit;
	struct group *groups;
	size_t n_groups;
	double z0_square, time, first_time;
	const uint32_t *order; /* of this epoch */
	size_t n_draws, n_cells, epoch;
};

/* ---- one cell ---- */

/* What the stored values of a row add to the scores, and their product with z0. */
static inline __attribute__((always_inline)) double row_products(const struct row_value *v,
								 size_t n, const double *coef,
								 const double *z0, double *sums)
{
	double4 sum[ROW_VECTORS] = {{0}};
	double with_z0 = 0;

	for (size_t k = 0; k < n; k++) {
		const double4 *row = (const double4 *)(const void *)(coef + v[k].gene * LANE_STEP);
		double x = v[k].shift;

		__builtin_prefetch(coef + v[k + ROWS_AHEAD].gene * LANE_STEP);
		__builtin_prefetch(coef + v[k + ROWS_AHEAD].gene * LANE_STEP + 8);
#pragma GCC unroll 4
		for (size_t j = 0; j < ROW_VECTORS; j++)
			sum[j] += row[j] * x;
		with_z0 += x * z0[v[k].gene];
	}
	memcpy(sums, sum, sizeof(sum));
	return with_z0;
}

static inline __attribute__((always_inline)) void add_row(const struct row_value *v, size_t n,
							  double *coef, const double *by)
{
	const double4 *step = (const double4 *)(const void *)by;

	for (size_t k = 0; k < n; k++) {
		double4 *row = (double4 *)(void *)(coef + v[k].gene * LANE_STEP);
		double x = v[k].shift;

#pragma GCC unroll 4
		for (size_t j = 0; j < ROW_VECTORS; j++)
			row[j] += step[j] * x;
	}
}

static void fold_scale(struct group *g, const struct scaling *s)
{
	for (size_t gene = 0; gene < s->n_genes; gene++)
		for (size_t l = 0; l < LANE_STEP; l++)
			g->coef[gene * LANE_STEP + l] *= g->scale;
	for (size_t l = 0; l < LANE_STEP; l++) {
		g->constant[l] *= g->scale;
		g->dot[l] *= g->scale;
	}
	g->scale = 1;
}

/* scikit-learn's step for one cell: score, shrink, move against the slope. */
CLONES static void take_cell(const struct descent *d, struct group *g, size_t slot, double rate)
{
	const struct row_value *v = d->rows->values + d->rows->start[slot];
	size_t n = d->rows->start[slot + 1] - d->rows->start[slot];
	double u[LANE_STEP] __attribute__((aligned(64))),
		share[LANE_STEP] __attribute__((aligned(64)));
	double lost[LANE_STEP] __attribute__((aligned(64))),
		by[LANE_STEP] __attribute__((aligned(64)));
	double with_z0 = row_products(v, n, g->coef, d->scaling->z0, u);
	int32_t label = d->label[slot];

	for (size_t l = 0; l < LANE_STEP; l++) {
		double score =
			g->intercept[l] +
			g->scale * (u[l] + g->constant[l] * (with_z0 + d->z0_square) + g->dot[l]);

		u[l] = (int32_t)g->class_of[l] == label ? -score : score;
	}
	loss_row(u, share, lost);
	g->scale *= fmax(0, 1 - rate * d->o->alpha);
	if (g->scale < SHRUNK)
		fold_scale(g, d->scaling);
	for (size_t l = 0; l < LANE_STEP; l++) {
		bool own = (int32_t)g->class_of[l] == label;
		double slope = own ? -share[l] : share[l];
		double step = -rate * fmin(fmax(slope, -LARGEST_SLOPE), LARGEST_SLOPE);

		if (own)
			step *= g->weight_in[l];
		g->loss[l] += lost[l];
		g->intercept[l] += step;
		by[l] = step / g->scale;
		g->dot[l] += by[l] * with_z0;
		g->constant[l] += by[l];
	}
	add_row(v, n, g->coef, by);
}

/* ---- an epoch ---- */

/* Put what a class has reached into the fit. */
static void keep_lane(const struct descent *d, const struct group *g, size_t l)
{
	struct fit *fit = d->fit;
	size_t width = fit->lanes.width[g->band];
	double *to = fit->coef + (fit->n_genes + 1) * fit->lanes.start[g->band] + g->first_lane + l;

	for (size_t gene = 0; gene < fit->n_genes; gene++)
		to[gene * width] = g->scale * (g->coef[gene * LANE_STEP + l] +
					       g->constant[l] * d->scaling->z0[gene]);
	to[fit->n_genes * width] = g->intercept[l];
	fit->class_passes[fit->lanes.start[g->band] + g->first_lane + l] = d->epoch + 1;
}

/* scikit-learn's early stop: no better than the best for some epochs in a row. */
static void judge_epoch(const struct descent *d, struct group *g)
{
	double least = d->o->tolerance * (double)d->n_draws;

	for (size_t l = 0; l < g->n_used; l++) {
		if (g->stopped[l])
			continue;
		g->idle[l] = g->loss[l] > g->best[l] - least ? g->idle[l] + 1 : 0;
		g->best[l] = fmin(g->best[l], g->loss[l]);
		if (g->idle[l] < PATIENCE)
			continue;
		keep_lane(d, g, l);
		g->stopped[l] = true;
		g->n_open--;
	}
}

static void epoch_part(void *arg, size_t part)
{
	const struct descent *d = arg;
	struct group *g = &d->groups[part];

	if (!g->n_open)
		return;
	memset(g->loss, 0, sizeof(g->loss));
	for (size_t i = 0; i < d->n_draws; i++) {
		double time = d->first_time + d->time + (double)i;

		take_cell(d, g, d->order[i], 1 / (d->o->alpha * time));
	}
	if (!d->o->mini_batch)
		judge_epoch(d, g);
}

/* ---- who is drawn ---- */

struct drawing {
	uint32_t *cells; /* slots that count, by class when balancing */
	size_t *class_start, n_classes, n_cells;
	uint32_t *order;
};

static struct drawing drawing_new(const struct descent *d, size_t n_classes, size_t n_draws)
{
	struct drawing w = {.n_classes = n_classes};
	size_t *next;

	MEM_ZERO(w.class_start, n_classes + 1);
	for (size_t slot = 0; slot < d->rows->n_slots; slot++)
		if (d->label[slot] >= 0)
			w.class_start[d->label[slot] + 1]++;
	for (size_t c = 0; c < n_classes; c++)
		w.class_start[c + 1] += w.class_start[c];
	w.n_cells = w.class_start[n_classes];
	MEM_ARRAY(w.cells, w.n_cells);
	MEM_ARRAY(w.order, MAX(n_draws, w.n_cells));
	next = mem_copy(w.class_start, n_classes, sizeof(*next));
	for (size_t slot = 0; slot < d->rows->n_slots; slot++)
		if (d->label[slot] >= 0)
			w.cells[next[d->label[slot]]++] = (uint32_t)slot;
	free(next);
	return w;
}

static void drawing_release(struct drawing *w)
{
	free(w->cells);
	free(w->class_start);
	free(w->order);
}

/* The order of an epoch. */
static void draw(struct drawing *w, const struct sgd_options *o, size_t epoch, size_t n_draws)
{
	struct rng rng = rng_seeded(mix64(o->seed) + epoch);

	if (!(o->mini_batch && o->balance)) {
		memcpy(w->order, w->cells, w->n_cells * sizeof(*w->order));
		rng_shuffle(&rng, w->order, w->n_cells);
		return;
	}
	for (size_t i = 0; i < n_draws;) {
		size_t class = rng_below(&rng, w->n_classes);
		size_t first = w->class_start[class], n = w->class_start[class + 1] - first;

		if (n)
			w->order[i++] = w->cells[first + rng_below(&rng, n)];
	}
}

/* ---- all of it ---- */

/* scikit-learn's "optimal" rate starts where a typical coefficient makes a typical step. */
static double first_time(double alpha)
{
	double typical = sqrt(1 / sqrt(alpha));
	double slope = 1 / (1 + exp(-typical));

	return 1 / (typical / fmax(1, slope) * alpha);
}

static void group_start(const struct descent *d, struct group *g, size_t lane, size_t n_cells,
			const size_t *class_start)
{
	const struct fit *fit = d->fit;
	size_t band = lanes_band(&fit->lanes, lane), width = fit->lanes.width[band];
	const double *from;

	g->band = band;
	g->first_lane = lane - fit->lanes.start[band];
	g->n_used = MIN(LANE_STEP, fit->lanes.n_used - MIN(lane, fit->lanes.n_used));
	g->n_open = g->n_used;
	g->scale = 1;
	g->coef = mem_vectors(mem_product(fit->n_genes + 1, LANE_STEP), sizeof(*g->coef));
	from = fit->coef + (fit->n_genes + 1) * fit->lanes.start[band] + g->first_lane;
	for (size_t l = 0; l < LANE_STEP; l++) {
		uint32_t class = fit->lanes.class_of[lane + l];

		g->class_of[l] = class;
		g->best[l] = INFINITY;
		g->weight_in[l] = 1;
		if (d->o->balanced_weights && class != LANE_NONE)
			g->weight_in[l] =
				(double)n_cells /
				((double)fit->lanes.n_classes *
				 (double)MAX(1, class_start[class + 1] - class_start[class]));
		g->intercept[l] = from[fit->n_genes * width + l];
		for (size_t gene = 0; gene < fit->n_genes; gene++) {
			g->coef[gene * LANE_STEP + l] = from[gene * width + l];
			g->dot[l] += from[gene * width + l] * d->scaling->z0[gene];
		}
	}
}

static void run_epochs(struct descent *d, struct drawing *w, struct pool *pool)
{
	size_t epochs = d->o->mini_batch ? d->o->epochs : d->o->max_epochs;

	for (d->epoch = 0; d->epoch < epochs; d->epoch++) {
		size_t open = 0;
		double loss = 0;

		draw(w, d->o, d->epoch, d->n_draws);
		pool_run(pool, d->n_groups, epoch_part, d);
		d->time += (double)d->n_draws;
		for (size_t i = 0; i < d->n_groups; i++) {
			open += d->groups[i].n_open;
			for (size_t l = 0; l < d->groups[i].n_used; l++)
				loss += d->groups[i].loss[l] / (double)d->n_draws;
		}
		listener_tell(&d->o->listener, (struct training_news){.event = TRAINING_EPOCH,
								      .pass = d->epoch + 1,
								      .n_left = open,
								      .loss = loss});
		if (!open)
			break;
	}
	d->fit->passes += d->epoch;
	d->epoch = MIN(d->epoch, epochs - 1);
	for (size_t i = 0; i < d->n_groups; i++)
		for (size_t l = 0; l < d->groups[i].n_used; l++)
			if (!d->groups[i].stopped[l])
				keep_lane(d, &d->groups[i], l);
}

int sgd_run(struct fit *fit, struct design *design, const struct scaling *scaling,
	    const int32_t *label, const struct sgd_options *options, struct pool *pool,
	    struct err *err)
{
	struct packed_rows rows = {0};
	struct descent d = {.o = options,
			    .rows = &rows,
			    .scaling = scaling,
			    .label = label,
			    .fit = fit,
			    .n_groups = fit->lanes.n / LANE_STEP,
			    .time = 0,
			    .first_time = first_time(options->alpha)};
	struct drawing w;

	if (rows_gather(&rows, design, scaling, pool, err)) {
		rows_release(&rows);
		return -1;
	}
	w = drawing_new(&d, fit->lanes.n_classes, options->batch_size * options->batch_number);
	d.n_cells = w.n_cells;
	d.n_draws = w.n_cells;
	if (options->mini_batch) {
		size_t most = options->batch_size * options->batch_number;

		d.n_draws = options->balance ? most : MIN(most, w.n_cells);
	}
	d.order = w.order;
	for (size_t gene = 0; gene < scaling->n_genes; gene++)
		d.z0_square += scaling->z0[gene] * scaling->z0[gene];
	MEM_ZERO(d.groups, d.n_groups);
	for (size_t i = 0; i < d.n_groups; i++)
		group_start(&d, &d.groups[i], i * LANE_STEP, w.n_cells, w.class_start);
	run_epochs(&d, &w, pool);
	for (size_t i = 0; i < d.n_groups; i++)
		free(d.groups[i].coef);
	free(d.groups);
	drawing_release(&w);
	rows_release(&rows);
	return 0;
}
