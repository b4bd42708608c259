/* mtl_training.c - epochs of a multi-task mapper; see mtl_training.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "mtl/mtl_checkpoint.h"
#include "mtl/mtl_training.h"

#define FEWEST ((size_t)8) /* cells to train on */

struct run {
	struct mtl_training *t;
	struct mtl_work *work;
	struct pool *pool;
	struct err *err;
	uint32_t *train, *held, *order;
	struct fetched fetched;
	uint32_t *zeros; /* batches, which there are none of */
	uint32_t **node; /* of a mini-batch */
	real **target;
	const real **targets; /* the same, as mtl_cells wants it */
	struct param *params[MTL_PARAMS];
	size_t n_params;
	struct adam adam;
	double (*done)[2]; /* loss and validation of the epochs done */
	size_t cap_done;
};

/* ---- which cells ---- */

static void split(struct run *r)
{
	struct mtl_training *t = r->t;
	struct noise noise = {.seed = t->seed};
	size_t n = count_store_n(t->store), n_kind = 0;
	uint32_t *kind = mem_alloc(n + 1, sizeof(*kind)), *order = mem_alloc(n + 1, sizeof(*order));

	MEM_ZERO(r->train, n + 1);
	MEM_ZERO(r->held, n + 1);
	MEM_ZERO(r->order, n + 1);
	MEM_ZERO(r->zeros, n + 1);
	for (size_t i = 0; i < n; i++)
		if (t->node[0][i] != MTL_NONE)
			kind[n_kind++] = (uint32_t)i;
	noise_order(&noise, NOISE_SPLIT, 0, order, n_kind);
	t->n_validation = (size_t)(t->validation_share * (double)n_kind);
	t->n_train = n_kind - t->n_validation;
	for (size_t i = 0; i < n_kind; i++)
		if (i < t->n_train)
			r->train[i] = kind[order[i]];
		else
			r->held[i - t->n_train] = kind[order[i]];
	free(kind);
	free(order);
}

/* z-scores from the training cells: mean and sd of every number of every coordinate. */
static void measure_targets(struct run *r)
{
	const struct mtl_training *t = r->t;

	for (size_t c = 0; c < t->model->n_coordinates; c++) {
		struct mtl_coordinate *to = &t->model->coordinate[c];

		for (size_t k = 0; k < to->width; k++) {
			double sum = 0, squares = 0, n = (double)t->n_train, sd;

			for (size_t i = 0; i < t->n_train; i++)
				sum += (double)t->target[c][r->train[i] * to->width + k];
			for (size_t i = 0; i < t->n_train; i++) {
				double d =
					(double)t->target[c][r->train[i] * to->width + k] - sum / n;

				squares += d * d;
			}
			sd = sqrt(squares / n);
			to->mean[k] = (float)(sum / n);
			to->sd[k] = sd > 1e-6 ? (float)sd : 1;
		}
	}
}

/* ---- mini-batches ---- */

static int fetch(struct run *r, const uint32_t *cells, size_t n, struct mtl_cells *out)
{
	const struct mtl_training *t = r->t;
	const struct mtl *m = t->model;
	struct cell_facts facts = {.batch = r->zeros};

	if (count_store_fetch(t->store, cells, n, &facts, true, &r->fetched, r->err))
		return -1;
	*out = (struct mtl_cells){.x = r->fetched.cells.counts,
				  .number = r->fetched.cells.number,
				  .node = (const uint32_t *const *)r->node,
				  .target = r->targets};
	for (size_t k = 0; k < m->levels.n; k++)
		for (size_t i = 0; i < n; i++)
			r->node[k][i] = t->node[k][cells[i]];
	for (size_t c = 0; c < m->n_coordinates; c++) {
		const struct mtl_coordinate *to = &m->coordinate[c];

		for (size_t i = 0; i < n * to->width; i++) {
			size_t k = i % to->width, cell = cells[i / to->width];

			r->target[c][i] =
				(real)((t->target[c][cell * to->width + k] - to->mean[k]) /
				       to->sd[k]);
		}
	}
	return 0;
}

static struct mtl_how how_of(const struct run *r)
{
	struct mtl_how how = {.coordinate_weight = r->t->coordinate_weight};

	for (size_t k = 0; k < r->t->model->levels.n; k++)
		how.level_weight[k] = r->t->level_weight[k] > 0 ? r->t->level_weight[k] : 1;
	return how;
}

/* Say where: epoch, step, and of its cells the one with the largest value, and its gene. */
static int not_finite(struct run *r, size_t epoch, size_t at, const struct mtl_cells *cells)
{
	const struct rows *x = &cells->x;
	size_t cell = 0, most = x->starts[0], step = at / r->t->mini_batch + 1;

	if (x->starts[x->n] == most)
		return err_set(
			r->err,
			"epoch %zu, step %zu: the loss is not a finite number (lower --rate)",
			epoch + 1, step);
	for (size_t k = most + 1; k < x->starts[x->n]; k++)
		if (x->value[k] > x->value[most])
			most = k;
	while (x->starts[cell + 1] <= most)
		cell++;
	return err_set(r->err,
		       "epoch %zu, step %zu: the loss is not a finite number; of the %zu cells of "
		       "this step cell %u has the largest value, %g of gene %.80s (lower --rate)",
		       epoch + 1, step, x->n, r->order[at + cell] + 1, (double)x->value[most],
		       r->t->model->genes.s[x->column[most]]);
}

static int train_epoch(struct run *r, size_t number, double *loss)
{
	struct mtl_training *t = r->t;
	struct noise noise = {.seed = t->seed, .epoch = number};
	struct mtl_how how = how_of(r);
	size_t n = t->n_train;
	uint32_t *order = mem_alloc(n + 1, sizeof(*order));
	double sum = 0;
	int ret = 0;

	how.noise = &noise;
	noise_order(&noise, NOISE_ORDER, 0, order, n);
	for (size_t i = 0; i < n; i++)
		r->order[i] = r->train[order[i]];
	free(order);
	for (size_t at = 0, here; at < n && ret == 0; at += here) {
		struct mtl_cells cells;
		double one;

		here = MIN(t->mini_batch, n - at);
		ret = fetch(r, r->order + at, here, &cells);
		if (ret)
			break;
		one = mtl_step(r->work, &cells, &how);
		if (!isfinite(one))
			ret = not_finite(r, number, at, &cells);
		adam_step(&r->adam, r->params, r->n_params, r->pool);
		sum += one * (double)here;
	}
	*loss = sum / (double)n;
	return ret;
}

/* Of the cells held out, from call to call the same mini-batches. */
typedef void held_work(struct run *r, const struct mtl_cells *cells, void *arg);

static int each_held(struct run *r, held_work *work, void *arg)
{
	struct mtl_training *t = r->t;

	for (size_t at = 0, here; at < t->n_validation; at += here) {
		struct mtl_cells cells;

		here = MIN(t->mini_batch, t->n_validation - at);
		if (fetch(r, r->held + at, here, &cells))
			return -1;
		work(r, &cells, arg);
	}
	return 0;
}

static void add_loss(struct run *r, const struct mtl_cells *cells, void *sum)
{
	struct mtl_how how = how_of(r);

	how.forward = true;
	*(double *)sum += mtl_step(r->work, cells, &how) * (double)cells->x.n;
}

/* ---- temperatures ---- */

struct heat {
	size_t level, n;
	double temperature, loss;
};

static void add_level(struct run *r, const struct mtl_cells *cells, void *arg)
{
	struct heat *h = arg;
	size_t n;

	mtl_forward(r->work, cells->x, NULL, NULL);
	h->loss += mtl_level_loss(r->work, cells, h->level, h->temperature, &n);
	h->n += n;
}

/* The loss is a convex function of a temperature's inverse: golden sections of its logarithm. */
static int set_temperature(struct run *r, size_t level)
{
	const double golden = 0.61803398874989484820;
	double low = log(0.1), high = log(10), at[2], loss[2] = {0};
	struct heat h = {.level = level};

	at[0] = high - golden * (high - low);
	at[1] = low + golden * (high - low);
	for (int round = -2; round < 20; round++) {
		int which = round < 0 ? round + 2 : loss[0] < loss[1] ? 0 : 1;

		if (round >= 0 && which == 0) {
			high = at[1];
			at[1] = at[0];
			loss[1] = loss[0];
			at[0] = high - golden * (high - low);
		} else if (round >= 0) {
			low = at[0];
			at[0] = at[1];
			loss[0] = loss[1];
			at[1] = low + golden * (high - low);
		}
		h = (struct heat){.level = level, .temperature = exp(at[which])};
		if (each_held(r, add_level, &h))
			return -1;
		if (!h.n)
			return 0;
		loss[which] = h.loss;
	}
	r->t->model->temperature[level] = exp((low + high) / 2);
	return 0;
}

/* ---- cells kept for votes ---- */

static int keep_neighbours(struct run *r)
{
	struct mtl_training *t = r->t;
	struct mtl *m = t->model;
	size_t n = MIN(t->neighbours, t->n_train), width = mtl_width(m);
	struct mtl_neighbours *to = &m->neighbours;

	if (!n)
		return 0;
	MEM_ZERO(to->latent, n * width + 1);
	MEM_ZERO(to->node, n * m->levels.n + 1);
	for (size_t at = 0, here; at < n; at += here) {
		struct mtl_cells cells;
		const real *latent;

		here = MIN(t->mini_batch, n - at); /* the split's order: by chance */
		if (fetch(r, r->train + at, here, &cells))
			return -1;
		latent = mtl_forward(r->work, cells.x, NULL, NULL);
		for (size_t i = 0; i < here * width; i++)
			to->latent[at * width + i] = (float)latent[i];
		for (size_t i = 0; i < here; i++)
			for (size_t k = 0; k < m->levels.n; k++)
				to->node[(at + i) * m->levels.n + k] = cells.node[k][i];
	}
	to->n = n;
	return 0;
}

/* ---- all of it ---- */

/* What the cells held out say of going on: the best so far, and how many epochs ago. */
struct watch {
	double best;
	size_t since;
};

static bool is_enough(const struct mtl_training *t, struct watch *w, double validation)
{
	w->since = validation < w->best ? 0 : w->since + 1;
	w->best = fmin(w->best, validation);
	return t->patience && t->n_validation && w->since >= t->patience;
}

/* An epoch is done, now or by the checkpoint. True: it is the last. */
static bool end_epoch(struct run *r, struct watch *w, size_t number)
{
	struct mtl_training *t = r->t;
	struct mtl_epoch e = {number + 1, t->epochs, r->done[number][0],
			      t->n_validation ? r->done[number][1] : NAN};

	t->n_done = number + 1;
	t->stopped_early = is_enough(t, w, e.validation);
	return (t->hear && t->hear(t->listener, &e)) || t->stopped_early;
}

static int run_epochs(struct run *r, struct mtl_checkpoint *c)
{
	struct mtl_training *t = r->t;
	struct watch watch = {.best = INFINITY};
	bool last = false;

	for (size_t i = 0; i < t->n_before && !last; i++)
		last = end_epoch(r, &watch, i);
	for (size_t number = t->n_before; number < t->epochs && !last; number++) {
		double loss, sum = 0;

		if (train_epoch(r, number, &loss) || each_held(r, add_loss, &sum))
			return -1;
		MEM_GROW(r->done, number + 1, r->cap_done);
		r->done[number][0] = loss;
		r->done[number][1] = t->n_validation ? sum / (double)t->n_validation : 0;
		last = end_epoch(r, &watch, number) || number + 1 == t->epochs;
		c->epochs = r->done;
		c->n_epochs = number + 1;
		if (t->checkpoint && (last || (number + 1) % t->every == 0) &&
		    mtl_checkpoint_write(t->checkpoint, c, r->err))
			return -1;
	}
	return 0;
}

static int finish(struct run *r)
{
	for (size_t k = 0; k < r->t->model->levels.n && r->t->n_validation; k++)
		if (set_temperature(r, k))
			return -1;
	return keep_neighbours(r);
}

/* ---- which run it is ---- */

static uint64_t add_number(uint64_t sum, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return mix64(sum ^ bits);
}

static uint64_t add_text(uint64_t sum, const char *text)
{
	for (const char *at = text; *at; at++)
		sum = mix64(sum ^ (unsigned char)*at);
	return mix64(sum);
}

/* Cells, labels, genes, recipe, plan and seed in one text; how many epochs is left open. */
static char *run_text(const struct mtl_training *t)
{
	const struct mtl *m = t->model;
	size_t n = count_store_n(t->store);
	uint64_t sum = mix64(t->seed);
	const double plan[] = {t->rate,
			       t->decay,
			       t->validation_share,
			       t->coordinate_weight,
			       (double)t->mini_batch,
			       (double)t->patience,
			       m->recipe.dropout,
			       m->recipe.binary,
			       (double)m->recipe.hidden[0],
			       (double)m->recipe.hidden[1],
			       (double)m->n_coordinates};

	for (size_t i = 0; i < ARRAY_LEN(plan); i++)
		sum = add_number(sum, plan[i]);
	for (size_t g = 0; g < m->genes.n; g++)
		sum = add_text(sum, m->genes.s[g]);
	for (size_t k = 0; k < m->levels.n; k++) {
		const struct mtl_level *l = &m->levels.level[k];

		sum = add_number(add_text(sum, l->name), t->level_weight[k]);
		for (size_t i = 0; i < l->labels.n; i++)
			sum = add_text(sum, l->labels.s[i]);
		for (size_t i = 0; i < n; i++)
			sum = mix64(sum ^ t->node[k][i]);
	}
	for (size_t i = 0; i < n; i++)
		sum = add_number(sum, count_store_total(t->store, i));
	for (size_t c = 0; c < m->n_coordinates; c++)
		for (size_t i = 0; i < n * m->coordinate[c].width; i++)
			sum = add_number(sum, (double)t->target[c][i]);
	return mem_printf("%zu cells %016llx", n, (unsigned long long)sum);
}

static int train(struct run *r)
{
	struct mtl_training *t = r->t;
	char *run = t->checkpoint ? run_text(t) : NULL;
	struct mtl_checkpoint c = {.model = t->model, .run = run, .adam = &r->adam};
	int found = t->checkpoint ? mtl_checkpoint_read(t->checkpoint, &c, r->err) : 1, ret = -1;

	r->done = c.epochs;
	r->cap_done = t->n_before = found == 0 ? c.n_epochs : 0;
	if (t->n_before > t->epochs)
		err_set(r->err, "%s: %zu epochs are done, more than %zu", t->checkpoint,
			t->n_before, t->epochs);
	else if (found >= 0 && run_epochs(r, &c) == 0)
		ret = finish(r);
	free(r->done);
	free(run);
	return ret;
}

static void make_room(struct run *r)
{
	const struct mtl_training *t = r->t;
	const struct mtl *m = t->model;

	MEM_ZERO(r->node, m->levels.n + 1);
	for (size_t k = 0; k < m->levels.n; k++)
		MEM_ZERO(r->node[k], t->mini_batch + 1);
	MEM_ZERO(r->target, m->n_coordinates + 1);
	MEM_ZERO(r->targets, m->n_coordinates + 1);
	for (size_t c = 0; c < m->n_coordinates; c++) {
		MEM_ZERO(r->target[c], t->mini_batch * m->coordinate[c].width + 1);
		r->targets[c] = r->target[c];
	}
	r->n_params = mtl_params(t->model, r->params);
	for (size_t i = 0; i < r->n_params; i++)
		param_train(r->params[i], 0, r->params[i]->n);
}

static void run_release(struct run *r)
{
	for (size_t k = 0; k < r->t->model->levels.n; k++)
		free(r->node[k]);
	for (size_t c = 0; c < r->t->model->n_coordinates; c++)
		free(r->target[c]);
	free(r->node);
	free(r->target);
	free(r->targets);
	free(r->train);
	free(r->held);
	free(r->order);
	free(r->zeros);
	fetched_release(&r->fetched);
	mtl_work_free(r->work);
}

int mtl_train(struct mtl_training *t, struct pool *pool, struct err *err)
{
	struct run r = {.t = t, .work = mtl_work_new(t->model, pool), .pool = pool, .err = err};
	int ret = -1;

	r.adam = (struct adam){.rate = t->rate, .epsilon = 1e-8, .decay = t->decay};
	make_room(&r);
	split(&r);
	measure_targets(&r);
	if (t->n_train < FEWEST)
		err_set(err, "%zu cells with labels to train on: %zu are the fewest", t->n_train,
			FEWEST);
	else
		ret = train(&r);
	run_release(&r);
	return ret;
}
