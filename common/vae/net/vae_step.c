/* vae_step.c - decoder, loss and the whole step; see vae_step.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "vae/net/vae_private.h"

/* z = mean + root of variance * draw. */
CLONES static void place(const real *restrict mean, const real *restrict variance,
			 const real *restrict draw, real *restrict z, size_t n)
{
	for (size_t i = 0; i < n; i++)
		z[i] = mean[i] + REAL_SQRT(variance[i]) * draw[i];
}

/* Normals for the cells, given ones, noise or zeros, and z. */
static void draw_latent(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how)
{
	size_t width = w->v->recipe.n_latent;

	if (how->draw)
		memcpy(w->draw, how->draw, c->n * width * sizeof(real));
	else if (!how->noise)
		memset(w->draw, 0, c->n * width * sizeof(real));
	else
		for (size_t i = 0; i < c->n; i++)
			noise_normals(how->noise, NOISE_LATENT, c->number[i], w->draw + i * width,
				      width);
	place(w->mean, w->variance, w->draw, w->z, c->n * width);
}

/* ---- the decoder ---- */

/* Logits of shares, and of extra zeros, at z. */
static const real *decoder_forward(struct vae_work *w, const real *z, const uint32_t *batch,
				   size_t n, const struct pass *pass)
{
	struct vae *v = w->v;
	struct rows x = {n, z, NULL, NULL, NULL};
	const real *hidden = stack_forward(&v->decoder, w->pool, x, batch, pass, &w->decoder);

	x.dense = hidden;
	dense_forward(&v->scale, w->pool, x, NULL, w->logits);
	if (v->recipe.zero_inflated)
		dense_forward(&v->zeros, w->pool, x, NULL, w->zeros);
	return hidden;
}

void vae_decode(struct vae_work *w, const real *z, const uint32_t *batch, size_t n, real *rho)
{
	struct pass pass = {.training = false};
	size_t genes = w->v->recipe.n_genes;

	vae_reserve(w, n);
	decoder_forward(w, z, batch, n, &pass);
	softmax_rows(w->pool, w->logits, n, genes);
	memcpy(rho, w->logits, n * genes * sizeof(*rho));
}

/* Likelihoods; logits become gradients. A dispersion that is not trained is always the same. */
static void likelihood(struct vae_work *w, const struct vae_cells *c, bool with_theta)
{
	const struct vae_recipe *r = &w->v->recipe;
	bool by_batch = r->dispersion == DISPERSION_GENE_BATCH;
	struct count_loss loss = {.n_genes = r->n_genes,
				  .counts = c->counts,
				  .library = c->library,
				  .theta = &w->theta,
				  .d_log_theta = with_theta ? w->d_log_theta : NULL};

	if (!w->theta.theta || param_trained(&w->v->log_theta))
		dispersion_fill(&w->theta, w->v->log_theta.value, by_batch ? r->n_batches : 1,
				r->n_genes);
	w->theta.row = by_batch ? c->batch : NULL;
	count_loss(&loss, w->pool, w->logits, r->zero_inflated ? w->zeros : NULL,
		   1.0 / (double)c->n, w->nll);
}

struct theta_job {
	struct vae_work *w;
	const uint32_t *batch; /* NULL: one row for all */
	size_t n;
};

#define THETA_COLUMNS ((size_t)256)

static void theta_columns(void *arg, size_t part)
{
	const struct theta_job *j = arg;
	size_t genes = j->w->v->recipe.n_genes, from = part * THETA_COLUMNS;
	size_t n = MIN(THETA_COLUMNS, genes - from);

	for (size_t i = 0; i < j->n; i++) {
		const real *d = j->w->d_log_theta + i * genes + from;
		real *to = j->w->v->log_theta.grad + (j->batch ? j->batch[i] : 0) * genes + from;

		for (size_t g = 0; g < n; g++)
			to[g] += d[g];
	}
}

static void theta_back(struct vae_work *w, const struct vae_cells *c)
{
	struct theta_job j = {w, w->theta.row, c->n};

	pool_run(w->pool, (w->v->recipe.n_genes + THETA_COLUMNS - 1) / THETA_COLUMNS, theta_columns,
		 &j);
	w->v->log_theta.used = true;
}

/* From gradients in logits (and zeros) to that of z, into d_z. */
static void decoder_back(struct vae_work *w, const struct vae_cells *c, const real *hidden,
			 const struct pass *pass)
{
	struct vae *v = w->v;
	struct rows x = {c->n, hidden, NULL, NULL, NULL};

	dense_backward(&v->scale, w->pool, x, NULL, w->logits);
	dense_backward_input(&v->scale, w->pool, c->n, w->logits, false, w->d_hidden);
	if (v->recipe.zero_inflated) {
		dense_backward(&v->zeros, w->pool, x, NULL, w->zeros);
		dense_backward_input(&v->zeros, w->pool, c->n, w->zeros, true, w->d_hidden);
	}
	x.dense = w->z;
	stack_backward(&v->decoder, w->pool, x, c->batch, pass, &w->decoder, w->d_hidden, false,
		       w->d_z);
}

/* ---- loss ---- */

/* KL(q | N(0, 1)) of a cell. */
static double cell_kl(const struct vae_work *w, size_t cell)
{
	size_t width = w->v->recipe.n_latent;
	double sum = 0;

	for (size_t i = cell * width; i < (cell + 1) * width; i++) {
		double m = (double)w->mean[i], v = (double)w->variance[i];

		sum += 0.5 * (v + m * m - 1 - (double)real_log(w->variance[i]));
	}
	return sum;
}

double vae_worst(struct vae_work *w, const struct vae_cells *c, size_t *cell, size_t *gene)
{
	struct vae_how how = {.kl_weight = 1};
	struct pass pass = vae_pass_of(c, &how);
	size_t genes = w->v->recipe.n_genes, worst = 0;
	const real *mean, *variance;

	vae_encode(w, c, NULL, &mean, &variance);
	draw_latent(w, c, &how);
	decoder_forward(w, w->z, c->batch, c->n, &pass);
	for (size_t i = 1; i < c->n * genes && !isnan(w->logits[worst]); i++)
		if (!(fabs((double)w->logits[i]) <= fabs((double)w->logits[worst])))
			worst = i;
	*cell = worst / genes;
	*gene = worst % genes;
	return (double)w->logits[worst];
}

void vae_judge(struct vae_work *w, const struct vae_cells *c, double *nll, double *kl)
{
	struct vae_how how = {.kl_weight = 1};
	struct pass pass = vae_pass_of(c, &how);
	const real *mean, *variance;

	vae_encode(w, c, NULL, &mean, &variance);
	draw_latent(w, c, &how);
	decoder_forward(w, w->z, c->batch, c->n, &pass);
	likelihood(w, c, false);
	memcpy(nll, w->nll, c->n * sizeof(*nll));
	for (size_t i = 0; kl && i < c->n; i++)
		kl[i] = cell_kl(w, i);
}

/* From z's gradient, the KL's and the entropy's to those of mean and raw variance. */
CLONES static void posterior_numbers(const real *restrict dz, const real *restrict draw,
				     const real *restrict mean, const real *restrict variance,
				     real *restrict d_mean, real *restrict d_raw, size_t n,
				     real kappa, real entropy)
{
	for (size_t i = 0; i < n; i++) {
		real v = variance[i];
		real dv = dz[i] * draw[i] / (2 * REAL_SQRT(v)) + kappa * (real)0.5 * (1 - 1 / v) -
			  entropy / (2 * v);

		d_mean[i] = dz[i] + kappa * mean[i];
		d_raw[i] = dv * (v - LEAST_VARIANCE);
	}
}

/* scVI has the KL, scANVI the entropy of z1. */
static void posterior_back(struct vae_work *w, size_t n, double kl_weight)
{
	bool classes = vae_has_classes(w->v);
	real kappa = (real)(classes ? 0 : kl_weight / (double)n);
	real entropy = (real)(classes ? 1.0 / (double)n : 0);

	posterior_numbers(w->d_z, w->draw, w->mean, w->variance, w->d_mean, w->d_raw,
			  n * w->v->recipe.n_latent, kappa, entropy);
}

static void add_up(const struct vae_work *w, size_t n, double kl_weight, struct vae_loss *loss)
{
	for (size_t i = 0; i < n; i++) {
		loss->reconstruction += w->nll[i];
		if (!vae_has_classes(w->v))
			loss->kl += cell_kl(w, i);
	}
	loss->total = (loss->reconstruction + kl_weight * loss->kl) / (double)n;
}

struct vae_loss vae_step(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how)
{
	struct pass pass = vae_pass_of(c, how);
	bool with_theta = param_trained(&w->v->log_theta) && !how->forward;
	struct vae_loss loss = {0};
	const real *mean, *variance, *hidden;

	vae_encode(w, c, how, &mean, &variance);
	draw_latent(w, c, how);
	hidden = decoder_forward(w, w->z, c->batch, c->n, &pass);
	likelihood(w, c, with_theta);
	if (with_theta)
		theta_back(w, c);
	if (!how->forward)
		decoder_back(w, c, hidden, &pass);
	if (vae_has_classes(w->v))
		vae_class_step(w, c, how, &loss);
	add_up(w, c->n, how->kl_weight, &loss);
	if (how->forward)
		return loss;
	posterior_back(w, c->n, how->kl_weight);
	vae_encoder_back(w, c, &pass);
	return loss;
}
