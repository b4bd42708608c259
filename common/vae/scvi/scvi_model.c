/* scvi_model.c - reading scvi-tools' models: tensors and recipe; see scvi_model.h. */
#include "base/util.h"

#include <stdarg.h>

#include "base/mem.h"
#include "base/strtab.h"
#include "base/text.h"
#include "vae/scvi/scvi_model.h"
#include "vae/scvi/scvi_source_private.h"

/* All tensors of a file by name. */
struct state {
	struct strtab names;
	struct torch_tensor *tensors;
	bool *used;
	size_t cap, cap_used;
};

struct source {
	struct scvi_source at;
	const char *path; /* of the tensors */
	struct state state;
	struct err *err;
};

/* ---- tensors ---- */

static int take_entry(struct source *s, const char *name, const struct pickle_value *value)
{
	struct state *st = &s->state;
	uint32_t id;

	if (strlen(name) > 200)
		return err_set(s->err, "%s: tensor %.60s...: a name of %zu bytes", s->path, name,
			       strlen(name));
	if (!torch_is_tensor(value))
		return err_set(s->err, "%s: %s is no tensor", s->path, name);
	id = strtab_add(&st->names, name);
	if (id + 1 != st->names.n)
		return err_set(s->err, "%s: tensor %s stands twice", s->path, name);
	MEM_GROW(st->tensors, id + 1, st->cap);
	MEM_GROW(st->used, id + 1, st->cap_used);
	st->used[id] = false;
	st->tensors[id] = (struct torch_tensor){0};
	return torch_tensor(s->at.file, value, name, &st->tensors[id], s->err);
}

static int read_state(struct source *s)
{
	const struct pickle_value *dict = s->at.state;

	for (size_t i = 0; i + 1 < dict->list.n; i += 2) {
		char *name = scvi_text(dict->list.items[i]);
		int failed = 0;

		if (!name)
			failed = err_set(s->err, "%s: a tensor without a name", s->path);
		else if (!str_eq(name, "pyro_param_store"))
			failed = take_entry(s, name, dict->list.items[i + 1]);
		free(name);
		if (failed)
			return -1;
	}
	return 0;
}

static void state_release(struct state *st)
{
	for (size_t i = 0; i < st->names.n && st->tensors; i++)
		torch_tensor_release(&st->tensors[i]);
	strtab_release(&st->names);
	free(st->tensors);
	free(st->used);
}

PRINTF_LIKE(2, 3)
static const struct torch_tensor *find(const struct source *s, const char *format, ...)
{
	char name[200];
	uint32_t id;
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	id = strtab_find(&s->state.names, name);
	return id == STRTAB_NONE ? NULL : &s->state.tensors[id];
}

static size_t rows_of(const struct torch_tensor *t)
{
	return t && t->n_dims ? t->shape[0] : 0;
}

static size_t columns_of(const struct torch_tensor *t)
{
	return t && t->n_dims == 2 ? t->shape[1] : 0;
}

/* ---- the recorded recipe ---- */

/* An option by name, wherever this release of scvi-tools put it. NULL: the default holds. */
static const struct pickle_value *option(const struct source *s, const char *name)
{
	static const char *const groups[] = {"model_kwargs", "module_kwargs", "kwargs", NULL};
	const struct pickle_value *kwargs = pickle_get(s->at.parameters, "kwargs"), *found;

	found = pickle_get(pickle_get(s->at.parameters, "non_kwargs"), name);
	for (const char *const *g = groups; !found && *g; g++) {
		found = pickle_get(pickle_get(kwargs, *g), name);
		if (!found) /* before 0.9 */
			found = pickle_get(pickle_get(s->at.parameters, *g), name);
	}
	return found ? found : pickle_get(s->at.parameters, name);
}

static bool option_flag(const struct source *s, const char *name, bool otherwise)
{
	const struct pickle_value *v = option(s, name);

	return v && v->kind == PICKLE_BOOL ? v->truth : otherwise;
}

/* Is a text option this one? 'otherwise' when it is not recorded. */
static bool option_is(const struct source *s, const char *name, const char *value, bool otherwise)
{
	const struct pickle_value *v = option(s, name);

	return v && v->kind == PICKLE_STR ? pickle_is(v, value) : otherwise;
}

static int refuse_option(const struct source *s, const char *name)
{
	const struct pickle_value *v = option(s, name);

	char *value = scvi_text(v);
	int ret = err_set(s->err, "%s: %s %.40s is not read", s->path, name,
			  value ? value : "of this kind");

	free(value);
	return ret;
}

static int check_options(const struct source *s)
{
	if (!option_is(s, "gene_likelihood", "nb", false) &&
	    !option_is(s, "gene_likelihood", "zinb", true))
		return refuse_option(s, "gene_likelihood");
	if (!option_is(s, "dispersion", "gene", true) &&
	    !option_is(s, "dispersion", "gene-batch", false))
		return refuse_option(s, "dispersion");
	if (!option_is(s, "latent_distribution", "normal", true))
		return refuse_option(s, "latent_distribution");
	if (!option_flag(s, "use_observed_lib_size", true))
		return err_set(s->err, "%s: a model that learns library sizes is not read",
			       s->path);
	if (find(s, "_embeddings_dict.batch.weight"))
		return err_set(s->err, "%s: batches as embeddings are not read", s->path);
	if (find(s, "library_log_means"))
		return err_set(s->err, "%s: a model that learns library sizes is not read",
			       s->path);
	return 0;
}

/* Is something normalised in the encoder or decoder? scvi-tools says none, both, encoder, decoder.
 */
static bool normalises(const struct source *s, const char *name, const char *part, bool otherwise)
{
	return option_is(s, name, "both", otherwise) || option_is(s, name, part, false);
}

static int read_recipe(const struct source *s, const struct names *genes, size_t n_batches,
		       struct vae_recipe *r)
{
	const char *first = "z_encoder.encoder.fc_layers.Layer 0.0.weight";
	const struct torch_tensor *theta = find(s, "px_r");
	double dropout = 0.1;

	*r = (struct vae_recipe){.n_genes = genes->n, .n_batches = n_batches};
	r->n_hidden = rows_of(find(s, "%s", first));
	r->n_latent = rows_of(find(s, "z_encoder.mean_encoder.weight"));
	while (find(s, "z_encoder.encoder.fc_layers.Layer %zu.0.weight", r->n_layers))
		r->n_layers++;
	r->n_labels = rows_of(find(s, "classifier.classifier.1.weight"));
	if (!r->n_labels) {
		r->n_labels = rows_of(find(s, "classifier.classifier.0.weight"));
		r->linear_classifier = r->n_labels > 0;
	}
	r->encode_covariates = columns_of(find(s, "%s", first)) > genes->n;
	r->deep = option_flag(s, "deeply_inject_covariates", true);
	r->plain_counts = !option_flag(s, "log_variational", true);
	r->zero_inflated = option_is(s, "gene_likelihood", "zinb", true);
	r->dispersion = columns_of(theta) ? DISPERSION_GENE_BATCH : DISPERSION_GENE;
	r->batch_norm_encoder = find(s, "z_encoder.encoder.fc_layers.Layer 0.1.weight") != NULL;
	r->batch_norm_decoder = find(s, "decoder.px_decoder.fc_layers.Layer 0.1.weight") != NULL;
	r->layer_norm_encoder = normalises(s, "use_layer_norm", "encoder", false);
	r->layer_norm_decoder = normalises(s, "use_layer_norm", "decoder", false);
	if (normalises(s, "use_batch_norm", "encoder", true) != r->batch_norm_encoder ||
	    normalises(s, "use_batch_norm", "decoder", true) != r->batch_norm_decoder)
		return err_set(s->err, "%s: its tensors and its recipe disagree on batch norm",
			       s->path);
	if (option(s, "dropout_rate") && !pickle_number(option(s, "dropout_rate"), &dropout))
		return err_set(s->err, "%s: its dropout rate is no number", s->path);
	r->dropout = dropout;
	return vae_recipe_check(r, s->path, s->err);
}

/* ---- the file ---- */

/* What SCVI and SCANVI have of tensors and other classes have not. */
static int check_tensors(const struct source *s)
{
	if (!find(s, "z_encoder.mean_encoder.weight"))
		return err_set(s->err,
			       "%s: no tensor z_encoder.mean_encoder.weight: a model of another "
			       "class than SCVI and SCANVI",
			       s->path);
	for (size_t i = 0; i < s->state.names.n; i++) {
		const char *tensor = strtab_str(&s->state.names, (uint32_t)i);

		if (str_starts(tensor, "classifier_groups") || str_starts(tensor, "groups_index"))
			return err_set(s->err, "%s: label groups are not read", s->path);
	}
	return 0;
}

/* Fill one of our tensors; shapes must be what the recipe says. */
static int take_tensor(struct source *s, const struct vae_tensor *t)
{
	uint32_t id = strtab_find(&s->state.names, t->name);
	const struct torch_tensor *from;
	size_t rows = t->shape[0], columns = t->n_dims == 2 ? t->shape[1] : 1;

	if (id == STRTAB_NONE)
		return err_set(s->err, "%s: tensor %s is missing", s->path, t->name);
	from = &s->state.tensors[id];
	s->state.used[id] = true;
	if (t->count) {
		*t->count = from->integer;
		return from->values ? err_set(s->err, "%s: %s is no integer", s->path, t->name) : 0;
	}
	if (from->n_dims != t->n_dims || from->shape[0] != rows || !from->values ||
	    (t->n_dims == 2 && from->shape[1] != columns))
		return err_set(s->err, "%s: tensor %s is %zu x %zu where its recipe says %zu x %zu",
			       s->path, t->name, from->shape[0], from->shape[1], rows, columns);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			t->at[j * rows + i] = (real)from->values[i * columns + j];
	return 0;
}

/* What the recipe does not use stays with the model, by name. */
static void keep_extras(struct source *s, struct vae *v)
{
	uint32_t *order = strtab_sorted(&s->state.names);

	MEM_ZERO(v->extras, s->state.names.n + 1);
	for (size_t i = 0; i < s->state.names.n; i++) {
		struct torch_tensor *t = &s->state.tensors[order[i]];

		if (s->state.used[order[i]] || !t->values)
			continue;
		v->extras[v->n_extras++] =
			(struct vae_extra){mem_str(strtab_str(&s->state.names, order[i])),
					   t->n_dims,
					   {t->shape[0], t->shape[1]},
					   t->values};
		t->values = NULL;
	}
	free(order);
}

static int fill(struct source *s, struct vae *v)
{
	struct vae_tensor list[VAE_TENSORS];
	size_t n = vae_tensors(v, list);

	for (size_t i = 0; i < n; i++)
		if (take_tensor(s, &list[i]))
			return -1;
	keep_extras(s, v);
	return 0;
}

static int check_labels(const struct source *s, const struct vae_recipe *r)
{
	if (r->n_labels == 0 || s->at.labels.n == r->n_labels + 1)
		return 0;
	return err_set(s->err, "%s: %zu labels, one of them for none, and %zu classes", s->path,
		       s->at.labels.n, r->n_labels);
}

/* A list of the source's becomes the model's. */
static struct names take_names(struct names *from)
{
	struct names list = *from;

	*from = (struct names){0};
	return list;
}

static struct vae *read_model(struct source *s)
{
	struct vae_recipe recipe;
	struct vae *v;

	if (check_options(s) || read_recipe(s, &s->at.genes, s->at.batches.n, &recipe) ||
	    check_labels(s, &recipe))
		return NULL;
	v = vae_new(&recipe);
	if (fill(s, v)) {
		vae_free(v);
		return NULL;
	}
	v->genes = take_names(&s->at.genes);
	v->batches = take_names(&s->at.batches);
	if (recipe.n_labels)
		v->labels = take_names(&s->at.labels);
	v->batch_key = scvi_text(s->at.batch_key);
	v->labels_key = scvi_text(s->at.labels_key);
	v->unlabeled = recipe.n_labels ? mem_str(v->labels.s[v->labels.n - 1]) : NULL;
	v->origin = mem_printf("scvi-tools %.40s", s->at.version ? s->at.version : "?");
	return v;
}

struct vae *scvi_read(const char *path, struct err *err)
{
	struct source s = {.err = err};
	struct vae *v = NULL;

	if (scvi_source_open(&s.at, path, err) == 0) {
		s.path = s.at.path;
		if (read_state(&s) == 0 && check_tensors(&s) == 0)
			v = read_model(&s);
	}
	state_release(&s.state);
	scvi_source_release(&s.at);
	return v;
}
