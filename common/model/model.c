/* model.c - see model.h. */
#include "base/util.h"

#include <math.h>

#include "base/strtab.h"
#include "model/model.h"

static const char *const loss_names[] = {[LOSS_OVR_LOG] = "ovr-log", [LOSS_SOFTMAX] = "softmax"};

const char *model_loss_name(enum model_loss loss)
{
	return loss_names[loss];
}

bool model_loss_from_name(const char *name, enum model_loss *loss)
{
	for (size_t i = 0; i < ARRAY_LEN(loss_names); i++) {
		if (str_eq(name, loss_names[i])) {
			*loss = (enum model_loss)i;
			return true;
		}
	}
	return false;
}

struct model *model_new(size_t n_classes, size_t n_rows, size_t n_genes)
{
	struct model *m;

	MEM_ZERO(m, 1);
	m->n_classes = n_classes;
	m->n_rows = n_rows;
	m->n_genes = n_genes;
	MEM_ZERO(m->classes, n_classes);
	MEM_ZERO(m->genes, n_genes);
	MEM_ZERO(m->coef, mem_product(n_rows, n_genes));
	MEM_ZERO(m->intercept, n_rows);
	MEM_ZERO(m->mean, n_genes);
	MEM_ZERO(m->scale, n_genes);
	m->with_mean = true;
	m->clip = 10;
	m->target_sum = 1e4;
	char *none = model_str(m, "");
	m->card = (struct model_card){none, none, none, none, none, none, none};
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	free(m->classes);
	free(m->genes);
	free(m->coef);
	free(m->intercept);
	free(m->mean);
	free(m->scale);
	free(m->cl_ids);
	model_factors_free(m->factors);
	model_calibration_free(m->calibration);
	model_landmarks_free(m->landmarks);
	model_levels_free(m->levels);
	depth_needs_free(m->depth);
	left_out_free(m->left_out);
	arena_release(&m->arena);
	free(m);
}

char *model_str(struct model *m, const char *s)
{
	return arena_str(&m->arena, s, strlen(s));
}

int model_check_names(char *const *names, size_t n, const char *what, const char *path,
		      struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (strpbrk(names[i], "\t\r\n"))
			return err_set(err, "%s: %s %zu ('%.40s') holds a tab or newline", path,
				       what, i + 1, names[i]);
	return 0;
}

static int check_classes(const struct model *m, const char *path, struct err *err)
{
	struct strtab seen = {0};
	int ret = model_check_names(m->classes, m->n_classes, "class", path, err);

	for (size_t c = 0; c < m->n_classes && !ret; c++) {
		if (!m->classes[c][0])
			ret = err_set(err, "%s: class %zu has no name", path, c + 1);
		else if (strtab_add(&seen, m->classes[c]) != c)
			ret = err_set(err, "%s: class '%s' is there twice", path, m->classes[c]);
	}
	strtab_release(&seen);
	return ret;
}

static int check_genes(const struct model *m, const char *path, struct err *err)
{
	for (size_t g = 0; g < m->n_genes; g++) {
		if (!isfinite(m->scale[g]) || m->scale[g] <= 0)
			return err_set(err, "%s: gene %s: scale is %g, it must be above 0", path,
				       m->genes[g], m->scale[g]);
		if (!isfinite(m->mean[g]))
			return err_set(err, "%s: gene %s: mean is %g", path, m->genes[g],
				       m->mean[g]);
	}
	return 0;
}

static int check_rows(const struct model *m, const char *path, struct err *err)
{
	for (size_t r = 0; r < m->n_rows; r++) {
		const char *class = m->classes[m->n_rows == m->n_classes ? r : 1];

		if (!isfinite(m->intercept[r]))
			return err_set(err, "%s: class %s: intercept is %g", path, class,
				       m->intercept[r]);
		for (size_t g = 0; g < m->n_genes; g++) {
			if (!isfinite(m->coef[r * m->n_genes + g]))
				return err_set(err, "%s: class %s, gene %s: coefficient is %g",
					       path, class, m->genes[g],
					       m->coef[r * m->n_genes + g]);
		}
	}
	return 0;
}

int model_check(const struct model *m, const char *path, struct err *err)
{
	if (m->n_classes < 2)
		return err_set(err, "%s: %zu classes: a model needs two or more", path,
			       m->n_classes);
	if (!m->n_genes)
		return err_set(err, "%s: the model has no genes", path);
	if (m->n_rows != m->n_classes && !(m->n_rows == 1 && m->n_classes == 2))
		return err_set(err, "%s: %zu rows of coefficients for %zu classes", path, m->n_rows,
			       m->n_classes);
	if (!(m->clip > 0))
		return err_set(err, "%s: clip is %g, it must be above 0", path, m->clip);
	if (!isfinite(m->target_sum) || m->target_sum <= 0)
		return err_set(err, "%s: target_sum is %g, it must be above 0", path,
			       m->target_sum);
	if (check_classes(m, path, err) ||
	    model_check_names(m->genes, m->n_genes, "gene", path, err))
		return -1;
	return check_genes(m, path, err) || check_rows(m, path, err) ? -1 : 0;
}

size_t model_class(const struct model *m, const char *name)
{
	for (size_t c = 0; c < m->n_classes; c++) {
		if (str_eq(m->classes[c], name))
			return c;
	}
	return SIZE_MAX;
}
