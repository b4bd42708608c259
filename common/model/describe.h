/* describe.h - models as text.
 *
 * All but describe_coefficients write to an open stream, whose errors stick and are told when it is
 * committed.
 *
 *	describe_model(m, stdout);
 *	describe_markers(m, 0, 10, false, stdout);
 *	if (describe_coefficients(m, "weights.tsv", &err))
 *		die_err(&err);
 */
#ifndef MODEL_DESCRIBE_H
#define MODEL_DESCRIBE_H

#include "base/text.h"
#include "model/model.h"

/* Which annexes (annex.h) the model lacks: "factors, landmarks", or "". */
void describe_lacks(const struct model *m, struct text *text);

/* As CellTypist prints a model, then the settings and what the card says beside. */
void describe_model(const struct model *m, FILE *out);

/* A row per class: label, and id where the model has them. */
void describe_classes(const struct model *m, FILE *out);

/* A row per gene: gene, mean, scale. */
void describe_genes(const struct model *m, FILE *out);

/* Rows without header: label, rank, gene, coef of a class's first 'top' markers. */
void describe_markers(const struct model *m, size_t class, size_t top, bool by_size, FILE *out);

/* A row per gene: gene, mean, scale, a coefficient per class; last "(Intercept)" with 0 and 1. */
int describe_coefficients(const struct model *m, const char *path, struct err *err) MUST_USE;

/*
 * What two models do not share, as rows of: what, name, first, second. Settings that differ;
 * classes and genes that only one has; for each class of both the largest difference of a
 * coefficient and the correlation of the coefficients over the genes of both.
 */
void describe_difference(const struct model *a, const struct model *b, FILE *out);

#endif
