/* vae_classes.c - what scANVI adds: the classifier, and z1 judged by every class.
 *
 * For each class c a second latent z2 of (z1, c), and z1's likelihood given z2 and c; the costs are
 * weighted by the classifier's probabilities. Rows are label by label. The first layer of 'up'
 * works on z1 once; a label only adds its vector.
 */
#include "base/util.h"

#include "base/mem.h"
#include "vae/vae_private.h"

#define LEAST_VARIANCE ((real)1e-4)
#define LEAST_P 1.1920929e-7
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
	free(w->second_label);
	free(w->second_number);
	free(w->a);
	free(w->k2);
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

/* The first linear part of 'up' for every label, from that of z1. */
static void spread_labels(struct vae_work *w, const struct vae_cells *c)
{
	const struct dense *d = &w->v->up.layer[0];
	size_t n = c->n, width = d->n_out, labels = w->v->recipe.n_labels;
	struct dense plain = *d; /* without its categories */

	plain.n_extra = 0;
	dense_forward(&plain, w->pool, (struct rows){n, w->z, NULL, NULL, NULL}, NULL,
		      w->second_first);
	for (size_t k = labels; k-- > 0;)
		for (size_t i = 0; i < n; i++) {
			const real *from = w->second_first + i * width;
			const real *label = d->weight.value + (d->n_in + k) * width;
			real *to = w->second_first + (k * n + i) * width;

			w->second_label[k * n + i] = (uint32_t)k;
			w->second_number[k * n + i] = c->number ? c->number[i] * labels + k : 0;
			for (size_t j = 0; j < width; j++)
				to[j] = from[j] + (d->n_extra ? label[j] : 0);
		}
}

static void draw_second(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how)
{
	size_t width = w->v->recipe.n_latent, rows = c->n * w->v->recipe.n_labels;

	if (how->second_draw)
		memcpy(w->draw2, how->second_draw, rows * width * sizeof(real));
	else if (!how->noise)
		memset(w->draw2, 0, rows * width * sizeof(real));
	else
		for (size_t i = 0; i < rows; i++)
			noise_normals(how->noise, NOISE_SECOND, w->second_number[i],
				      w->draw2 + i * width, width);
	for (size_t i = 0; i < rows * width; i++) {
		w->v2[i] = real_exp(w->raw2[i]) + LEAST_VARIANCE;
		w->z2[i] = w->m2[i] + REAL_SQRT(w->v2[i]) * w->draw2[i];
	}
}

/* What z1 costs by each class, and z2's KL. */
static void class_costs(struct vae_work *w, size_t n)
{
	size_t width = w->v->recipe.n_latent, rows = n * w->v->recipe.n_labels;

	for (size_t row = 0; row < rows; row++) {
		const real *z = w->z + row % n * width;
		double a = 0, k2 = 0;

		for (size_t j = 0; j < width; j++) {
			size_t at = row * width + j;
			double d = (double)(z[j] - w->pm[at]), m = (double)w->m2[at];
			double v2 = (double)w->v2[at];

			a += HALF_LOG_2PI + 0.5 * (double)w->raw1[at] +
			     0.5 * d * d / (double)real_exp(w->raw1[at]);
			k2 += 0.5 * (v2 + m * m - 1 - (double)real_log(w->v2[at]));
		}
		w->a[row] = a;
		w->k2[row] = k2;
	}
}

/* Sums into the loss; the gradient of the classifier's logits. */
static void weigh_classes(struct vae_work *w, size_t n, double kl_weight, struct vae_loss *loss)
{
	size_t labels = w->v->recipe.n_labels;

	for (size_t i = 0; i < n; i++) {
		const real *p = w->p + i * labels;
		double mean = 0;

		for (size_t k = 0; k < labels; k++) {
			double pk = (double)p[k], least = MIN(MAX(pk, LEAST_P), 1 - LEAST_P);
			double surprise = log(least * (double)labels), a = w->a[k * n + i];
			double cost = a + kl_weight * (w->k2[k * n + i] + surprise);

			loss->reconstruction += pk * a;
			loss->kl += pk * (w->k2[k * n + i] + surprise);
			mean += pk * cost;
			w->d_class[i * labels + k] = (real)cost;
		}
		for (size_t k = 0; k < labels; k++)
			w->d_class[i * labels + k] =
				(real)((double)p[k] * ((double)w->d_class[i * labels + k] - mean) /
				       (double)n);
	}
}

/* Gradients of z1's likelihood: of its mean and raw variance, and, summed over labels, of z1. */
static void likelihood_back(struct vae_work *w, size_t n)
{
	size_t width = w->v->recipe.n_latent, labels = w->v->recipe.n_labels;

	for (size_t row = 0; row < n * labels; row++) {
		size_t cell = row % n;
		real p = w->p[cell * labels + row / n] / (real)n;

		for (size_t j = 0; j < width; j++) {
			size_t at = row * width + j;
			real d = w->z[cell * width + j] - w->pm[at];
			real by = d / real_exp(w->raw1[at]);

			w->d1_mean[at] = -p * by;
			w->d1_raw[at] = p * (real)0.5 * (1 - d * by);
			w->d_z[cell * width + j] += p * by;
		}
	}
}

/* From z2's gradient in d2_z, and its KL, to its mean and raw variance. */
static void second_back(struct vae_work *w, size_t n, double kl_weight)
{
	size_t width = w->v->recipe.n_latent, labels = w->v->recipe.n_labels;

	for (size_t row = 0; row < n * labels; row++) {
		real weight = (real)kl_weight * w->p[row % n * labels + row / n] / (real)n;

		for (size_t at = row * width; at < (row + 1) * width; at++) {
			real v = w->v2[at];
			real dv = w->d2_z[at] * w->draw2[at] / (2 * REAL_SQRT(v)) +
				  weight * (real)0.5 * (1 - 1 / v);

			w->d2_mean[at] = w->d2_z[at] + weight * w->m2[at];
			w->d2_raw[at] = dv * (v - LEAST_VARIANCE);
		}
	}
}

/* The first layer of 'up': labels' vectors by their rows, z1's part by the sum over labels. */
static void first_back(struct vae_work *w, const struct vae_cells *c)
{
	struct dense *d = &w->v->up.layer[0];
	size_t n = c->n, width = d->n_out, labels = w->v->recipe.n_labels;

	for (size_t k = 0; k < labels; k++)
		for (size_t i = 0; i < n; i++) {
			const real *from = w->d_second + (k * n + i) * width;
			real *label =
				d->weight.grad ? d->weight.grad + (d->n_in + k) * width : NULL;

			for (size_t j = 0; label && d->n_extra && j < width; j++)
				label[j] += from[j];
			for (size_t j = 0; k > 0 && j < width; j++)
				w->d_second[i * width + j] += from[j];
		}
	dense_backward(d, w->pool, (struct rows){n, w->z, NULL, NULL, NULL}, NULL, w->d_second);
	dense_backward_input(d, w->pool, n, w->d_second, true, w->d_z);
}

static void second_forward(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
			   const struct pass *pass)
{
	struct vae *v = w->v;
	struct rows x = {c->n * v->recipe.n_labels, NULL, NULL, NULL, NULL};

	spread_labels(w, c);
	x.dense = stack_forward_from(&v->up, w->pool, w->second_first, x.n, w->second_label, pass,
				     &w->up);
	dense_forward(&v->up_mean, w->pool, x, NULL, w->m2);
	dense_forward(&v->up_variance, w->pool, x, NULL, w->raw2);
	draw_second(w, c, how);
	x.dense = w->z2;
	x.dense = stack_forward(&v->down, w->pool, x, w->second_label, pass, &w->down);
	dense_forward(&v->down_mean, w->pool, x, NULL, w->pm);
	dense_forward(&v->down_variance, w->pool, x, NULL, w->raw1);
}

static void second_backward(struct vae_work *w, const struct vae_cells *c,
			    const struct vae_how *how, const struct pass *pass)
{
	struct vae *v = w->v;
	size_t rows = c->n * v->recipe.n_labels;
	struct rows x = {rows, w->down.out[v->down.n_layers - 1], NULL, NULL, NULL};

	likelihood_back(w, c->n);
	dense_backward(&v->down_mean, w->pool, x, NULL, w->d1_mean);
	dense_backward(&v->down_variance, w->pool, x, NULL, w->d1_raw);
	dense_backward_input(&v->down_mean, w->pool, rows, w->d1_mean, false, w->d_second);
	dense_backward_input(&v->down_variance, w->pool, rows, w->d1_raw, true, w->d_second);
	x.dense = w->z2;
	stack_backward(&v->down, w->pool, x, w->second_label, pass, &w->down, w->d_second, false,
		       w->d2_z);
	second_back(w, c->n, how->kl_weight);
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
	class_costs(w, c->n);
	weigh_classes(w, c->n, how->kl_weight, loss);
	for (size_t i = 0; i < c->n * width; i++) /* log q(z1) */
		loss->reconstruction -= HALF_LOG_2PI + 0.5 * (double)real_log(w->variance[i]) +
					0.5 * (double)w->draw[i] * (double)w->draw[i];
	if (how->forward)
		return;
	second_backward(w, c, how, &second);
	classifier_back(w, w->z, hidden, c->n, &pass, true, w->d_z);
}
