/* celltypist.c - reading CellTypist's pickles; see celltypist.h. */
#include "base/util.h"

#include "model/celltypist.h"
#include "model/pickle/pickle.h"

/* What the pickle holds, before it becomes a model. */
struct pickle_parts {
	const struct pickle_value *classifier, *scaler, *description;
	char **classes, **genes;
	double *coef, *intercept, *mean, *scale;
	size_t n_classes, n_genes, n_rows;
	bool with_mean;
	struct arena arena;
	struct err *err;
};

static void release_parts(struct pickle_parts *p)
{
	free(p->classes);
	free(p->genes);
	free(p->coef);
	free(p->intercept);
	free(p->mean);
	free(p->scale);
	arena_release(&p->arena);
}

static bool is_class(const struct pickle_value *v, const char *suffix)
{
	return v && v->kind == PICKLE_OBJECT && str_ends(v->object.name->text.s, suffix);
}

static int find_parts(struct pickle_parts *p, const struct pickle_value *root)
{
	bool object = is_class(root, ".Model"); /* pickled whole, not by its write() */

	p->classifier = pickle_get(root, object ? "classifier" : "Model");
	p->scaler = pickle_get(root, object ? "scaler" : "Scaler_");
	p->description = pickle_get(root, "description");
	if (!p->classifier || !p->scaler)
		return err_set(p->err,
			       "not a CellTypist model: %s without \"Model\" and \"Scaler_\"",
			       pickle_describe(root));
	if (!is_class(p->classifier, ".LogisticRegression") &&
	    !is_class(p->classifier, ".LogisticRegressionCV") &&
	    !is_class(p->classifier, ".SGDClassifier"))
		return err_set(
			p->err,
			"the classifier is %s; LogisticRegression and SGDClassifier are known",
			pickle_describe(p->classifier));
	if (!is_class(p->scaler, ".StandardScaler"))
		return err_set(p->err, "the scaler is %s; StandardScaler is known",
			       pickle_describe(p->scaler));
	return 0;
}

static int get_names(struct pickle_parts *p)
{
	return pickle_texts(pickle_get(p->classifier, "classes_"), "classes_", &p->arena,
			    &p->classes, &p->n_classes, p->err) ||
			       pickle_texts(pickle_get(p->classifier, "features"), "features",
					    &p->arena, &p->genes, &p->n_genes, p->err)
		       ? -1
		       : 0;
}

static int get_coef(struct pickle_parts *p)
{
	const struct pickle_value *v = pickle_get(p->classifier, "coef_");
	size_t shape[2], most[2] = {p->n_classes, p->n_genes};

	if (pickle_is_sparse(v) ? pickle_sparse(v, "coef_", most, &p->coef, shape, p->err)
				: pickle_numbers(v, "coef_", &p->coef, shape, p->err))
		return -1;
	p->n_rows = shape[0];
	if (shape[1] != p->n_genes)
		return err_set(p->err, "coef_ has %zu columns for %zu features", shape[1],
			       p->n_genes);
	if (p->n_rows != p->n_classes && !(p->n_rows == 1 && p->n_classes == 2))
		return err_set(p->err, "coef_ has %zu rows for %zu classes", p->n_rows,
			       p->n_classes);
	return 0;
}

/* One intercept per row; a single one, as without fit_intercept, counts for all rows. */
static int get_intercept(struct pickle_parts *p)
{
	const struct pickle_value *v = pickle_get(p->classifier, "intercept_");
	size_t shape[2] = {1, 1};
	double one;

	if (pickle_number(v, &one)) {
		MEM_ARRAY(p->intercept, 1);
		p->intercept[0] = one;
	} else if (pickle_numbers(v, "intercept_", &p->intercept, shape, p->err)) {
		return -1;
	}
	if (shape[0] == 1 && shape[1] == p->n_rows) /* as a row: numpy adds it all the same */
		return 0;
	if (shape[1] != 1 || (shape[0] != 1 && shape[0] != p->n_rows))
		return err_set(p->err, "intercept_ has %zu values for %zu rows", shape[0],
			       p->n_rows);
	if (shape[0] != p->n_rows) {
		p->intercept = mem_resize(p->intercept, p->n_rows, sizeof(double));
		for (size_t r = 1; r < p->n_rows; r++)
			p->intercept[r] = p->intercept[0];
	}
	return 0;
}

/* One number per gene of the scaler. */
static int get_scaler_array(struct pickle_parts *p, const char *name, double **values)
{
	size_t shape[2];

	if (pickle_numbers(pickle_get(p->scaler, name), name, values, shape, p->err))
		return -1;
	if (shape[0] != p->n_genes || shape[1] != 1)
		return err_set(p->err, "the scaler's %s has %zu values for %zu features", name,
			       shape[0], p->n_genes);
	return 0;
}

static int get_scaler(struct pickle_parts *p)
{
	double with_mean;

	if (!pickle_number(pickle_get(p->scaler, "with_mean"), &with_mean))
		return err_set(p->err, "the scaler does not say with_mean");
	p->with_mean = with_mean != 0;
	if (p->with_mean && get_scaler_array(p, "mean_", &p->mean))
		return -1;
	return get_scaler_array(p, "scale_", &p->scale);
}

/* Move the arrays into a model. */
static struct model *make_model(struct pickle_parts *p)
{
	struct model *m = model_new(p->n_classes, p->n_rows, p->n_genes);

	for (size_t i = 0; i < p->n_classes; i++)
		m->classes[i] = model_str(m, p->classes[i]);
	for (size_t i = 0; i < p->n_genes; i++)
		m->genes[i] = model_str(m, p->genes[i]);
	memcpy(m->coef, p->coef, mem_product(p->n_rows * p->n_genes, sizeof(double)));
	memcpy(m->intercept, p->intercept, p->n_rows * sizeof(double));
	if (p->with_mean)
		memcpy(m->mean, p->mean, p->n_genes * sizeof(double));
	memcpy(m->scale, p->scale, p->n_genes * sizeof(double));
	m->with_mean = p->with_mean;
	return m;
}

/* A text or number of the description; what is neither is left out. */
static void describe(struct model *m, const struct pickle_parts *p, const char *name, char **field)
{
	const struct pickle_value *v = pickle_get(p->description, name);
	struct err unprintable = ERR_INIT;
	char *text;

	if (v && !pickle_text(v, name, &m->arena, &text, &unprintable))
		*field = text;
}

struct model *celltypist_read(const char *path, struct err *err)
{
	struct pickle *pickle = pickle_read(path, err);
	struct err why = ERR_INIT;
	struct pickle_parts p = {.err = &why};
	struct model *m = NULL;

	if (!pickle)
		return NULL;
	if (find_parts(&p, pickle_root(pickle)) || get_names(&p) || get_coef(&p) ||
	    get_intercept(&p) || get_scaler(&p)) {
		err_set(err, "%s: %s", path, why.text);
	} else {
		m = make_model(&p);
		describe(m, &p, "source", &m->card.source);
		describe(m, &p, "url", &m->card.url);
		describe(m, &p, "version", &m->card.version);
		describe(m, &p, "details", &m->card.details);
		describe(m, &p, "date", &m->card.date);
	}
	release_parts(&p);
	pickle_free(pickle);
	return m;
}
