/* vae_surgery.c - new batches for a model; see vae_surgery.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/strtab.h"
#include "vae/vae_surgery.h"

static char *copy_text(const char *s)
{
	return s ? mem_str(s) : NULL;
}

/* Rows of a param lie one behind the other, old batches before new ones: the rest is a copy. */
static void copy_params(struct vae *to, struct vae *from)
{
	struct param *ours[VAE_PARAMS], *theirs[VAE_PARAMS];
	size_t n = vae_params(to, ours), n_theirs = vae_params(from, theirs);

	for (size_t i = 0; i < MIN(n, n_theirs); i++) /* classes come last */
		memcpy(ours[i]->value, theirs[i]->value, theirs[i]->n * sizeof(real));
}

static void copy_norms(struct stack *to, const struct stack *from)
{
	for (size_t i = 0; from->batch_norm && i < from->n_layers; i++) {
		struct batch_norm *a = &to->norm[i];
		const struct batch_norm *b = &from->norm[i];

		memcpy(a->running_mean, b->running_mean, b->width * sizeof(real));
		memcpy(a->running_variance, b->running_variance, b->width * sizeof(real));
		a->n_seen = b->n_seen;
	}
}

/* New vectors of a layer: uniform, drawn by the layer's name and the batch's. */
static void start_layer(struct dense *d, const char *where, size_t layer, size_t n_old,
			const struct vae *v, uint64_t seed)
{
	struct noise noise = {.seed = seed};
	double width = 1 / sqrt((double)(d->n_in + d->n_extra));

	for (size_t b = n_old; b < d->n_extra; b++) {
		char *name = mem_printf("%s %zu %s", where, layer, v->batches.s[b]);
		uint64_t key = hash_bytes(name, strlen(name), 0);
		real *row = d->weight.value + (d->n_in + b) * d->n_out;

		for (size_t j = 0; j < d->n_out; j++)
			row[j] = (real)((2 * noise_unit(&noise, NOISE_INIT, key, j) - 1) * width);
		free(name);
	}
}

static void start_stack(struct stack *s, const char *where, size_t n_old, const struct vae *v,
			uint64_t seed)
{
	for (size_t i = 0; i < s->n_layers; i++)
		if (s->layer[i].n_extra)
			start_layer(&s->layer[i], where, i, n_old, v, seed);
}

static void start_dispersion(struct vae *v, size_t n_old)
{
	size_t genes = v->recipe.n_genes;

	if (v->recipe.dispersion != DISPERSION_GENE_BATCH)
		return;
	for (size_t b = n_old; b < v->recipe.n_batches; b++)
		for (size_t g = 0; g < genes; g++) {
			double sum = 0;

			for (size_t old = 0; old < n_old; old++)
				sum += (double)v->log_theta.value[old * genes + g];
			v->log_theta.value[b * genes + g] = (real)(sum / (double)n_old);
		}
}

/* Tensors that only other programs use: those that batches enter grow by zeros. */
static void copy_extras(struct vae *to, const struct vae *from)
{
	size_t grown = to->recipe.encode_covariates ? vae_categories(to->recipe.n_batches) -
							      vae_categories(from->recipe.n_batches)
						    : 0;

	MEM_ZERO(to->extras, from->n_extras + 1);
	to->n_extras = from->n_extras;
	for (size_t i = 0; i < from->n_extras; i++) {
		const struct vae_extra *a = &from->extras[i];
		struct vae_extra *b = &to->extras[i];
		bool grows = a->n_dims == 2 && strstr(a->name, "l_encoder") &&
			     strstr(a->name, "Layer 0.0.weight");
		size_t rows = a->n_dims ? a->shape[0] : 1,
		       columns = a->n_dims == 2 ? a->shape[1] : 1;

		*b = *a;
		b->name = mem_str(a->name);
		b->shape[1] = columns + (grows ? grown : 0);
		b->values = mem_zero(rows * b->shape[1] + 1, sizeof(*b->values));
		for (size_t r = 0; r < rows; r++)
			memcpy(b->values + r * b->shape[1], a->values + r * columns,
			       columns * sizeof(*b->values));
	}
}

/* All of 'v' that another recipe shares with it: tensors, names, keys. */
static struct vae *copy_into(const struct vae *v, const struct vae_recipe *recipe)
{
	struct vae *q = vae_new(recipe);

	copy_params(q, (struct vae *)v);
	copy_norms(&q->encoder, &v->encoder);
	copy_norms(&q->decoder, &v->decoder);
	copy_norms(&q->classifier, &v->classifier);
	copy_norms(&q->up, &v->up);
	copy_norms(&q->down, &v->down);
	q->genes = names_of(v->genes.s, v->genes.n);
	q->batches = names_of(v->batches.s, v->batches.n);
	q->labels = names_of(v->labels.s, v->labels.n);
	q->batch_key = copy_text(v->batch_key);
	q->labels_key = copy_text(v->labels_key);
	q->unlabeled = copy_text(v->unlabeled);
	q->origin = copy_text(v->origin);
	copy_extras(q, v);
	if (v->prototypes.n)
		q->prototypes = prototypes_copy(&v->prototypes);
	return q;
}

struct vae *vae_extend(const struct vae *v, char *const *names, size_t n, uint64_t seed)
{
	struct vae_recipe recipe = v->recipe;
	size_t n_old = v->recipe.n_batches;
	struct vae *q;

	recipe.n_batches += n;
	q = copy_into(v, &recipe);
	for (size_t i = 0; i < n; i++)
		names_add(&q->batches, names[i]);
	start_stack(&q->encoder, "encoder", n_old, q, seed);
	start_stack(&q->decoder, "decoder", n_old, q, seed);
	start_dispersion(q, n_old);
	return q;
}

struct vae *vae_with_classes(const struct vae *v, const struct names *labels, bool linear,
			     uint64_t seed)
{
	struct vae_recipe recipe = v->recipe;
	struct vae *first, *q;

	recipe.n_labels = labels->n - 1;
	recipe.linear_classifier = linear;
	first = vae_new(&recipe);
	vae_init(first, seed);
	q = copy_into(first, &recipe); /* classes as drawn */
	vae_free(first);
	copy_params(q, (struct vae *)v); /* and the rest as learned */
	copy_norms(&q->encoder, &v->encoder);
	copy_norms(&q->decoder, &v->decoder);
	q->genes = names_of(v->genes.s, v->genes.n);
	q->batches = names_of(v->batches.s, v->batches.n);
	q->labels = names_of(labels->s, labels->n);
	q->batch_key = copy_text(v->batch_key);
	q->labels_key = copy_text(v->labels_key);
	q->unlabeled = copy_text(labels->s[labels->n - 1]);
	q->origin = copy_text(v->origin);
	return q;
}

/* ---- what is trained ---- */

static void train_vectors(struct stack *s, size_t from_batch)
{
	for (size_t i = 0; i < s->n_layers; i++) {
		struct dense *d = &s->layer[i];

		if (d->n_extra)
			param_train(&d->weight, (d->n_in + from_batch) * d->n_out, d->weight.n);
	}
}

static void stand_still(struct stack *s)
{
	for (size_t i = 0; s->batch_norm && i < s->n_layers; i++)
		s->norm[i].momentum = 0;
}

void vae_train_batches(struct vae *v, size_t n_old)
{
	size_t from = n_old == 1; /* a single old batch has no vector: zeros, which stay */
	struct param *params[VAE_PARAMS];
	size_t n = vae_params(v, params);

	for (size_t i = 0; i < n; i++)
		param_train(params[i], 0, 0);
	train_vectors(&v->encoder, from);
	train_vectors(&v->decoder, from);
	stand_still(&v->encoder);
	stand_still(&v->decoder);
	stand_still(&v->classifier);
	stand_still(&v->up);
	stand_still(&v->down);
}
