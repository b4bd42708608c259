/* celltypist_write.c - writing CellTypist's pickles; see celltypist.h.
 *
 * Pickle protocol 4 without memo and frames: legal, plain, and the same bytes every time. The
 * classifier carries every parameter that LogisticRegression had in any of the versions, so that
 * it also prints itself there.
 */
#include "base/util.h"

#include "base/outfile.h"
#include "model/celltypist.h"
#include "model/pickle/pickle_write.h"

/* An object without arguments; its attributes follow, then "ub". */
static void begin_object(FILE *f, const char *module, const char *name)
{
	pickle_put_name(f, module, name);
	fputs(")\x81}(", f);
}

static void put_parameters(FILE *f)
{
	pickle_put_text(f, "penalty");
	pickle_put_text(f, "l2");
	pickle_put_text(f, "dual");
	pickle_put_bool(f, false);
	pickle_put_text(f, "tol");
	pickle_put_float(f, 1e-4);
	pickle_put_text(f, "C");
	pickle_put_float(f, 1);
	pickle_put_text(f, "fit_intercept");
	pickle_put_bool(f, true);
	pickle_put_text(f, "intercept_scaling");
	pickle_put_int(f, 1);
	pickle_put_text(f, "class_weight");
	pickle_put_none(f);
	pickle_put_text(f, "random_state");
	pickle_put_none(f);
	pickle_put_text(f, "solver");
	pickle_put_text(f, "lbfgs");
	pickle_put_text(f, "max_iter");
	pickle_put_int(f, 100);
	pickle_put_text(f, "multi_class");
	pickle_put_text(f, "ovr");
	pickle_put_text(f, "verbose");
	pickle_put_int(f, 0);
	pickle_put_text(f, "warm_start");
	pickle_put_bool(f, false);
	pickle_put_text(f, "n_jobs");
	pickle_put_none(f);
	pickle_put_text(f, "l1_ratio");
	pickle_put_none(f);
}

static void put_classifier(FILE *f, const struct model *m)
{
	size_t shape[2] = {m->n_rows, m->n_genes};

	begin_object(f, "sklearn.linear_model._logistic", "LogisticRegression");
	put_parameters(f);
	pickle_put_text(f, "n_features_in_");
	pickle_put_int(f, (int64_t)m->n_genes);
	pickle_put_text(f, "classes_");
	pickle_put_texts(f, m->classes, m->n_classes);
	pickle_put_text(f, "coef_");
	pickle_put_doubles(f, m->coef, shape, 2);
	pickle_put_text(f, "intercept_");
	pickle_put_doubles(f, m->intercept, &m->n_rows, 1);
	pickle_put_text(f, "features");
	pickle_put_texts(f, m->genes, m->n_genes);
	fputs("ub", f);
}

static void put_scaler(FILE *f, const struct model *m)
{
	double *variance;

	MEM_ARRAY(variance, m->n_genes);
	for (size_t g = 0; g < m->n_genes; g++)
		variance[g] = m->scale[g] * m->scale[g];
	begin_object(f, "sklearn.preprocessing._data", "StandardScaler");
	pickle_put_text(f, "with_mean");
	pickle_put_bool(f, m->with_mean);
	pickle_put_text(f, "with_std");
	pickle_put_bool(f, true);
	pickle_put_text(f, "copy");
	pickle_put_bool(f, true);
	pickle_put_text(f, "n_features_in_");
	pickle_put_int(f, (int64_t)m->n_genes);
	pickle_put_text(f, "mean_");
	pickle_put_doubles(f, m->mean, &m->n_genes, 1);
	pickle_put_text(f, "var_");
	pickle_put_doubles(f, variance, &m->n_genes, 1);
	pickle_put_text(f, "scale_");
	pickle_put_doubles(f, m->scale, &m->n_genes, 1);
	fputs("ub", f);
	free(variance);
}

static void put_description(FILE *f, const struct model *m)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{"date", m->card.date},     {"details", m->card.details}, {"url", m->card.url},
		{"source", m->card.source}, {"version", m->card.version},
	};

	fputs("}(", f);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		pickle_put_text(f, texts[i].name);
		pickle_put_text(f, texts[i].value);
	}
	pickle_put_text(f, "number_celltypes");
	pickle_put_int(f, (int64_t)m->n_classes);
	fputc('u', f);
}

static void put_model(FILE *f, const struct model *m)
{
	fputs("\x80\x04}(", f);
	pickle_put_text(f, "Model");
	put_classifier(f, m);
	pickle_put_text(f, "Scaler_");
	put_scaler(f, m);
	pickle_put_text(f, "description");
	put_description(f, m);
	fputs("u.", f);
}

int celltypist_write(const struct model *m, const char *path, struct err *err)
{
	struct outfile *out = outfile_open_binary(path, err);
	FILE *file = out ? fopen(outfile_path(out), "wb") : NULL;
	bool ok = file != NULL;

	if (!out)
		return -1;
	outfile_opened(out);
	if (file) {
		put_model(file, m);
		ok = !ferror(file);
		ok &= fclose(file) == 0;
	}
	if (!ok) {
		err_errno(err, "%s: cannot be written", outfile_target(out));
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}
