/* model.h - a logistic model of cell types, in memory.
 *
 * One row of coefficients per class over named genes, an intercept per class, and the scaling of
 * the genes. model_file.h reads and writes it.
 *
 * The score of class c for a cell x is
 *	intercept[c] + sum over genes g of coef[c][g] * min((x[g] - mean[g]) / scale[g], clip)
 * over the genes that the cell's file has; genes it lacks contribute nothing. The link follows the
 * loss: ovr-log gives a sigmoid of each score, softmax the softmax. CellTypist takes the sigmoid
 * whatever its classifier was trained with, so models read from pickles are always ovr-log.
 *
 * A binary model (two classes) may have one row, the second class's; the first class's score is
 * then its negative.
 *
 *	struct model *m = model_new(n_classes, n_classes, n_genes);
 *	m->classes[0] = model_str(m, "B cell");
 *	if (model_check(m, "the new model", &err))
 *		die_err(&err);
 *	model_free(m);
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/err.h"
#include "base/mem.h"
#include "model/annex.h"
#include "model/depth_needs.h"
#include "model/left_out.h"

enum model_loss { LOSS_OVR_LOG, LOSS_SOFTMAX };

struct model_card {
	char *name, *source, *url, *version, *details, *date; /* "" when not given, never NULL */
	char *trained_on; /* JSON text: inputs with sha256 and cells, cells per class, argv, seed,
			   * scores; "" when not known */
};

struct model {
	size_t n_classes, n_genes;
	size_t n_rows;  /* n_classes, or 1 for a binary model */
	char **classes; /* in score order: sorted by bytes as numpy sorts, when trained here */
	char **genes;
	double *coef;      /* n_rows x n_genes */
	double *intercept; /* n_rows */
	double *mean;      /* n_genes; zeros without centring */
	double *scale;     /* n_genes; > 0 */
	bool with_mean;
	enum model_loss loss;
	double clip;       /* 10 in CellTypist: from above only */
	double target_sum; /* 10000 */
	char **cl_ids;     /* Cell Ontology id per class, "" for none; NULL when not stored */
	struct model_factors *factors; /* NULL when not known, as the next two; owned */
	struct model_calibration *calibration;
	struct model_landmarks *landmarks;
	struct model_levels *levels; /* NULL when there are none; owned */
	struct left_out *left_out;   /* types that training had too few cells of; NULL for none */
	struct depth_needs *depth;   /* what calls of shallow cells need; NULL when not known */
	struct model_card card;
	struct arena arena; /* owns all the strings */
};

/*
 * A model of that shape: CellTypist's clip and target sum, ovr-log, centred, an empty card, all
 * numbers zero, names NULL until model_str fills them.
 */
struct model *model_new(size_t n_classes, size_t n_rows, size_t n_genes);
void model_free(struct model *m); /* NULL is fine */

/* Keep a string in the model: m->genes[i] = model_str(m, "CD4"). */
char *model_str(struct model *m, const char *s);

/* Do all names fit in a TSV? 'what' ("gene") and 'path' are for the message. */
int model_check_names(char *const *names, size_t n, const char *what, const char *path,
		      struct err *err) MUST_USE;

/*
 * Finite numbers, scale > 0, names that fit in a TSV, at least two classes, distinct and not empty,
 * and one gene. Genes may repeat (gene_index.h) or have no name, as in CellTypist. 'path' names the
 * model in the message.
 */
int model_check(const struct model *m, const char *path, struct err *err) MUST_USE;

/* The row of a class: SIZE_MAX when the model has no such class. */
size_t model_class(const struct model *m, const char *name);

/*
 * The coefficient of a class and gene whatever the number of rows: a binary model's first class has
 * the negative of its only row.
 */
static inline double model_coef(const struct model *m, size_t class, size_t gene)
{
	if (m->n_rows == m->n_classes)
		return m->coef[class * m->n_genes + gene];
	return class ? m->coef[gene] : -m->coef[gene];
}

const char *model_loss_name(enum model_loss loss); /* "ovr-log", "softmax" */
bool model_loss_from_name(const char *name, enum model_loss *loss);

#endif
