/* vae_encode.c - the workspace, and the way through the encoder and back; see vae_step.h. */
#include "base/util.h"

#include "base/mem.h"
#include "linalg/gemm.h"
#include "vae/net/vae_private.h"

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
	real **buffers[] = {&w->mean,     &w->raw,    &w->variance, &w->draw,
			    &w->z,        &w->d_mean, &w->d_raw,    &w->d_z,
			    &w->d_hidden, &w->logits, &w->zeros,    &w->d_log_theta};

	for (size_t i = 0; i < ARRAY_LEN(buffers); i++) {
		free(*buffers[i]);
		*buffers[i] = NULL;
	}
	free(w->nll);
	w->nll = NULL;
}

void vae_work_free(struct vae_work *w)
{
	if (!w)
		return;
	free_buffers(w);
	free(w->p);
	free(w->d_class);
	second_free(w->second);
	tape_free(&w->encoder);
	tape_free(&w->decoder);
	tape_free(&w->classifier);
	dispersion_free(&w->theta);
	free(w);
}

void vae_reserve(struct vae_work *w, size_t n)
{
	const struct vae_recipe *r = &w->v->recipe;
	size_t latent = n * r->n_latent, genes = n * r->n_genes;

	if (n <= w->cap)
		return;
	free_buffers(w);
	w->cap = n;
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

/* ---- the posterior ---- */

static struct rows input_rows(const struct vae_cells *c)
{
	return (struct rows){c->n, NULL, c->counts.starts, c->counts.column, c->input};
}

/* What the caller has of the first layer, and the batch's vector on top. */
static void add_batches(const struct vae_cells *c, const struct dense *d, real *first)
{
	memcpy(first, c->first, c->n * d->n_out * sizeof(real));
	for (size_t i = 0; d->n_extra && i < c->n; i++) {
		const real *row = d->weight.value + (d->n_in + c->batch[i]) * d->n_out;

		for (size_t j = 0; j < d->n_out; j++)
			first[i * d->n_out + j] += row[j];
	}
}

static const real *encoder_forward(struct vae_work *w, const struct vae_cells *c,
				   const struct pass *pass)
{
	struct stack *e = &w->v->encoder;

	if (!c->first)
		return stack_forward(e, w->pool, input_rows(c), c->batch, pass, &w->encoder);
	add_batches(c, &e->layer[0], stack_first(e, &w->encoder, c->n));
	return stack_forward_from(e, w->pool, c->n, c->batch, pass, &w->encoder);
}

CLONES static void variances(const real *restrict raw, real *restrict variance, size_t n)
{
	for (size_t i = 0; i < n; i++)
		variance[i] = real_exp(raw[i]) + LEAST_VARIANCE;
}

void vae_encode(struct vae_work *w, const struct vae_cells *c, const struct vae_how *how,
		const real **mean, const real **variance)
{
	struct pass pass = vae_pass_of(c, how);
	const real *hidden;

	vae_reserve(w, c->n);
	hidden = encoder_forward(w, c, &pass);
	dense_forward(&w->v->mean, w->pool, (struct rows){c->n, hidden, NULL, NULL, NULL}, NULL,
		      w->mean);
	dense_forward(&w->v->variance, w->pool, (struct rows){c->n, hidden, NULL, NULL, NULL}, NULL,
		      w->raw);
	variances(w->raw, w->variance, c->n * w->v->recipe.n_latent);
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
