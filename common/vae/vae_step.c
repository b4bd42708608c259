/* vae_step.c - encoder, decoder, loss and the way back; see vae_step.h. */
#include "base/util.h"

#include "base/mem.h"
#include "linalg/gemm.h"
#include "vae/vae_private.h"

#define LEAST_VARIANCE ((real)1e-4)

/* ---- the workspace ---- */

struct vae_work *vae_work_new(struct vae *v, struct pool *pool)
{
	struct vae_work *w;

	gemm_alone();
	MEM_ZERO(w, 1);
	w->v = v;
	w->pool = pool;
	return w;
}

static void free_buffers(struct vae_work *w)
{
	real **buffers[] = {&w->first,  &w->mean,   &w->raw,        &w->variance, &w->draw,
			    &w->z,      &w->d_mean, &w->d_raw,      &w->d_z,      &w->d_hidden,
			    &w->logits, &w->zeros,  &w->d_log_theta};

	for (size_t i = 0; i < ARRAY_LEN(buffers); i++) {
		free(*buffers[i]);
		*buffers[i] = NULL;
	}
	free(w->nll);
	w->nll = NULL;
}

static void free_class_buffers(struct vae_work *w)
{
	real **buffers[] = {
		&w->class_logits, &w->p,      &w->d_class, &w->second_first, &w->d_second, &w->m2,
		&w->raw2,         &w->v2,     &w->draw2,   &w->z2,           &w->pm,       &w->raw1,
		&w->d2_mean,      &w->d2_raw, &w->d2_z,    &w->d1_mean,      &w->d1_raw};

	for (size_t i = 0; i < ARRAY_LEN(buffers); i++) {
		free(*buffers[i]);
		*buffers[i] = NULL;
	}
	free(w->row_starts);
	free(w->row_cell);
	free(w->second_label);
	free(w->second_number);
	free(w->a);
	free(w->k2);
}

void vae_work_free(struct vae_work *w)
{
	if (!w)
		return;
	free_buffers(w);
	free_class_buffers(w);
	tape_free(&w->encoder);
	tape_free(&w->decoder);
	tape_free(&w->classifier);
	tape_free(&w->up);
	tape_free(&w->down);
	dispersion_free(&w->theta);
	free(w);
}

static void reserve(struct vae_work *w, size_t n)
{
	const struct vae_recipe *r = &w->v->recipe;
	size_t latent = n * r->n_latent, genes = n * r->n_genes;

	if (n <= w->cap)
		return;
	free_buffers(w);
	w->cap = n;
	w->first = mem_vectors(n * r->n_hidden, sizeof(real));
	w->d_hidden = mem_vectors(n * r->n_hidden, sizeof(real));
	for (real **const *b = (real * *[]){&w->mean, &w->raw, &w->variance, &w->draw, &w->z,
					    &w->d_mean, &w->d_raw, &w->d_z, NULL};
	     *b; b++)
		**b = mem_vectors(latent, sizeof(real));
	w->logits = mem_vectors(genes, sizeof(real));
	w->d_log_theta = mem_vectors(genes, sizeof(real));
	if (r->zero_inflated)
		w->zeros = mem_vectors(genes, sizeof(real));
	w->nll = mem_vectors(n, sizeof(double));
}

struct pass vae_pass_of(const struct vae_cells *cells, const struct vae_how *how)
{
	return (struct pass){.training = how && how->training,
			     .noise = how ? how->noise : NULL,
			     .cells = cells->number};
}

/* ---- the posterior ---- */

static struct rows input_rows(const struct vae_cells *c)
{
	return (struct rows){c->n, NULL, c->counts.starts, c->counts.column, c->input};
}

/* The batch's vector on top of what the caller has of the first layer. */
static void add_batches(const struct vae_work *w, const struct vae_cells *c)
{
	const struct dense *d = &w->v->encoder.layer[0];

	memcpy(w->first, c->first, c->n * d->n_out * sizeof(real));
	for (size_t i = 0; d->n_extra && i < c->n; i++) {
		const real *row = d->weight.value + (d->n_in + c->batch[i]) * d->n_out;

		for (size_t j = 0; j < d->n_out; j++)
			w->first[i * d->n_out + j] += row[j];
	}
}

static const real *encoder_forward(struct vae_work *w, const struct vae_cells *c,
				   const struct pass *pass)
{
	if (!c->first)
		return stack_forward(&w->v->encoder, w->pool, input_rows(c), c->batch, pass,
				     &w->encoder);
	add_batches(w, c);
	return stack_forward_from(&w->v->encoder, w->pool, w->first, c->n, c->batch, pass,
				  &w->encoder);
}

void vae_encode(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
		const real **mean, const real **variance)
{
	struct pass pass = vae_pass_of(c, how);
	const real *hidden;

	reserve(w, c->n);
	hidden = encoder_forward(w, c, &pass);
	dense_forward(&w->v->mean, w->pool, (struct rows){c->n, hidden, NULL, NULL, NULL}, NULL,
		      w->mean);
	dense_forward(&w->v->variance, w->pool, (struct rows){c->n, hidden, NULL, NULL, NULL}, NULL,
		      w->raw);
	for (size_t i = 0; i < c->n * w->v->recipe.n_latent; i++)
		w->variance[i] = real_exp(w->raw[i]) + LEAST_VARIANCE;
	*mean = w->mean;
	*variance = w->variance;
}

void vae_encoder_back(struct vae_work *w, const struct vae_cells *c, const struct pass *pass)
{
	struct vae *v = w->v;
	const real *hidden = w->encoder.out[v->encoder.n_layers - 1];
	struct rows x = {c->n, hidden, NULL, NULL, NULL};

	dense_backward(&v->mean, w->pool, x, NULL, w->d_mean);
	dense_backward(&v->variance, w->pool, x, NULL, w->d_raw);
	dense_backward_input(&v->mean, w->pool, c->n, w->d_mean, false, w->d_hidden);
	dense_backward_input(&v->variance, w->pool, c->n, w->d_raw, true, w->d_hidden);
	stack_backward(&v->encoder, w->pool, input_rows(c), c->batch, pass, &w->encoder,
		       w->d_hidden, false, NULL);
}

void vae_draw(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how)
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
	for (size_t i = 0; i < c->n * width; i++)
		w->z[i] = w->mean[i] + REAL_SQRT(w->variance[i]) * w->draw[i];
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

	reserve(w, n);
	decoder_forward(w, z, batch, n, &pass);
	softmax_rows(w->pool, w->logits, n, genes);
	memcpy(rho, w->logits, n * genes * sizeof(*rho));
}

/* Likelihoods; logits become gradients. */
static void likelihood(struct vae_work *w, const struct vae_cells *c, bool with_theta)
{
	const struct vae_recipe *r = &w->v->recipe;
	bool by_batch = r->dispersion == DISPERSION_GENE_BATCH;
	struct count_loss loss = {.n_genes = r->n_genes,
				  .counts = c->counts,
				  .library = c->library,
				  .theta = &w->theta,
				  .d_log_theta = with_theta ? w->d_log_theta : NULL};

	dispersion_fill(&w->theta, w->v->log_theta.value, by_batch ? r->n_batches : 1, r->n_genes);
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

void vae_judge(struct vae_work *w, const struct vae_cells *c, double *nll, double *kl)
{
	struct vae_how how = {.kl_weight = 1};
	struct pass pass = vae_pass_of(c, &how);
	const real *mean, *variance;

	vae_encode(w, c, NULL, &mean, &variance);
	vae_draw(w, c, &how);
	decoder_forward(w, w->z, c->batch, c->n, &pass);
	likelihood(w, c, false);
	memcpy(nll, w->nll, c->n * sizeof(*nll));
	for (size_t i = 0; kl && i < c->n; i++)
		kl[i] = cell_kl(w, i);
}

/* d_z, and for scVI the KL, to the gradients of mean and raw variance. */
static void posterior_back(struct vae_work *w, size_t n, double kl_weight)
{
	bool classes = vae_has_classes(w->v);
	real kappa = (real)(classes ? 0 : kl_weight / (double)n);
	real entropy = (real)(classes ? 1.0 / (double)n : 0);

	for (size_t i = 0; i < n * w->v->recipe.n_latent; i++) {
		real v = w->variance[i];
		real dv = w->d_z[i] * w->draw[i] / (2 * REAL_SQRT(v)) +
			  kappa * (real)0.5 * (1 - 1 / v) - entropy / (2 * v);

		w->d_mean[i] = w->d_z[i] + kappa * w->mean[i];
		w->d_raw[i] = dv * (v - LEAST_VARIANCE);
	}
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
	vae_draw(w, c, how);
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
