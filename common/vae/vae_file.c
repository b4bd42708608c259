/* vae_file.c - our own file of a model; see vae_file.h. */
#include "base/util.h"

#include <math.h>

#include "h5ad/hdf5/own_file.h"
#include "h5ad/put.h"
#include "vae/model_arrays.h"
#include "vae/scvi/scvi_model.h"
#include "vae/vae_file.h"

#define FORMAT "pipette-vae"
#define VERSION 1
#define MOST_SIZE ((double)(1 << 24)) /* of anything in a recipe */
#define MOST_NUMBERS ((double)1e9)    /* of a tensor */

/* ---- the recipe, as numbers ---- */

struct recipe_field {
	const char *name;
	double value;
};

enum { N_FIELDS = 15 };

static void recipe_fields(const struct vae_recipe *r, struct recipe_field list[N_FIELDS])
{
	const struct recipe_field all[N_FIELDS] = {
		{"n_hidden", (double)r->n_hidden},
		{"n_latent", (double)r->n_latent},
		{"n_layers", (double)r->n_layers},
		{"n_labels", (double)r->n_labels},
		{"dropout", r->dropout},
		{"zero_inflated", r->zero_inflated},
		{"dispersion_by_batch", r->dispersion == DISPERSION_GENE_BATCH},
		{"encode_covariates", r->encode_covariates},
		{"deeply_inject_covariates", r->deep},
		{"plain_counts", r->plain_counts},
		{"batch_norm_encoder", r->batch_norm_encoder},
		{"batch_norm_decoder", r->batch_norm_decoder},
		{"layer_norm_encoder", r->layer_norm_encoder},
		{"layer_norm_decoder", r->layer_norm_decoder},
		{"linear_classifier", r->linear_classifier},
	};

	memcpy(list, all, sizeof(all));
}

static void set_recipe(struct vae_recipe *r, const struct recipe_field f[N_FIELDS])
{
	r->n_hidden = (size_t)f[0].value;
	r->n_latent = (size_t)f[1].value;
	r->n_layers = (size_t)f[2].value;
	r->n_labels = (size_t)f[3].value;
	r->dropout = f[4].value;
	r->zero_inflated = f[5].value != 0;
	r->dispersion = f[6].value != 0 ? DISPERSION_GENE_BATCH : DISPERSION_GENE;
	r->encode_covariates = f[7].value != 0;
	r->deep = f[8].value != 0;
	r->plain_counts = f[9].value != 0;
	r->batch_norm_encoder = f[10].value != 0;
	r->batch_norm_decoder = f[11].value != 0;
	r->layer_norm_encoder = f[12].value != 0;
	r->layer_norm_decoder = f[13].value != 0;
	r->linear_classifier = f[14].value != 0;
}

static char **text_field(struct vae *v, size_t i, const char **name)
{
	char **const fields[] = {&v->batch_key, &v->labels_key, &v->unlabeled, &v->origin};
	static const char *const names[] = {"text/batch_key", "text/labels_key", "text/unlabeled",
					    "text/origin"};

	*name = names[i];
	return fields[i];
}

enum { N_TEXTS = 4 };

/* ---- writing ---- */

static int put_tensor(hid_t file, const struct vae_tensor *t, struct err *err)
{
	size_t rows = t->shape[0], columns = t->n_dims == 2 ? t->shape[1] : 1;
	const hsize_t dims[2] = {rows, columns};
	char *name = mem_printf("params/%s", t->name);
	float *values;
	int ret;

	if (t->count) {
		ret = put_number(file, name, H5T_STD_I64LE, t->count, err);
		free(name);
		return ret;
	}
	MEM_ARRAY(values, rows * columns + 1);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			values[i * columns + j] = (float)t->at[j * rows + i];
	ret = put_array(file, name, H5T_IEEE_F32LE, (int)t->n_dims, dims, values, NULL, err);
	free(values);
	free(name);
	return ret;
}

static int put_extra(hid_t file, const struct vae_extra *x, struct err *err)
{
	const hsize_t dims[2] = {x->shape[0], x->shape[1]};
	char *name = mem_printf("extras/%s", x->name);
	int ret = put_array(file, name, H5T_IEEE_F32LE, (int)x->n_dims, dims, x->values, NULL, err);

	free(name);
	return ret;
}

static int put_prototypes(hid_t file, const struct prototypes *p, struct err *err)
{
	const hsize_t means[2] = {p->n, p->width}, quantiles[2] = {p->n, PROTOTYPE_QUANTILES};

	if (!p->n)
		return 0;
	if (put_strings(file, "prototypes/labels", p->labels.s, p->n, err) ||
	    put_array(file, "prototypes/means", H5T_IEEE_F32LE, 2, means, p->mean, NULL, err) ||
	    put_array(file, "prototypes/quantiles", H5T_IEEE_F32LE, 2, quantiles, p->quantile, NULL,
		      err))
		return -1;
	return put_array(file, "prototypes/cells", H5T_IEEE_F32LE, 1, means, p->cells, NULL, err);
}

static int put_all(hid_t file, struct vae *v, struct err *err)
{
	const size_t version = VERSION;
	struct recipe_field fields[N_FIELDS];
	struct vae_tensor list[VAE_TENSORS];
	size_t n = vae_tensors(v, list);

	if (put_attr_text(file, "format", FORMAT, err) ||
	    put_attr_sizes(file, "format_version", &version, 1, err) ||
	    put_strings(file, "genes", v->genes.s, v->genes.n, err) ||
	    put_strings(file, "batches", v->batches.s, v->batches.n, err) ||
	    (v->labels.n && put_strings(file, "labels", v->labels.s, v->labels.n, err)))
		return -1;
	recipe_fields(&v->recipe, fields);
	for (size_t i = 0; i < N_FIELDS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "recipe/%s", fields[i].name);
		if (put_number(file, name, H5T_IEEE_F64LE, &fields[i].value, err))
			return -1;
	}
	for (size_t i = 0; i < N_TEXTS; i++) {
		const char *name;
		char **text = text_field(v, i, &name);

		if (*text && put_text(file, name, *text, err))
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (put_tensor(file, &list[i], err))
			return -1;
	for (size_t i = 0; i < v->n_extras; i++)
		if (put_extra(file, &v->extras[i], err))
			return -1;
	return put_prototypes(file, &v->prototypes, err);
}

int vae_file_write(struct vae *v, const char *path, struct err *err)
{
	struct own_file f;

	if (own_file_create(&f, path, err))
		return -1;
	return own_file_commit(&f, put_all(f.file, v, err), err);
}

/* ---- reading ---- */

static int read_recipe(const struct model_source *s, struct vae_recipe *r)
{
	struct recipe_field fields[N_FIELDS];

	recipe_fields(r, fields);
	for (size_t i = 0; i < N_FIELDS; i++) {
		char path[64];
		double *value;

		snprintf(path, sizeof(path), "/recipe/%s", fields[i].name);
		value = model_numbers(s, path, 0, 1, 1);
		if (!value)
			return -1;
		fields[i].value = *value;
		free(value);
		if (!(fields[i].value >= 0 && fields[i].value <= MOST_SIZE))
			return err_set(s->err, "%s: %s is %g", s->f->path, path, fields[i].value);
	}
	set_recipe(r, fields);
	if ((double)r->n_genes * (double)r->n_hidden > MOST_NUMBERS ||
	    (double)r->n_hidden * (double)(r->n_hidden + r->n_batches + r->n_labels) >
		    MOST_NUMBERS ||
	    (double)r->n_genes * (double)r->n_batches > MOST_NUMBERS)
		return err_set(s->err,
			       "%s: a model of %zu genes, %zu hidden units, %zu batches: too "
			       "large to be one",
			       s->f->path, r->n_genes, r->n_hidden, r->n_batches);
	return vae_recipe_check(r, s->f->path, s->err);
}

/* Its stored bytes must be there before room for the whole model is made. */
static int check_largest(const struct model_source *s, const struct vae_recipe *r)
{
	static const char path[] = "/params/decoder.px_scale_decoder.0.weight";
	hid_t dataset = h5_open(s->f, path, s->err);
	uint64_t dims[2] = {0, 0};
	int ret = -1;

	if (dataset < 0)
		return -1;
	if (!h5_is_dataset(dataset) || h5_shape(dataset, dims) != 2 || dims[0] != r->n_genes ||
	    dims[1] != r->n_hidden)
		err_set(s->err, "%s: %s: is not %zu x %zu numbers", s->f->path, path, r->n_genes,
			r->n_hidden);
	else
		ret = h5_check_stored(s->f, dataset, path, s->err);
	h5_close(dataset);
	return ret;
}

static int read_tensor(const struct model_source *s, const struct vae_tensor *t)
{
	size_t rows = t->n_dims ? t->shape[0] : 1, columns = t->n_dims == 2 ? t->shape[1] : 1;
	char *path = mem_printf("/params/%s", t->name);
	double *values = model_numbers(s, path, t->n_dims, rows, columns);

	free(path);
	if (!values)
		return -1;
	if (t->count)
		*t->count = (int64_t)MAX(-1e15, MIN(1e15, values[0]));
	for (size_t i = 0; t->at && i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			t->at[j * rows + i] = (real)values[i * columns + j];
	free(values);
	return 0;
}

static int read_extra(const struct model_source *s, const char *name, struct vae_extra *x)
{
	char *path = mem_printf("/extras/%s", name);
	hid_t dataset = h5_open(s->f, path, s->err);
	uint64_t dims[2] = {1, 1};
	int n_dims = dataset >= 0 && h5_is_dataset(dataset) ? h5_shape(dataset, dims) : -1;
	size_t columns = n_dims == 2 ? dims[1] : 1;
	double *values = NULL;

	h5_close(dataset);
	if (n_dims < 0 || n_dims > 2 || dims[0] > 1u << 30 || dims[1] > 1u << 30)
		err_set(s->err, "%s: %s: not a matrix", s->f->path, path);
	else
		values = model_numbers(s, path, (size_t)n_dims, n_dims ? dims[0] : 1, columns);
	free(path);
	if (!values)
		return -1;
	*x = (struct vae_extra){
		mem_str(name), (size_t)n_dims, {n_dims ? dims[0] : 1, columns}, NULL};
	MEM_ZERO(x->values, x->shape[0] * columns + 1);
	for (size_t i = 0; i < x->shape[0] * columns; i++)
		x->values[i] = (float)values[i];
	free(values);
	return 0;
}

static int read_extras(const struct model_source *s, struct vae *v)
{
	struct members list;

	if (!h5_exists(s->f->file, "/extras"))
		return 0;
	if (list_members(s->f, "/extras", &list, s->err))
		return -1;
	MEM_ZERO(v->extras, list.n + 1);
	for (size_t i = 0; i < list.n; i++) {
		if (read_extra(s, list.names[i], &v->extras[i]))
			return -1;
		v->n_extras = i + 1;
	}
	return 0;
}

static int read_prototypes(const struct model_source *s, struct vae *v)
{
	struct prototypes *p = &v->prototypes;
	size_t n;

	if (!h5_exists(s->f->file, "/prototypes"))
		return 0;
	if (model_texts(s, "/prototypes/labels", &p->labels))
		return -1;
	n = p->labels.n;
	p->width = v->recipe.n_latent;
	p->mean = model_floats(s, "/prototypes/means", 2, n, p->width);
	p->quantile = p->mean ? model_floats(s, "/prototypes/quantiles", 2, n, PROTOTYPE_QUANTILES)
			      : NULL;
	p->cells = p->quantile ? model_floats(s, "/prototypes/cells", 1, n, 1) : NULL;
	if (!p->cells)
		return -1;
	for (size_t i = 1; i < n * PROTOTYPE_QUANTILES; i++)
		if (i % PROTOTYPE_QUANTILES && p->quantile[i] < p->quantile[i - 1])
			return err_set(s->err, "%s: /prototypes/quantiles: row %zu does not rise",
				       s->f->path, i / PROTOTYPE_QUANTILES + 1);
	p->n = n;
	return 0;
}

static int read_text_fields(const struct model_source *s, struct vae *v)
{
	for (size_t i = 0; i < N_TEXTS; i++) {
		struct names one = {0};
		const char *name;
		char **text = text_field(v, i, &name), path[64];

		snprintf(path, sizeof(path), "/%s", name);
		if (!h5_exists(s->f->file, path))
			continue;
		if (model_texts(s, path, &one))
			return -1;
		*text = one.n ? mem_str(one.s[0]) : NULL;
		names_release(&one);
	}
	return 0;
}

static int read_names(const struct model_source *s, struct vae *into)
{
	if (model_texts(s, "/genes", &into->genes) || model_texts(s, "/batches", &into->batches) ||
	    (h5_exists(s->f->file, "/labels") && model_texts(s, "/labels", &into->labels)))
		return -1;
	if (names_repeated(into->genes.s, into->genes.n))
		return err_set(s->err, "%s: gene %.80s stands twice", s->f->path,
			       names_repeated(into->genes.s, into->genes.n));
	return 0;
}

static struct vae *read_model(const struct model_source *s)
{
	struct vae names = {0};
	struct vae_recipe recipe = {0};
	struct vae_tensor list[VAE_TENSORS];
	struct vae *v = NULL;

	if (read_names(s, &names))
		goto release_names;
	recipe.n_genes = names.genes.n;
	recipe.n_batches = names.batches.n;
	if (read_recipe(s, &recipe) || check_largest(s, &recipe))
		goto release_names;
	if (recipe.n_labels && names.labels.n != recipe.n_labels + 1) {
		err_set(s->err, "%s: %zu labels for %zu classes and one for none", s->f->path,
			names.labels.n, recipe.n_labels);
		goto release_names;
	}
	v = vae_new(&recipe);
	v->genes = names.genes;
	v->batches = names.batches;
	v->labels = names.labels;
	for (size_t i = 0, n = vae_tensors(v, list); i < n; i++)
		if (read_tensor(s, &list[i]))
			goto free_model;
	if (read_text_fields(s, v) == 0 && read_extras(s, v) == 0 && read_prototypes(s, v) == 0)
		return v;
free_model:
	vae_free(v);
	return NULL;
release_names:
	names_release(&names.genes);
	names_release(&names.batches);
	names_release(&names.labels);
	return NULL;
}

static struct vae *read_ours(const char *path, struct err *err)
{
	static const struct own_format format = {
		FORMAT, VERSION, "model",
		"an HDF5 file, but not a model of vae-model or vae-train"};
	struct model_source s = {own_file_open(path, &format, err), err};
	struct vae *v = s.f ? read_model(&s) : NULL;

	h5_file_free(s.f);
	return v;
}

struct vae *vae_read(const char *path, struct err *err)
{
	static const unsigned char magic[4] = "\211HDF";
	unsigned char head[4] = {0};
	FILE *file = fopen(path, "rb");
	bool ours = file && fread(head, 1, 4, file) == 4 && memcmp(head, magic, 4) == 0;

	if (file)
		fclose(file);
	return ours ? read_ours(path, err) : scvi_read(path, err);
}
