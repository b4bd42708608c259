/* vae_classes.c - what scANVI adds to a step: the classifier, its part of the loss and back. */
#include "base/util.h"

#include "base/mem.h"
#include "vae/net/vae_private.h"

#define HALF_LOG_2PI 0.91893853320467274178

static void reserve(struct vae_work *w, size_t n)
{
	size_t values = n * w->v->recipe.n_labels;

	if (n <= w->class_cap)
		return;
	free(w->p);
	free(w->d_class);
	w->p = mem_vectors(values, sizeof(real));
	w->d_class = mem_vectors(values, sizeof(real));
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
				sum -= log(p < 1e-37 ? 1e-37 : (double)p); /* NaN stays */
			w->d_class[i * labels + k] = factor * (p - (is ? 1 : 0));
		}
	if (how->forward)
		return sum / (double)c->n;
	classifier_back(w, mean, hidden, c->n, &pass, false, w->d_mean);
	memset(w->d_raw, 0, c->n * w->v->recipe.n_latent * sizeof(real));
	vae_encoder_back(w, c, &pass);
	return sum / (double)c->n;
}

void vae_class_step(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
		    struct vae_loss *loss)
{
	struct pass pass = vae_pass_of(c, how);
	const real *hidden;

	reserve(w, c->n);
	hidden = classifier_forward(w, w->z, c->n, &pass, w->p);
	second_step(w, c, how, loss);
	for (size_t i = 0; i < c->n * w->v->recipe.n_latent; i++) /* log q(z1) */
		loss->reconstruction -= HALF_LOG_2PI + 0.5 * (double)real_log(w->variance[i]) +
					0.5 * (double)w->draw[i] * (double)w->draw[i];
	if (!how->forward)
		classifier_back(w, w->z, hidden, c->n, &pass, true, w->d_z);
}
