/* calibration.h - what a decision is worth: probabilities that are right as often as they say.
 *
 * A model is surer of the cells it was trained on than of others, so its decisions are made into
 * probabilities by held-out ones: softmax of slope[c] * decision[c] + offset[c].
 *	one slope   for all classes and no offsets, the likeliest; the order of classes stays. For
 *	            joint models: across studies offsets of a class did harm (they are of one study)
 *	own slopes  and offsets, found together as those under which the held-out labels are
 *	            likeliest: - mean over cells of log p[label]
 *	            + 20/n (4 |slope - common|^2 + |offset|^2). For models of one class against the
 *	            rest, whose decisions do not know each other. Under a thousand cells one slope is
 *	            all there is.
 * Classes weigh the same, as rare ones elsewhere may be common.
 *
 *	struct calibration_cells cells = {decisions, labels, n_cells, n_classes};
 *	struct model_calibration *c = calibration_fit(&cells, own);
 *	calibrated(c, decisions + cell * n_classes, n_classes, probabilities);
 *	model_calibration_free(c);
 *
 * Held-out cells are of the same study, and others differ from it more than they do: half way
 * between the slope found and the model's own, calibration_damp, was right more often elsewhere.
 * Deterministic; nothing is drawn.
 *
 * Without held-out cells decisions have to speak for themselves (uncalibrated). A joint model's are
 * shares. Of one class against the rest each is the odds of its class and knows nothing of the
 * others; that no two of them hold makes shares of exp(decision), with 1 for none of them:
 *	exp(d) / (1 + sum of exp(d))
 * So both kinds of model, calibrated or not, say the same: how likely the label is right.
 */
#ifndef TRUST_CALIBRATION_H
#define TRUST_CALIBRATION_H

#include "model/model.h"

struct calibration_cells {
	const double *decisions; /* n x n_classes, finite */
	const uint32_t *labels;  /* a class per cell */
	size_t n, n_classes;
};

/* NULL when no class but one has cells. */
struct model_calibration *calibration_fit(const struct calibration_cells *cells, bool own);

/* Half way back to decisions as they are. */
void calibration_damp(struct model_calibration *c, size_t n_classes);

/* One cell's probabilities: they sum to 1. In place is fine. */
void calibrated(const struct model_calibration *c, const double *decisions, size_t n_classes,
		double *probabilities);

/*
 * Scores that are themselves only expected, with so much variance, are worth less: softmax of their
 * mean is surer than the mean of their softmax. Dividing them by this root first is nearly that
 * (MacKay's moderation): sqrt(1 + pi / 8 variance).
 */
double moderation(const struct model_calibration *c, size_t n_classes, double variance);

/* The same for a model without: they sum to 1, or for one-versus-rest to what is left of "none". */
void uncalibrated(const struct model *m, const double *decisions, double *probabilities);

#endif
