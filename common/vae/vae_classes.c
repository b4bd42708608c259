/* vae_classes.c - what scANVI adds: the classifier, and z1 judged by every class.
 *
 * For each class a second latent z2 of (z1, class), and z1's likelihood given z2 and the class; the
 * costs are weighted by the classifier's probabilities. A cell has a row for every class that is
 * possible for it: one whose probability is below POSSIBLE adds nothing that single precision could
 * hold, in loss or gradient, and has no row. (Under batch norm every class has one, for there rows
 * see each other.) The first layer of 'up' works on z1 once; a class only adds its vector.
 */
#include "base/util.h"

#include "base/mem.h"
#include "vae/vae_private.h"

#define LEAST_P 1.1920929e-7
#define POSSIBLE ((real)1e-8)
#define HALF_LOG_2PI 0.91893853320467274178

static void reserve(struct vae_work *w, size_t n)
{
	const struct vae_recipe *r = &w->v->recipe;
	size_t rows = n * r->n_labels;

	if (n <= w->class_cap)
		return;
	for (real ***b = (real * *[]){&w->class_logits, &w->p, &w->d_class, NULL}; *b; b++) {
		free(**b);
		**b = mem_vectors(rows, sizeof(real));
	}
	for (real ***b = (real * *[]){&w->second_first, &w->d_second, NULL}; *b; b++) {
		free(**b);
		**b = mem_vectors(rows * r->n_hidden, sizeof(real));
	}
	for (real ***b =
		     (real * *[]){&w->m2, &w->raw2, &w->v2, &w->draw2, &w->z2, &w->pm, &w->raw1,
				  &w->d2_mean, &w->d2_raw, &w->d2_z, &w->d1_mean, &w->d1_raw, NULL};
	     *b; b++) {
		free(**b);
		**b = mem_vectors(rows * r->n_latent, sizeof(real));
	}
	free(w->row_starts);
	free(w->row_cell);
	free(w->second_label);
	free(w->second_number);
	free(w->a);
	free(w->k2);
	MEM_ZERO(w->row_starts, n + 1);
	MEM_ZERO(w->row_cell, rows);
	MEM_ZERO(w->second_label, rows);
	MEM_ZERO(w->second_number, rows);
	MEM_ZERO(w->a, rows);
	MEM_ZERO(w->k2, rows);
	w->class_cap = n;
}

/* ---- the classifier ---- */

static void softmax_small(real *x, size_t n)
{
	real most = x[0], sum = 0;

	for (size_t i = 1; i < n; i++)
		most = MAX(most, x[i]);
	for (size_t i = 0; i < n; i++)
		sum += x[i] = real_exp(x[i] - most);
	for (size_t i = 0; i < n; i++)
		x[i] /= sum;
}

/* The input of the last linear layer. */
static const real *classifier_forward(struct vae_work *w, const real *z, size_t n,
				      const struct pass *pass, real *p)
{
	struct vae *v = w->v;
	struct rows x = {n, z, NULL, NULL, NULL};

	if (v->classifier.n_layers)
		x.dense = stack_forward(&v->classifier, w->pool, x, NULL, pass, &w->classifier);
	dense_forward(&v->classes, w->pool, x, NULL, p);
	for (size_t i = 0; i < n; i++)
		softmax_small(p + i * v->recipe.n_labels, v->recipe.n_labels);
	return x.dense;
}

/* From the logits' gradient in d_class to z's, added to 'dz'. */
static void classifier_back(struct vae_work *w, const real *z, const real *hidden, size_t n,
			    const struct pass *pass, bool add, real *dz)
{
	struct vae *v = w->v;
	bool linear = v->classifier.n_layers == 0;
	struct rows x = {n, hidden, NULL, NULL, NULL};

	dense_backward(&v->classes, w->pool, x, NULL, w->d_class);
	dense_backward_input(&v->classes, w->pool, n, w->d_class, linear && add,
			     linear ? dz : w->d_hidden);
	x.dense = z;
	if (!linear)
		stack_backward(&v->classifier, w->pool, x, NULL, pass, &w->classifier, w->d_hidden,
			       add, dz);
}

void vae_classify(struct vae_work *w, const real *z, size_t n, real *p)
{
	struct pass pass = {.training = false};

	classifier_forward(w, z, n, &pass, p);
}

double vae_label_step(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
		      double ratio)
{
	struct pass pass = vae_pass_of(c, how);
	size_t labels = w->v->recipe.n_labels;
	const real *mean, *variance, *hidden;
	real factor = (real)(ratio / (double)c->n);
	double sum = 0;

	vae_encode(w, c, how, &mean, &variance);
	reserve(w, c->n);
	hidden = classifier_forward(w, mean, c->n, &pass, w->p);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < labels; k++) {
			real p = w->p[i * labels + k];
			bool is = k == c->label[i];

			if (is)
				sum -= log(MAX((double)p, 1e-37));
			w->d_class[i * labels + k] = factor * (p - (is ? 1 : 0));
		}
	if (how->forward)
		return sum / (double)c->n;
	classifier_back(w, mean, hidden, c->n, &pass, false, w->d_mean);
	memset(w->d_raw, 0, c->n * w->v->recipe.n_latent * sizeof(real));
	vae_encoder_back(w, c, &pass);
	return sum / (double)c->n;
}

/* ---- the second latent ---- */

/* Which classes are possible for which cells. */
static void list_rows(struct vae_work *w, const struct vae_cells *c)
{
	const struct vae_recipe *r = &w->v->recipe;
	bool all = r->batch_norm_encoder || r->batch_norm_decoder;
	size_t row = 0;

	for (size_t i = 0; i < c->n; i++) {
		w->row_starts[i] = row;
		for (size_t k = 0; k < r->n_labels; k++) {
			if (!all && w->p[i * r->n_labels + k] < POSSIBLE)
				continue;
			w->row_cell[row] = (uint32_t)i;
			w->second_label[row] = (uint32_t)k;
			w->second_number[row++] = c->number ? c->number[i] * r->n_labels + k : 0;
		}
	}
	w->row_starts[c->n] = w->n_rows = row;
}

/* The first linear part of 'up' for every row, from that of z1. */
static void spread_labels(struct vae_work *w, size_t n)
{
	const struct dense *d = &w->v->up.layer[0];
	struct dense plain = *d; /* without its categories */

	plain.n_extra = 0;
	dense_forward(&plain, w->pool, (struct rows){n, w->z, NULL, NULL, NULL}, NULL, w->d_hidden);
	for (size_t row = 0; row < w->n_rows; row++) {
		const real *from = w->d_hidden + w->row_cell[row] * d->n_out;
		const real *label = d->weight.value + (d->n_in + w->second_label[row]) * d->n_out;
		real *to = w->second_first + row * d->n_out;

		for (size_t j = 0; j < d->n_out; j++)
			to[j] = d->n_extra ? from[j] + label[j] : from[j];
	}
}

/* Work that is shared out by cells, each with its rows for all labels. */
struct by_cells {
	struct vae_work *w;
	const struct vae_how *how;
	size_t n;
};

#define CELLS ((size_t)8) /* of a part */

static void share_out(struct vae_work *w, const struct vae_how *how, size_t n, pool_work *work)
{
	struct by_cells job = {w, how, n};

	pool_run(w->pool, (n + CELLS - 1) / CELLS, work, &job);
}

/* Where the rows of a part's cells begin and end. */
static size_t first_row(const struct by_cells *j, size_t part)
{
	return j->w->row_starts[MIN(part * CELLS, j->n)];
}

CLONES static void draw_row(const real *restrict mean, const real *restrict raw,
			    const real *restrict draw, real *restrict v, real *restrict z, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		v[i] = real_exp(raw[i]) + LEAST_VARIANCE;
		z[i] = mean[i] + REAL_SQRT(v[i]) * draw[i];
	}
}

/* Draws that are given come label by label. */
static const real *given_draw(const struct by_cells *j, size_t row)
{
	size_t at = j->w->second_label[row] * j->n + j->w->row_cell[row];

	return j->how->second_draw + at * j->w->v->recipe.n_latent;
}

static void draw_cells(void *arg, size_t part)
{
	const struct by_cells *j = arg;
	struct vae_work *w = j->w;
	size_t width = w->v->recipe.n_latent;

	for (size_t row = first_row(j, part); row < first_row(j, part + 1); row++) {
		size_t at = row * width;

		if (j->how->second_draw)
			memcpy(w->draw2 + at, given_draw(j, row), width * sizeof(real));
		else if (j->how->noise)
			noise_normals(j->how->noise, NOISE_SECOND, w->second_number[row],
				      w->draw2 + at, width);
		else
			memset(w->draw2 + at, 0, width * sizeof(real));
		draw_row(w->m2 + at, w->raw2 + at, w->draw2 + at, w->v2 + at, w->z2 + at, width);
	}
}

/* What z1 costs given z2, and z2's KL, but for the constant of the former. */
CLONES static void cost_row(const real *restrict z, const real *restrict pm,
			    const real *restrict raw1, const real *restrict m2,
			    const real *restrict v2, real *restrict costs, real *restrict kls,
			    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		real d = z[i] - pm[i];

		costs[i] = raw1[i] + d * d * real_exp(-raw1[i]);
		kls[i] = v2[i] + m2[i] * m2[i] - 1 - real_log(v2[i]);
	}
}

static void cost_cells(void *arg, size_t part)
{
	const struct by_cells *j = arg;
	struct vae_work *w = j->w;
	size_t width = w->v->recipe.n_latent;
	real *room = mem_vectors(2 * width, sizeof(*room));

	for (size_t row = first_row(j, part); row < first_row(j, part + 1); row++) {
		size_t at = row * width;

		cost_row(w->z + w->row_cell[row] * width, w->pm + at, w->raw1 + at, w->m2 + at,
			 w->v2 + at, room, room + width, width);
		w->a[row] = (double)width * HALF_LOG_2PI;
		w->k2[row] = 0;
		for (size_t i = 0; i < width; i++) {
			w->a[row] += 0.5 * (double)room[i];
			w->k2[row] += 0.5 * (double)room[width + i];
		}
	}
	free(room);
}

/* Sums into the loss; the gradient of the classifier's logits. */
static void weigh_classes(struct vae_work *w, size_t n, double kl_weight, struct vae_loss *loss)
{
	size_t labels = w->v->recipe.n_labels;

	memset(w->d_class, 0, n * labels * sizeof(*w->d_class));
	for (size_t i = 0; i < n; i++) {
		size_t from = w->row_starts[i], to = w->row_starts[i + 1];
		double mean = 0;

		for (size_t row = from; row < to; row++) {
			double p = (double)w->p[i * labels + w->second_label[row]];
			double least = MIN(MAX(p, LEAST_P), 1 - LEAST_P);
			double kl = w->k2[row] + log(least * (double)labels);

			loss->reconstruction += p * w->a[row];
			loss->kl += p * kl;
			w->a[row] += kl_weight * kl;
			mean += p * w->a[row];
		}
		for (size_t row = from; row < to; row++) {
			size_t at = i * labels + w->second_label[row];

			w->d_class[at] = (real)((double)w->p[at] * (w->a[row] - mean) / (double)n);
		}
	}
}

/* Gradients of z1's likelihood: of its mean and raw variance, and, summed over labels, of z1. */
CLONES static void likelihood_row(const real *restrict z, const real *restrict pm,
				  const real *restrict raw1, real *restrict d_mean,
				  real *restrict d_raw, real *restrict dz, size_t n, real p)
{
	for (size_t i = 0; i < n; i++) {
		real d = z[i] - pm[i], by = d * real_exp(-raw1[i]);

		d_mean[i] = -p * by;
		d_raw[i] = p * (real)0.5 * (1 - d * by);
		dz[i] += p * by;
	}
}

/* The weight of a row: its class's probability, as a part of the mean. */
static real weight_of(const struct by_cells *j, size_t row)
{
	const struct vae_work *w = j->w;

	return w->p[w->row_cell[row] * w->v->recipe.n_labels + w->second_label[row]] / (real)j->n;
}

static void likelihood_cells(void *arg, size_t part)
{
	const struct by_cells *j = arg;
	struct vae_work *w = j->w;
	size_t width = w->v->recipe.n_latent;

	for (size_t row = first_row(j, part); row < first_row(j, part + 1); row++) {
		size_t at = row * width;

		likelihood_row(w->z + w->row_cell[row] * width, w->pm + at, w->raw1 + at,
			       w->d1_mean + at, w->d1_raw + at, w->d_z + w->row_cell[row] * width,
			       width, weight_of(j, row));
	}
}

/* From z2's gradient, and its KL, to its mean and raw variance. */
CLONES static void second_row(const real *restrict dz, const real *restrict draw,
			      const real *restrict m2, const real *restrict v2,
			      real *restrict d_mean, real *restrict d_raw, size_t n, real weight)
{
	for (size_t i = 0; i < n; i++) {
		real v = v2[i];
		real dv = dz[i] * draw[i] / (2 * REAL_SQRT(v)) + weight * (real)0.5 * (1 - 1 / v);

		d_mean[i] = dz[i] + weight * m2[i];
		d_raw[i] = dv * (v - LEAST_VARIANCE);
	}
}

static void second_cells(void *arg, size_t part)
{
	const struct by_cells *j = arg;
	struct vae_work *w = j->w;
	size_t width = w->v->recipe.n_latent;

	for (size_t row = first_row(j, part); row < first_row(j, part + 1); row++) {
		size_t at = row * width;

		second_row(w->d2_z + at, w->draw2 + at, w->m2 + at, w->v2 + at, w->d2_mean + at,
			   w->d2_raw + at, width, (real)j->how->kl_weight * weight_of(j, row));
	}
}

/* The first layer of 'up': labels' vectors by their rows, z1's part by the sum over a cell's. */
static void first_back(struct vae_work *w, const struct vae_cells *c)
{
	struct dense *d = &w->v->up.layer[0];
	size_t width = d->n_out;

	memset(w->d_hidden, 0, c->n * width * sizeof(*w->d_hidden));
	for (size_t row = 0; row < w->n_rows; row++) {
		const real *from = w->d_second + row * width;
		real *to = w->d_hidden + w->row_cell[row] * width;
		real *label = d->n_extra && d->weight.grad
				      ? d->weight.grad + (d->n_in + w->second_label[row]) * width
				      : NULL;

		for (size_t j = 0; j < width; j++)
			to[j] += from[j];
		for (size_t j = 0; label && j < width; j++)
			label[j] += from[j];
	}
	dense_backward(d, w->pool, (struct rows){c->n, w->z, NULL, NULL, NULL}, NULL, w->d_hidden);
	dense_backward_input(d, w->pool, c->n, w->d_hidden, true, w->d_z);
}

static void second_forward(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
			   const struct pass *pass)
{
	struct vae *v = w->v;
	struct rows x = {0};

	list_rows(w, c);
	x.n = w->n_rows;
	spread_labels(w, c->n);
	x.dense = stack_forward_from(&v->up, w->pool, w->second_first, x.n, w->second_label, pass,
				     &w->up);
	dense_forward(&v->up_mean, w->pool, x, NULL, w->m2);
	dense_forward(&v->up_variance, w->pool, x, NULL, w->raw2);
	share_out(w, how, c->n, draw_cells);
	x.dense = w->z2;
	x.dense = stack_forward(&v->down, w->pool, x, w->second_label, pass, &w->down);
	dense_forward(&v->down_mean, w->pool, x, NULL, w->pm);
	dense_forward(&v->down_variance, w->pool, x, NULL, w->raw1);
}

static void second_backward(struct vae_work *w, const struct vae_cells *c,
			    const struct vae_how *how, const struct pass *pass)
{
	struct vae *v = w->v;
	size_t rows = w->n_rows;
	struct rows x = {rows, w->down.out[v->down.n_layers - 1], NULL, NULL, NULL};

	share_out(w, how, c->n, likelihood_cells);
	dense_backward(&v->down_mean, w->pool, x, NULL, w->d1_mean);
	dense_backward(&v->down_variance, w->pool, x, NULL, w->d1_raw);
	dense_backward_input(&v->down_mean, w->pool, rows, w->d1_mean, false, w->d_second);
	dense_backward_input(&v->down_variance, w->pool, rows, w->d1_raw, true, w->d_second);
	x.dense = w->z2;
	stack_backward(&v->down, w->pool, x, w->second_label, pass, &w->down, w->d_second, false,
		       w->d2_z);
	share_out(w, how, c->n, second_cells);
	x.dense = w->up.out[v->up.n_layers - 1];
	dense_backward(&v->up_mean, w->pool, x, NULL, w->d2_mean);
	dense_backward(&v->up_variance, w->pool, x, NULL, w->d2_raw);
	dense_backward_input(&v->up_mean, w->pool, rows, w->d2_mean, false, w->d_second);
	dense_backward_input(&v->up_variance, w->pool, rows, w->d2_raw, true, w->d_second);
	stack_backward_to(&v->up, w->pool, rows, w->second_label, pass, &w->up, w->d_second);
	first_back(w, c);
}

void vae_class_step(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
		    struct vae_loss *loss)
{
	struct pass pass = vae_pass_of(c, how), second = pass;
	size_t width = w->v->recipe.n_latent;
	const real *hidden;

	reserve(w, c->n);
	hidden = classifier_forward(w, w->z, c->n, &pass, w->p);
	second.cells = w->second_number;
	second_forward(w, c, how, &second);
	share_out(w, how, c->n, cost_cells);
	weigh_classes(w, c->n, how->kl_weight, loss);
	for (size_t i = 0; i < c->n * width; i++) /* log q(z1) */
		loss->reconstruction -= HALF_LOG_2PI + 0.5 * (double)real_log(w->variance[i]) +
					0.5 * (double)w->draw[i] * (double)w->draw[i];
	if (how->forward)
		return;
	second_backward(w, c, how, &second);
	classifier_back(w, w->z, hidden, c->n, &pass, true, w->d_z);
}
