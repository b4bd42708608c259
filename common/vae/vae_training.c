/* vae_training.c - epochs; see vae_training.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "vae/vae_training.h"

#define LEAST_BATCH ((size_t)3) /* fewer cells at an epoch's end join the mini-batch before */

size_t vae_epochs_for(size_t n_cells)
{
	double epochs = n_cells ? floor(400.0 * 20000 / (double)n_cells + 0.5) : 1;

	return (size_t)MAX(1, MIN(400, epochs));
}

void vae_train_all(struct vae *v)
{
	struct param *params[VAE_PARAMS];
	size_t n = vae_params(v, params);

	for (size_t i = 0; i < n; i++)
		param_train(params[i], 0, params[i]->n);
}

/* ---- which cells ---- */

struct lists {
	uint32_t *train, *validation, *labelled; /* labelled: those of train with a class */
	size_t n_train, n_validation, n_labelled;
};

struct run {
	struct vae_training *t;
	struct vae_work *work;
	struct lists cells;
	struct cell_facts facts;
	real *first;
	struct fetched fetched;
	uint32_t *order, *classes; /* of an epoch: all cells, labelled cells */
	size_t n_classes, class_at;
	size_t steps_before; /* of the optimiser, before this epoch */
	struct param *params[VAE_PARAMS];
	size_t n_params;
	struct pool *pool;
	struct err *err;
};

static bool has_class(const struct vae_training *t, size_t cell)
{
	return t->label && t->label[cell] < t->model->recipe.n_labels;
}

/* A share of the cells of one kind trains, drawn by the seed; the rest validates. */
static void split_kind(struct run *r, bool labelled)
{
	const struct vae_training *t = r->t;
	struct noise noise = {.seed = t->seed};
	size_t n = count_store_n(t->store), n_kind = 0, n_train;
	uint32_t *kind = mem_alloc(n + 1, sizeof(*kind)), *order = mem_alloc(n + 1, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		if (count_store_total(t->store, i) > 0 && has_class(t, i) == labelled)
			kind[n_kind++] = (uint32_t)i;
	noise_order(&noise, NOISE_SPLIT, labelled, order, n_kind);
	n_train = (size_t)ceil(t->train_share * (double)n_kind);
	for (size_t i = 0; i < n_kind; i++) {
		if (i < n_train)
			r->cells.train[r->cells.n_train++] = kind[order[i]];
		else
			r->cells.validation[r->cells.n_validation++] = kind[order[i]];
		if (i < n_train && labelled)
			r->cells.labelled[r->cells.n_labelled++] = kind[order[i]];
	}
	free(kind);
	free(order);
}

static void split_cells(struct run *r)
{
	size_t n = count_store_n(r->t->store);

	MEM_ZERO(r->cells.train, n + 1);
	MEM_ZERO(r->cells.validation, n + 1);
	MEM_ZERO(r->cells.labelled, n + 1);
	split_kind(r, true);
	split_kind(r, false);
	MEM_ZERO(r->order, n + 1);
	MEM_ZERO(r->classes, n + 1);
}

/* The epoch's labelled cells: all, or so many of each class, in an order by chance. */
static void draw_labelled(struct run *r, const struct noise *noise)
{
	const struct vae_training *t = r->t;
	size_t n = r->cells.n_labelled, *taken;
	uint32_t *order = mem_alloc(n + 1, sizeof(*order));

	MEM_ZERO(taken, t->model->recipe.n_labels + 1);
	noise_order(noise, NOISE_LABELLED, 0, order, n);
	r->n_classes = r->class_at = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t cell = r->cells.labelled[order[i]];

		if (!t->per_label || taken[t->label[cell]]++ < t->per_label)
			r->classes[r->n_classes++] = cell;
	}
	free(order);
	free(taken);
}

/* Where the mini-batch that begins at 'at' ends. */
static size_t batch_end(const struct vae_training *t, size_t at, size_t n)
{
	return n - at < t->mini_batch + LEAST_BATCH ? n : at + t->mini_batch;
}

/* ---- a mini-batch ---- */

/* With the first layer at hand nobody wants the encoder's input: it may be anything. */
static int fetch(struct run *r, const uint32_t *cells, size_t n)
{
	bool plain = r->first || r->t->model->recipe.plain_counts;

	return count_store_fetch(r->t->store, cells, n, &r->facts, plain, &r->fetched, r->err);
}

/* The first gene that has most of a cell's counts, and how many. */
static const char *most_of(const struct run *r, size_t cell, double *count)
{
	const struct rows *x = &r->fetched.cells.counts;
	size_t most = x->starts[cell];

	for (size_t k = most; k < x->starts[cell + 1]; k++)
		if (x->value[k] > x->value[most])
			most = k;
	*count = (double)x->value[most];
	return r->t->model->genes.s[x->column[most]];
}

/* Say where: epoch and step, then cell and gene of the logit that is no number or the largest. */
static int not_finite(struct run *r, size_t epoch, const uint32_t *cells, size_t n)
{
	const struct vae_training *t = r->t;
	size_t cell, gene, step = t->adam.step - r->steps_before + 1;
	double logit, count;
	const char *name;

	if (fetch(r, cells, n))
		return -1;
	logit = vae_worst(r->work, &r->fetched.cells, &cell, &gene);
	if (!isnan(logit))
		return err_set(r->err,
			       "epoch %zu, step %zu: the loss is not a finite number: cell %u "
			       "(%.0f counts), gene %.80s: its logit is %g (lower --rate, or look "
			       "at these counts)",
			       epoch + 1, step, cells[cell] + 1,
			       count_store_total(t->store, cells[cell]), t->model->genes.s[gene],
			       logit);
	for (size_t i = cell = 0; i < n; i++)
		if (count_store_total(t->store, cells[i]) >
		    count_store_total(t->store, cells[cell]))
			cell = i;
	name = most_of(r, cell, &count);
	return err_set(r->err,
		       "epoch %zu, step %zu: the loss is not a finite number, nor is any logit: of "
		       "the %zu cells of this step cell %u has most counts, %.0f, and of them %.0f "
		       "of gene %.80s (lower --rate, or look at these counts)",
		       epoch + 1, step, n, cells[cell] + 1,
		       count_store_total(t->store, cells[cell]), count, name);
}

/* The labelled cells that go with a mini-batch: the next ones, from the first again at the end. */
static int label_step(struct run *r, const struct vae_how *how, double *cross_entropy)
{
	size_t from = r->class_at, to = batch_end(r->t, from, r->n_classes);

	r->class_at = to == r->n_classes ? 0 : to;
	if (fetch(r, r->classes + from, to - from))
		return -1;
	*cross_entropy = vae_label_step(r->work, &r->fetched.cells, how, r->t->ratio);
	return 0;
}

struct sums {
	double reconstruction, kl, loss, cross_entropy;
	size_t n, n_steps;
};

static int step(struct run *r, size_t epoch, const uint32_t *cells, size_t n,
		const struct vae_how *how, struct sums *sums)
{
	struct vae_loss loss;
	double cross_entropy = 0;

	if (fetch(r, cells, n))
		return -1;
	loss = vae_step(r->work, &r->fetched.cells, how);
	if (r->n_classes && label_step(r, how, &cross_entropy))
		return -1;
	if (!isfinite(loss.total) || !isfinite(cross_entropy))
		return not_finite(r, epoch, cells, n);
	adam_step(&r->t->adam, r->params, r->n_params, r->pool);
	sums->reconstruction += loss.reconstruction;
	sums->kl += loss.kl;
	sums->loss += (loss.total + r->t->ratio * cross_entropy) * (double)n;
	sums->cross_entropy += cross_entropy;
	sums->n += n;
	sums->n_steps++;
	return 0;
}

/* ---- epochs ---- */

static int validate(struct run *r, const struct vae_how *training, double *elbo)
{
	struct vae_how how = {.noise = training->noise, .forward = true, .kl_weight = 1};
	double sum = 0;

	*elbo = NAN;
	if (!(r->t->validate || r->t->watch == WATCH_VALIDATION) || !r->cells.n_validation)
		return 0;
	for (size_t at = 0, end; at < r->cells.n_validation; at = end) {
		struct vae_loss loss;

		end = batch_end(r->t, at, r->cells.n_validation);
		if (fetch(r, r->cells.validation + at, end - at))
			return -1;
		loss = vae_step(r->work, &r->fetched.cells, &how);
		sum += loss.reconstruction + loss.kl;
	}
	*elbo = sum / (double)r->cells.n_validation;
	return 0;
}

static int run_epoch(struct run *r, size_t number, struct vae_epoch *e)
{
	struct vae_training *t = r->t;
	struct noise noise = {.seed = t->seed, .epoch = number};
	struct vae_how how = {.training = true, .noise = &noise};
	struct sums sums = {0};
	size_t n = r->cells.n_train;
	uint32_t *order = mem_alloc(n + 1, sizeof(*order));
	int ret = 0;

	how.kl_weight = t->kl_epochs ? MIN(1.0, (double)number / (double)t->kl_epochs) : 1;
	noise_order(&noise, NOISE_ORDER, 0, order, n);
	for (size_t i = 0; i < n; i++)
		r->order[i] = r->cells.train[order[i]];
	free(order);
	draw_labelled(r, &noise);
	r->steps_before = t->adam.step;
	for (size_t at = 0, end; at < n && ret == 0; at = end) {
		end = batch_end(t, at, n);
		ret = step(r, number, r->order + at, end - at, &how, &sums);
	}
	*e = (struct vae_epoch){
		.epoch = number + 1,
		.n_epochs = t->epochs,
		.kl_weight = how.kl_weight,
		.loss = sums.loss / (double)sums.n,
		.reconstruction = sums.reconstruction / (double)sums.n,
		.kl = sums.kl / (double)sums.n,
		.cross_entropy = r->n_classes ? sums.cross_entropy / (double)sums.n_steps : NAN};
	e->elbo = e->reconstruction + e->kl;
	return ret ? ret : validate(r, &how, &e->elbo_validation);
}

/* Has what is watched stood still for too long? */
static bool is_enough(const struct vae_training *t, const struct vae_epoch *e, double *best,
		      size_t *since)
{
	double now = t->watch == WATCH_TRAIN ? e->elbo : e->elbo_validation;

	if (t->watch == WATCH_NOTHING || isnan(now))
		return false;
	if (now < *best - t->least_gain) {
		*best = now;
		*since = 0;
		return false;
	}
	return ++*since >= t->patience;
}

/* What the encoder's first layer makes of every cell, without its batch: it stays the same. */
static int cache_first(struct run *r)
{
	struct vae_training *t = r->t;
	struct dense plain = t->model->encoder.layer[0];
	size_t n = count_store_n(t->store), width = plain.n_out;
	real *first = mem_vectors(n * width, sizeof(*first));
	uint32_t cells[256];

	plain.n_extra = 0;
	for (size_t at = 0; at < n; at += ARRAY_LEN(cells)) {
		size_t here = MIN(ARRAY_LEN(cells), n - at);
		struct rows x;

		for (size_t i = 0; i < here; i++)
			cells[i] = (uint32_t)(at + i);
		if (fetch(r, cells, here)) {
			free(first);
			return -1;
		}
		x = r->fetched.cells.counts;
		x.value = r->fetched.cells.input;
		dense_forward(&plain, r->pool, x, NULL, first + at * width);
	}
	r->first = first;
	r->facts.first = first;
	r->facts.n_hidden = width;
	fetched_release(&r->fetched);
	return 0;
}

static int run_epochs(struct run *r)
{
	struct vae_training *t = r->t;
	double best = INFINITY;
	size_t since = 0;

	for (size_t number = t->first_epoch; number < t->epochs; number++) {
		struct vae_epoch e;

		if (run_epoch(r, number, &e))
			return -1;
		t->n_done = number + 1;
		t->stopped_early = is_enough(t, &e, &best, &since);
		if ((t->hear && t->hear(t->listener, &e)) || t->stopped_early)
			break;
	}
	return 0;
}

int vae_train(struct vae_training *t, struct pool *pool, struct err *err)
{
	struct run r = {.t = t,
			.facts = {.batch = t->batch, .label = t->label},
			.work = vae_work_new(t->model, pool),
			.pool = pool,
			.err = err};
	int ret = -1;

	t->adam.rate = t->rate;
	t->adam.decay = t->decay;
	t->adam.epsilon = 0.01;
	r.n_params = vae_params(t->model, r.params);
	split_cells(&r);
	if (r.cells.n_train < LEAST_BATCH)
		err_set(err, "%zu cells with counts to train on: %zu are the fewest",
			r.cells.n_train, LEAST_BATCH);
	else if (!t->cache_first || cache_first(&r) == 0)
		ret = run_epochs(&r);
	vae_work_free(r.work);
	fetched_release(&r.fetched);
	free(r.first);
	free(r.order);
	free(r.classes);
	free(r.cells.train);
	free(r.cells.validation);
	free(r.cells.labelled);
	return ret;
}
