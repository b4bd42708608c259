/* vae.c - a variational autoencoder and its parts; see vae.h. */
#include "base/util.h"

#include <stdarg.h>

#include "base/mem.h"
#include "base/strtab.h"
#include "vae/net/vae.h"

int vae_recipe_check(const struct vae_recipe *r, const char *path, struct err *err)
{
	if (r->n_layers < 1 || r->n_layers > STACK_LAYERS)
		return err_set(err, "%s: %zu hidden layers: 1 to %d are known", path, r->n_layers,
			       STACK_LAYERS);
	if (r->n_genes == 0 || r->n_hidden == 0 || r->n_latent == 0 || r->n_batches == 0)
		return err_set(err, "%s: a model without genes, hidden units, latent or batches",
			       path);
	if (!(r->dropout >= 0 && r->dropout < 1))
		return err_set(err, "%s: dropout %g is not within 0 and 1", path, r->dropout);
	return 0;
}

static void make_classes(struct vae *v)
{
	const struct vae_recipe *r = &v->recipe;
	size_t labels = vae_categories(r->n_labels),
	       layers = r->linear_classifier ? 0 : r->n_layers;

	v->classifier = stack_new(r->n_latent, 0, r->n_hidden, layers, false, r->batch_norm_encoder,
				  r->layer_norm_encoder);
	v->classes = dense_new(layers ? r->n_hidden : r->n_latent, 0, r->n_labels);
	v->up = stack_new(r->n_latent, labels, r->n_hidden, r->n_layers, true,
			  r->batch_norm_encoder, r->layer_norm_encoder);
	v->up_mean = dense_new(r->n_hidden, 0, r->n_latent);
	v->up_variance = dense_new(r->n_hidden, 0, r->n_latent);
	v->down = stack_new(r->n_latent, labels, r->n_hidden, r->n_layers, true,
			    r->batch_norm_decoder, r->layer_norm_decoder);
	v->down_mean = dense_new(r->n_hidden, 0, r->n_latent);
	v->down_variance = dense_new(r->n_hidden, 0, r->n_latent);
	v->classifier.dropout = v->up.dropout = r->dropout;
	v->classifier.number = 1;
	v->up.number = 2;
}

struct vae *vae_new(const struct vae_recipe *recipe)
{
	const struct vae_recipe *r = recipe;
	size_t batches = vae_categories(r->n_batches);
	struct vae *v;

	MEM_ZERO(v, 1);
	v->recipe = *r;
	v->encoder = stack_new(r->n_genes, r->encode_covariates ? batches : 0, r->n_hidden,
			       r->n_layers, r->deep, r->batch_norm_encoder, r->layer_norm_encoder);
	v->encoder.dropout = r->dropout;
	v->mean = dense_new(r->n_hidden, 0, r->n_latent);
	v->variance = dense_new(r->n_hidden, 0, r->n_latent);
	v->decoder = stack_new(r->n_latent, batches, r->n_hidden, r->n_layers, r->deep,
			       r->batch_norm_decoder, r->layer_norm_decoder);
	v->scale = dense_new(r->n_hidden, 0, r->n_genes);
	if (r->zero_inflated)
		v->zeros = dense_new(r->n_hidden, 0, r->n_genes);
	v->log_theta =
		param_new((r->dispersion == DISPERSION_GENE_BATCH ? r->n_batches : 1) * r->n_genes);
	if (vae_has_classes(v))
		make_classes(v);
	return v;
}

void vae_free(struct vae *v)
{
	if (!v)
		return;
	stack_free(&v->encoder);
	stack_free(&v->decoder);
	stack_free(&v->classifier);
	stack_free(&v->up);
	stack_free(&v->down);
	for (struct dense *const *d =
		     (struct dense *const[]){&v->mean, &v->variance, &v->scale, &v->zeros,
					     &v->classes, &v->up_mean, &v->up_variance,
					     &v->down_mean, &v->down_variance, NULL};
	     *d; d++)
		dense_free(*d);
	param_free(&v->log_theta);
	for (size_t i = 0; i < v->n_extras; i++) {
		free(v->extras[i].name);
		free(v->extras[i].values);
	}
	free(v->extras);
	prototypes_release(&v->prototypes);
	names_release(&v->genes);
	names_release(&v->batches);
	names_release(&v->labels);
	free(v->batch_key);
	free(v->labels_key);
	free(v->unlabeled);
	free(v->origin);
	free(v);
}

/* ---- tensors ---- */

struct listing {
	struct vae_tensor *list;
	size_t n;
};

PRINTF_LIKE(2, 3) static struct vae_tensor *tensor(struct listing *l, const char *format, ...)
{
	struct vae_tensor *t = &l->list[l->n++];
	va_list args;

	if (l->n > VAE_TENSORS)
		BUG("more than %d tensors", VAE_TENSORS);
	*t = (struct vae_tensor){.n_dims = 1};
	va_start(args, format);
	vsnprintf(t->name, sizeof(t->name), format, args);
	va_end(args);
	return t;
}

static struct vae_tensor *list_vector(struct listing *l, const char *where, const char *what,
				      real *at, size_t n)
{
	struct vae_tensor *t = tensor(l, "%s.%s", where, what);

	t->at = at;
	t->shape[0] = n;
	return t;
}

static void list_dense(struct listing *l, const char *where, struct dense *d)
{
	struct vae_tensor *t = tensor(l, "%s.weight", where);

	t->n_dims = 2;
	t->shape[0] = d->n_out;
	t->shape[1] = d->n_in + d->n_extra;
	t->at = d->weight.value;
	t->inputs = t->shape[1];
	list_vector(l, where, "bias", d->bias.value, d->n_out)->inputs = t->inputs;
}

static void list_norm(struct listing *l, const char *where, struct batch_norm *b)
{
	list_vector(l, where, "weight", b->scale.value, b->width);
	list_vector(l, where, "bias", b->shift.value, b->width);
	list_vector(l, where, "running_mean", b->running_mean, b->width);
	list_vector(l, where, "running_var", b->running_variance, b->width);
	struct vae_tensor *t = tensor(l, "%s.num_batches_tracked", where);

	t->n_dims = 0;
	t->count = &b->n_seen;
}

static void list_stack(struct listing *l, const char *where, struct stack *s)
{
	char name[80];

	for (size_t i = 0; i < s->n_layers; i++) {
		snprintf(name, sizeof(name), "%s.fc_layers.Layer %zu.0", where, i);
		list_dense(l, name, &s->layer[i]);
		snprintf(name, sizeof(name), "%s.fc_layers.Layer %zu.1", where, i);
		if (s->batch_norm)
			list_norm(l, name, &s->norm[i]);
	}
}

static void list_classes(struct listing *l, struct vae *v)
{
	if (v->recipe.linear_classifier) {
		list_dense(l, "classifier.classifier.0", &v->classes);
	} else {
		list_stack(l, "classifier.classifier.0", &v->classifier);
		list_dense(l, "classifier.classifier.1", &v->classes);
	}
	list_stack(l, "encoder_z2_z1.encoder", &v->up);
	list_dense(l, "encoder_z2_z1.mean_encoder", &v->up_mean);
	list_dense(l, "encoder_z2_z1.var_encoder", &v->up_variance);
	list_stack(l, "decoder_z1_z2.decoder", &v->down);
	list_dense(l, "decoder_z1_z2.mean_decoder", &v->down_mean);
	list_dense(l, "decoder_z1_z2.var_decoder", &v->down_variance);
}

size_t vae_tensors(struct vae *v, struct vae_tensor list[VAE_TENSORS])
{
	struct listing l = {.list = list};
	struct vae_tensor *theta = tensor(&l, "px_r");

	theta->at = v->log_theta.value;
	theta->shape[0] = v->recipe.n_genes;
	if (v->recipe.dispersion == DISPERSION_GENE_BATCH) {
		theta->n_dims = 2;
		theta->shape[1] = v->recipe.n_batches;
	}
	list_stack(&l, "z_encoder.encoder", &v->encoder);
	list_dense(&l, "z_encoder.mean_encoder", &v->mean);
	list_dense(&l, "z_encoder.var_encoder", &v->variance);
	list_stack(&l, "decoder.px_decoder", &v->decoder);
	list_dense(&l, "decoder.px_scale_decoder.0", &v->scale);
	if (v->recipe.zero_inflated)
		list_dense(&l, "decoder.px_dropout_decoder", &v->zeros);
	if (vae_has_classes(v))
		list_classes(&l, v);
	return l.n;
}

/* ---- params ---- */

struct params {
	struct param **list;
	size_t n;
};

static void add_param(struct params *p, struct param *one)
{
	if (p->n == VAE_PARAMS)
		BUG("more than %d params", VAE_PARAMS);
	p->list[p->n++] = one;
}

static void add_dense(struct params *p, struct dense *d)
{
	if (!d->weight.value)
		return;
	add_param(p, &d->weight);
	add_param(p, &d->bias);
}

static void add_stack(struct params *p, struct stack *s)
{
	for (size_t i = 0; i < s->n_layers; i++) {
		add_dense(p, &s->layer[i]);
		if (!s->batch_norm)
			continue;
		add_param(p, &s->norm[i].scale);
		add_param(p, &s->norm[i].shift);
	}
}

size_t vae_params(struct vae *v, struct param *params[VAE_PARAMS])
{
	struct params p = {.list = params};

	add_param(&p, &v->log_theta);
	add_stack(&p, &v->encoder);
	add_dense(&p, &v->mean);
	add_dense(&p, &v->variance);
	add_stack(&p, &v->decoder);
	add_dense(&p, &v->scale);
	add_dense(&p, &v->zeros);
	add_stack(&p, &v->classifier);
	add_dense(&p, &v->classes);
	add_stack(&p, &v->up);
	add_dense(&p, &v->up_mean);
	add_dense(&p, &v->up_variance);
	add_stack(&p, &v->down);
	add_dense(&p, &v->down_mean);
	add_dense(&p, &v->down_variance);
	return p.n;
}

/* ---- first values ---- */

/* A tensor's draws are keyed by its name, so that one more layer changes no other. */
void vae_init(struct vae *v, uint64_t seed)
{
	struct vae_tensor list[VAE_TENSORS];
	size_t n = vae_tensors(v, list);
	struct noise noise = {.seed = seed};

	for (size_t i = 0; i < n; i++) {
		const struct vae_tensor *t = &list[i];
		uint64_t key = hash_bytes(t->name, strlen(t->name), 0);
		size_t values = t->shape[0] * (t->n_dims == 2 ? t->shape[1] : 1);

		if (t->at == v->log_theta.value)
			noise_normals(&noise, NOISE_INIT, key, t->at, values);
		for (size_t k = 0; t->inputs && k < values; k++)
			t->at[k] = (real)((2 * noise_unit(&noise, NOISE_INIT, key, k) - 1) /
					  sqrt((double)t->inputs));
	}
}
