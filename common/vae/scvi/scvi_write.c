/* scvi_write.c - a model.pt in scvi-tools' layout; see scvi_model.h.
 *
 * What scvi-tools wants beside the tensors: the arguments the model was made with and the registry
 * of its data, from which a query is set up. Tensors that nothing here uses (and scvi-tools never
 * trains) are those the model came with, or zeros of the right shape.
 */
#include "base/util.h"

#include "base/mem.h"
#include "base/outfile.h"
#include "format/zip_write.h"
#include "model/pickle/pickle_write.h"
#include "vae/scvi/scvi_model.h"

#define SCVI_VERSION "1.1.6" /* whose layout this is; later releases read it */

/* ---- small pickles ---- */

static void begin_dict(FILE *f)
{
	fputs("}(", f);
}

static void end_dict(FILE *f)
{
	fputc('u', f);
}

static void put_key(FILE *f, const char *key)
{
	pickle_put_text(f, key);
}

static void put_text_item(FILE *f, const char *key, const char *value)
{
	put_key(f, key);
	if (value)
		pickle_put_text(f, value);
	else
		pickle_put_none(f);
}

static void put_int_item(FILE *f, const char *key, size_t value)
{
	put_key(f, key);
	pickle_put_int(f, (int64_t)value);
}

static void put_flag_item(FILE *f, const char *key, bool value)
{
	put_key(f, key);
	pickle_put_bool(f, value);
}

static void put_empty_item(FILE *f, const char *key)
{
	put_key(f, key);
	fputc('}', f);
}

/* ---- tensors ---- */

struct tensors {
	FILE *pickle;
	struct zip_writer *zip;
	size_t n;
};

/* A tensor: its place in the archive goes into the pickle, its bytes into an entry. */
static void put_tensor(struct tensors *t, const char *name, size_t n_dims, const size_t shape[2],
		       const char *storage, const void *bytes, size_t n, size_t size)
{
	FILE *f = t->pickle;
	char key[32], *entry;

	snprintf(key, sizeof(key), "%zu", t->n++);
	put_key(f, name);
	pickle_put_name(f, "torch._utils", "_rebuild_tensor_v2");
	fputs("((", f);
	pickle_put_text(f, "storage");
	pickle_put_name(f, "torch", storage);
	pickle_put_text(f, key);
	pickle_put_text(f, "cpu");
	pickle_put_int(f, (int64_t)n);
	fputs("tQ", f);
	pickle_put_int(f, 0);
	fputc('(', f);
	for (size_t i = 0; i < n_dims; i++)
		pickle_put_int(f, (int64_t)shape[i]);
	fputs("t(", f);
	for (size_t i = 0; i < n_dims; i++)
		pickle_put_int(f, i + 1 < n_dims ? (int64_t)shape[1] : 1);
	fputc('t', f);
	pickle_put_bool(f, false);
	pickle_put_name(f, "collections", "OrderedDict");
	fputs(")RtR", f);
	entry = mem_printf("model/data/%s", key);
	zip_add(t->zip, entry, bytes, n * size);
	free(entry);
}

static void put_ours(struct tensors *t, const struct vae_tensor *v)
{
	size_t rows = v->n_dims ? v->shape[0] : 1, columns = v->n_dims == 2 ? v->shape[1] : 1;
	float *values;

	if (v->count) {
		put_tensor(t, v->name, 0, v->shape, "LongStorage", v->count, 1, sizeof(*v->count));
		return;
	}
	MEM_ARRAY(values, rows * columns + 1);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			values[i * columns + j] = (float)v->at[j * rows + i];
	put_tensor(t, v->name, v->n_dims, v->shape, "FloatStorage", values, rows * columns,
		   sizeof(*values));
	free(values);
}

static void put_zeros(struct tensors *t, const struct vae *v, const char *name, size_t rows,
		      size_t columns)
{
	const size_t shape[2] = {rows, columns};
	float *values;

	for (size_t i = 0; i < v->n_extras; i++)
		if (str_eq(v->extras[i].name, name))
			return; /* it is among the extras */
	MEM_ZERO(values, rows * MAX(columns, 1) + 1);
	put_tensor(t, name, columns ? 2 : 1, shape, "FloatStorage", values, rows * MAX(columns, 1),
		   sizeof(*values));
	free(values);
}

/* What a module of scvi-tools has and never uses. */
static void put_unused(struct tensors *t, const struct vae *v)
{
	static const char layer[] = "l_encoder.encoder.fc_layers.Layer 0";
	const struct vae_recipe *r = &v->recipe;
	size_t batches = r->encode_covariates ? vae_categories(r->n_batches) : 0;
	static const int64_t none = 0;
	char name[96];

	snprintf(name, sizeof(name), "%s.0.weight", layer);
	put_zeros(t, v, name, r->n_hidden, r->n_genes + batches);
	snprintf(name, sizeof(name), "%s.0.bias", layer);
	put_zeros(t, v, name, r->n_hidden, 0);
	if (r->batch_norm_encoder) {
		static const char *const parts[] = {"weight", "bias", "running_mean",
						    "running_var"};

		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			snprintf(name, sizeof(name), "%s.1.%s", layer, parts[i]);
			put_zeros(t, v, name, r->n_hidden, 0);
		}
		snprintf(name, sizeof(name), "%s.1.num_batches_tracked", layer);
		put_tensor(t, name, 0, (const size_t[2]){1, 1}, "LongStorage", &none, 1,
			   sizeof(none));
	}
	put_zeros(t, v, "l_encoder.mean_encoder.weight", 1, r->n_hidden);
	put_zeros(t, v, "l_encoder.mean_encoder.bias", 1, 0);
	put_zeros(t, v, "l_encoder.var_encoder.weight", 1, r->n_hidden);
	put_zeros(t, v, "l_encoder.var_encoder.bias", 1, 0);
	put_zeros(t, v, "decoder.px_r_decoder.weight", r->n_genes, r->n_hidden);
	put_zeros(t, v, "decoder.px_r_decoder.bias", r->n_genes, 0);
	if (!r->zero_inflated) {
		put_zeros(t, v, "decoder.px_dropout_decoder.weight", r->n_genes, r->n_hidden);
		put_zeros(t, v, "decoder.px_dropout_decoder.bias", r->n_genes, 0);
	}
}

static void put_prior(struct tensors *t, const struct vae *v)
{
	size_t n = v->recipe.n_labels;
	const size_t shape[2] = {1, n};
	float *values;

	for (size_t i = 0; i < v->n_extras; i++)
		if (str_eq(v->extras[i].name, "y_prior"))
			return;
	MEM_ARRAY(values, n + 1);
	for (size_t i = 0; i < n; i++)
		values[i] = 1 / (float)n;
	put_tensor(t, "y_prior", 2, shape, "FloatStorage", values, n, sizeof(*values));
	free(values);
}

static void put_state(struct tensors *t, struct vae *v)
{
	struct vae_tensor list[VAE_TENSORS];
	size_t n = vae_tensors(v, list);

	put_key(t->pickle, "model_state_dict");
	pickle_put_name(t->pickle, "collections", "OrderedDict");
	fputs(")R(", t->pickle);
	for (size_t i = 0; i < n; i++)
		put_ours(t, &list[i]);
	for (size_t i = 0; i < v->n_extras; i++) {
		const struct vae_extra *x = &v->extras[i];

		put_tensor(t, x->name, x->n_dims, x->shape, "FloatStorage", x->values,
			   (x->n_dims ? x->shape[0] : 1) * (x->n_dims == 2 ? x->shape[1] : 1),
			   sizeof(*x->values));
	}
	put_unused(t, v);
	if (vae_has_classes(v))
		put_prior(t, v);
	fputc('u', t->pickle);
}

/* ---- attributes ---- */

static const char *where(bool encoder, bool decoder)
{
	return encoder ? decoder ? "both" : "encoder" : decoder ? "decoder" : "none";
}

static void put_parameters(FILE *f, const struct vae *v)
{
	const struct vae_recipe *r = &v->recipe;

	put_key(f, "init_params_");
	begin_dict(f);
	put_key(f, "kwargs");
	begin_dict(f);
	put_key(f, "model_kwargs");
	begin_dict(f);
	put_flag_item(f, "encode_covariates", r->encode_covariates);
	put_flag_item(f, "deeply_inject_covariates", r->deep);
	put_flag_item(f, "log_variational", !r->plain_counts);
	put_text_item(f, "use_batch_norm", where(r->batch_norm_encoder, r->batch_norm_decoder));
	put_text_item(f, "use_layer_norm", where(r->layer_norm_encoder, r->layer_norm_decoder));
	end_dict(f);
	end_dict(f);
	put_key(f, "non_kwargs");
	begin_dict(f);
	put_int_item(f, "n_hidden", r->n_hidden);
	put_int_item(f, "n_latent", r->n_latent);
	put_int_item(f, "n_layers", r->n_layers);
	put_key(f, "dropout_rate");
	pickle_put_float(f, r->dropout);
	put_text_item(f, "dispersion",
		      r->dispersion == DISPERSION_GENE_BATCH ? "gene-batch" : "gene");
	put_text_item(f, "gene_likelihood", r->zero_inflated ? "zinb" : "nb");
	if (vae_has_classes(v))
		put_flag_item(f, "linear_classifier", r->linear_classifier);
	else
		put_text_item(f, "latent_distribution", "normal");
	end_dict(f);
	end_dict(f);
}

static void put_setup(FILE *f, const struct vae *v)
{
	put_key(f, "setup_args");
	begin_dict(f);
	put_text_item(f, "layer", NULL);
	put_text_item(f, "batch_key", v->batch_key);
	put_text_item(f, "labels_key", v->labels_key);
	if (vae_has_classes(v))
		put_text_item(f, "unlabeled_category", v->unlabeled);
	put_text_item(f, "size_factor_key", NULL);
	put_text_item(f, "categorical_covariate_keys", NULL);
	put_text_item(f, "continuous_covariate_keys", NULL);
	end_dict(f);
}

/*
 * A categorical column of obs, as the registry knows it. Without a column of the user's scvi-tools
 * makes one of its own, of the number 0.
 */
static void put_column(FILE *f, const char *field, const char *key, const char *original,
		       const struct names *values, const char *count, const char *unlabeled)
{
	const double zero = 0;
	const size_t one = 1;

	put_key(f, field);
	begin_dict(f);
	put_key(f, "data_registry");
	begin_dict(f);
	put_text_item(f, "attr_name", "obs");
	put_text_item(f, "attr_key", key);
	end_dict(f);
	put_key(f, "state_registry");
	begin_dict(f);
	put_key(f, "categorical_mapping");
	if (original)
		pickle_put_texts(f, values->s, values->n);
	else
		pickle_put_doubles(f, &zero, &one, 1);
	put_text_item(f, "original_key", original ? original : key);
	if (unlabeled)
		put_text_item(f, "unlabeled_category", unlabeled);
	end_dict(f);
	put_key(f, "summary_stats");
	begin_dict(f);
	put_int_item(f, count, original ? values->n : 1);
	end_dict(f);
	end_dict(f);
}

static void put_nothing(FILE *f, const char *field, const char *count)
{
	put_key(f, field);
	begin_dict(f);
	put_empty_item(f, "data_registry");
	put_empty_item(f, "state_registry");
	put_key(f, "summary_stats");
	begin_dict(f);
	if (count)
		put_int_item(f, count, 0);
	end_dict(f);
	end_dict(f);
}

static void put_matrix(FILE *f, const struct vae *v)
{
	put_key(f, "X");
	begin_dict(f);
	put_key(f, "data_registry");
	begin_dict(f);
	put_text_item(f, "attr_name", "X");
	put_text_item(f, "attr_key", NULL);
	end_dict(f);
	put_key(f, "state_registry");
	begin_dict(f);
	put_int_item(f, "n_obs", 0);
	put_int_item(f, "n_vars", v->genes.n);
	put_key(f, "column_names");
	pickle_put_texts(f, v->genes.s, v->genes.n);
	end_dict(f);
	put_key(f, "summary_stats");
	begin_dict(f);
	put_int_item(f, "n_vars", v->genes.n);
	put_int_item(f, "n_cells", 0);
	end_dict(f);
	end_dict(f);
}

static void put_registry(FILE *f, const struct vae *v)
{
	put_key(f, "registry_");
	begin_dict(f);
	put_text_item(f, "scvi_version", SCVI_VERSION);
	put_text_item(f, "model_name", vae_has_classes(v) ? "SCANVI" : "SCVI");
	put_text_item(f, "setup_method_name", "setup_anndata");
	put_setup(f, v);
	put_key(f, "field_registries");
	begin_dict(f);
	put_matrix(f, v);
	put_column(f, "batch", "_scvi_batch",
		   v->batch_key || v->recipe.n_batches == 1 ? v->batch_key : "_scvi_batch",
		   &v->batches, "n_batch", NULL);
	put_column(f, "labels", "_scvi_labels", v->labels_key, &v->labels, "n_labels",
		   vae_has_classes(v) ? v->unlabeled : NULL);
	put_nothing(f, "size_factor", NULL);
	put_nothing(f, "extra_categorical_covs", "n_extra_categorical_covs");
	put_nothing(f, "extra_continuous_covs", "n_extra_continuous_covs");
	end_dict(f);
	end_dict(f);
}

static void put_attributes(FILE *f, const struct vae *v)
{
	put_key(f, "attr_dict");
	begin_dict(f);
	put_flag_item(f, "is_trained_", true);
	put_parameters(f, v);
	put_registry(f, v);
	if (vae_has_classes(v))
		put_text_item(f, "unlabeled_category_", v->unlabeled);
	end_dict(f);
}

/* ---- the file ---- */

static int write_archive(struct vae *v, FILE *file, struct err *err)
{
	struct zip_writer zip = {.file = file};
	char *bytes = NULL;
	size_t len = 0;
	struct tensors t = {.pickle = open_memstream(&bytes, &len), .zip = &zip};
	int failed;

	if (!t.pickle)
		return err_errno(err, "no memory for a stream");
	fputs("\x80\x04}(", t.pickle);
	put_state(&t, v);
	put_key(t.pickle, "var_names");
	pickle_put_texts(t.pickle, v->genes.s, v->genes.n);
	put_attributes(t.pickle, v);
	fputs("u.", t.pickle);
	failed = fclose(t.pickle) ? err_errno(err, "no memory for a stream") : 0;
	zip_add(&zip, "model/data.pkl", bytes, len);
	zip_add(&zip, "model/byteorder", "little", 6);
	zip_add(&zip, "model/version", "3\n", 2);
	free(bytes);
	return zip_finish(&zip, err) || failed ? -1 : 0;
}

int scvi_write(struct vae *v, const char *path, struct err *err)
{
	struct outfile *out = outfile_open_binary(path, err);
	FILE *file = out ? fopen(outfile_path(out), "wb") : NULL;
	int ret = -1;

	if (!out)
		return -1;
	outfile_opened(out);
	if (!file) {
		err_errno(err, "cannot be written");
	} else {
		ret = write_archive(v, file, err);
		if (fclose(file) && ret == 0)
			ret = err_errno(err, "cannot be written");
	}
	if (ret == 0)
		return outfile_commit(out, err);
	err_prefix(err, "%s", outfile_target(out));
	outfile_abort(out);
	return -1;
}
