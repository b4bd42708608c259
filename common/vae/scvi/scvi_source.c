/* scvi_source.c - model.pt, or a folder of before scvi-tools 0.15; see scvi_source_private.h. */
#include "base/util.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/lines.h"
#include "vae/scvi/scvi_source_private.h"

char *scvi_text(const struct pickle_value *v)
{
	if (!v || v->kind != PICKLE_STR || memchr(v->text.s, 0, v->text.len) ||
	    !utf8_valid(v->text.s, v->text.len))
		return NULL;
	return mem_strn(v->text.s, v->text.len);
}

/* ---- names ---- */

static int check_unique(const char *path, const char *what, const struct names *names,
			struct err *err)
{
	const char *twice = names_repeated(names->s, names->n);

	return twice ? err_set(err, "%s: %s %.80s stands twice", path, what, twice) : 0;
}

static int read_names(const char *path, const struct pickle_value *v, const char *what,
		      struct names *names, struct err *err)
{
	struct arena arena = {0};
	char **texts = NULL;
	size_t n = 0;
	int ret = -1;

	if (!v)
		err_set(err, "%s: no names of %s", path, what);
	else if (pickle_texts(v, what, &arena, &texts, &n, err) == 0)
		ret = 0;
	else
		err_prefix(err, "%s", path);
	for (size_t i = 0; ret == 0 && i < n; i++)
		names_add(names, texts[i]);
	free(texts);
	arena_release(&arena);
	return ret ? ret : check_unique(path, what, names, err);
}

/* None, or an empty list: no covariates of that kind. */
static bool is_nothing(const struct pickle_value *v)
{
	return !v || v->kind == PICKLE_NONE || (v->kind == PICKLE_LIST && v->list.n == 0);
}

/* ---- one file ---- */

static int check_class(const char *path, const struct pickle_value *registry, struct err *err)
{
	static const char *const keys[] = {"categorical_covariate_keys",
					   "continuous_covariate_keys", "size_factor_key", NULL};
	const struct pickle_value *name = pickle_get(registry, "model_name");
	char *class = scvi_text(name);
	int ret = 0;

	if (!pickle_is(name, "SCVI") && !pickle_is(name, "SCANVI"))
		ret = err_set(err, "%s: a %.60s model: SCVI and SCANVI are read", path,
			      class ? class : "nameless");
	free(class);
	for (const char *const *key = keys; ret == 0 && *key; key++)
		if (!is_nothing(pickle_get(pickle_get(registry, "setup_args"), *key)))
			ret = err_set(err,
				      "%s: made with %s: covariates beside the batch are not read",
				      path, *key);
	return ret;
}

static int read_file(struct scvi_source *s, struct err *err)
{
	const struct pickle_value *root = torch_root(s->file);
	const struct pickle_value *attributes = pickle_get(root, "attr_dict");
	const struct pickle_value *registry = pickle_get(attributes, "registry_");
	const struct pickle_value *fields = pickle_get(registry, "field_registries");
	const struct pickle_value *batch =
		pickle_get(pickle_get(fields, "batch"), "state_registry");
	const struct pickle_value *labels =
		pickle_get(pickle_get(fields, "labels"), "state_registry");

	s->state = pickle_get(root, "model_state_dict");
	s->parameters = pickle_get(attributes, "init_params_");
	if (!s->state || s->state->kind != PICKLE_DICT)
		return err_set(err, "%s: no model_state_dict: not saved by scvi-tools", s->path);
	if (!s->parameters || !registry)
		return err_set(err, "%s: no attributes of scvi-tools 0.15 or later", s->path);
	s->batch_key = pickle_get(batch, "original_key");
	s->labels_key = pickle_get(labels, "original_key");
	s->version = scvi_text(pickle_get(registry, "scvi_version"));
	if (check_class(s->path, registry, err) ||
	    read_names(s->path, pickle_get(root, "var_names"), "genes", &s->genes, err) ||
	    read_names(s->path, pickle_get(batch, "categorical_mapping"), "batches", &s->batches,
		       err))
		return -1;
	return pickle_get(labels, "categorical_mapping")
		       ? read_names(s->path, pickle_get(labels, "categorical_mapping"), "labels",
				    &s->labels, err)
		       : 0;
}

/* ---- a folder ---- */

static int read_genes(struct scvi_source *s, const char *folder, struct err *err)
{
	char *path = mem_printf("%s/var_names.csv", folder);
	struct lines *in = lines_open(path, err);
	int got = in ? 0 : -1;

	while (in && (got = lines_next(in, err)) > 0) {
		while (in->len && in->text[in->len - 1] == ' ')
			in->text[--in->len] = '\0';
		if (!in->len || !utf8_valid(in->text, in->len)) {
			got = err_set(err, "%s: line %zu is no gene's name", path, in->number);
			break;
		}
		names_add(&s->genes, in->text);
	}
	lines_close(in);
	if (got == 0)
		got = check_unique(path, "gene", &s->genes, err);
	free(path);
	return got;
}

/* The model's classes are the sorted labels with the word for none in the last one's place. */
static void put_none_last(struct names *labels, const struct pickle_value *none)
{
	for (size_t i = 0; i < labels->n; i++) {
		char *label = labels->s[i];

		if (!pickle_is(none, label))
			continue;
		labels->s[i] = labels->s[labels->n - 1];
		labels->s[labels->n - 1] = label;
		return;
	}
}

static int check_setup(const char *path, const struct pickle_value *setup, struct err *err)
{
	static const char *const keys[] = {"extra_categoricals", "extra_continuous_keys", NULL};

	if (!setup)
		return err_set(err,
			       "%s: no scvi_setup_dict_: a folder of scvi-tools before 0.15 has "
			       "one (scArches' and scPoli's own models are not read)",
			       path);
	for (const char *const *key = keys; *key; key++)
		if (!is_nothing(pickle_get(setup, *key)))
			return err_set(err,
				       "%s: made with %s: covariates beside the batch are not read",
				       path, *key);
	return 0;
}

static int read_attributes(struct scvi_source *s, const char *path, struct err *err)
{
	const struct pickle_value *root, *setup, *mappings, *batch, *labels, *none;

	s->attributes = pickle_read_scvi(path, err);
	if (!s->attributes)
		return -1;
	root = pickle_root(s->attributes);
	setup = pickle_get(root, "scvi_setup_dict_");
	mappings = pickle_get(setup, "categorical_mappings");
	batch = pickle_get(mappings, "_scvi_batch");
	labels = pickle_get(mappings, "_scvi_labels");
	none = pickle_get(root, "unlabeled_category_");
	s->parameters = pickle_get(root, "init_params_");
	s->batch_key = pickle_get(batch, "original_key");
	s->labels_key = pickle_get(labels, "original_key");
	s->version = scvi_text(pickle_get(setup, "scvi_version"));
	if (check_setup(path, setup, err))
		return -1;
	if (!s->parameters)
		return err_set(err, "%s: no init_params_: the model's options are not there", path);
	if (read_names(path, pickle_get(batch, "mapping"), "batches", &s->batches, err))
		return -1;
	if (!none || none->kind != PICKLE_STR)
		return 0;
	if (read_names(path, pickle_get(labels, "mapping"), "labels", &s->labels, err))
		return -1;
	put_none_last(&s->labels, none);
	return 0;
}

static int read_folder(struct scvi_source *s, const char *folder, struct err *err)
{
	char *path = mem_printf("%s/attr.pkl", folder);
	int ret = read_attributes(s, path, err);

	free(path);
	s->state = torch_root(s->file);
	if (ret == 0 && s->state->kind != PICKLE_DICT)
		ret = err_set(err, "%s: no dict of tensors", s->path);
	return ret ? ret : read_genes(s, folder, err);
}

/* ---- either ---- */

static bool is_there(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int scvi_source_open(struct scvi_source *s, const char *path, struct err *err)
{
	char *tensors = mem_printf("%s/model_params.pt", path);
	char *inside = mem_printf("%s/model.pt", path);
	bool folder = is_folder(path), old = folder && !is_there(inside) && is_there(tensors);

	s->path = mem_str(old ? tensors : folder ? inside : path);
	free(tensors);
	free(inside);
	s->file = torch_open(s->path, err);
	if (!s->file)
		return -1;
	return old ? read_folder(s, path, err) : read_file(s, err);
}

void scvi_source_release(struct scvi_source *s)
{
	names_release(&s->genes);
	names_release(&s->batches);
	names_release(&s->labels);
	pickle_free(s->attributes);
	torch_close(s->file);
	free(s->version);
	free(s->path);
	*s = (struct scvi_source){0};
}
