/* evaluation.c - see evaluation.h. */
#include "base/util.h"

#include <math.h>

#include "calls/evaluation.h"

/* ---- classes ---- */

static void count_classes(struct evaluation *e, const uint32_t *truth, const uint32_t *predicted,
			  const struct strtab *names, uint32_t unknown)
{
	uint32_t *sorted = strtab_sorted(names);
	struct class_score *by_label;

	MEM_ZERO(by_label, names->n);
	for (size_t cell = 0; cell < e->n_cells; cell++) {
		by_label[truth[cell]].support++;
		by_label[predicted[cell]].predicted++;
		by_label[truth[cell]].right += truth[cell] == predicted[cell];
		e->n_unknown += predicted[cell] == unknown;
	}
	MEM_ARRAY(e->classes, names->n);
	for (size_t i = 0; i < names->n; i++) {
		struct class_score *c = &by_label[sorted[i]];

		c->label = sorted[i];
		if (c->label != unknown && (c->support || c->predicted))
			e->classes[e->n_classes++] = *c;
	}
	free(by_label);
	free(sorted);
}

static void score_classes(struct evaluation *e)
{
	size_t n_true = 0, n_right = 0;

	for (size_t i = 0; i < e->n_classes; i++) {
		struct class_score *c = &e->classes[i];

		c->figures = class_figures(c->right, c->predicted, c->support);
		e->macro_f1 += c->figures.f1 / (double)e->n_classes;
		e->weighted_f1 += c->figures.f1 * share_of(c->support, e->n_cells);
		e->balanced_accuracy += c->figures.recall;
		n_true += c->support > 0;
		n_right += c->right;
	}
	e->balanced_accuracy /= (double)MAX(n_true, 1);
	e->accuracy = share_of(n_right, e->n_cells);
	e->known_accuracy = share_of(n_right, e->n_cells - e->n_unknown);
}

/* ---- confusion ---- */

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Each cell as one number, true label before predicted, in byte order: sorted, they are counted. */
static void count_confusion(struct evaluation *e, const uint32_t *truth, const uint32_t *predicted,
			    const struct strtab *names)
{
	uint32_t *sorted = strtab_sorted(names), *rank;
	uint64_t *keys;
	size_t cap = 0;

	MEM_ARRAY(rank, names->n);
	for (size_t i = 0; i < names->n; i++)
		rank[sorted[i]] = (uint32_t)i;
	MEM_ARRAY(keys, e->n_cells);
	for (size_t cell = 0; cell < e->n_cells; cell++)
		keys[cell] = (uint64_t)rank[truth[cell]] << 32 | rank[predicted[cell]];
	qsort(keys, e->n_cells, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < e->n_cells; i++) {
		if (i == 0 || keys[i] != keys[i - 1]) {
			MEM_GROW(e->confusion, e->n_confusion + 1, cap);
			e->confusion[e->n_confusion++] =
				(struct confusion_cell){.truth = sorted[keys[i] >> 32],
							.predicted = sorted[(uint32_t)keys[i]]};
		}
		e->confusion[e->n_confusion - 1].n++;
	}
	free(sorted);
	free(rank);
	free(keys);
}

/* ---- confidence ---- */

static void trace_coverage(struct evaluation *e, const uint32_t *truth, const uint32_t *predicted,
			   const double *confidence, uint32_t unknown)
{
	for (size_t i = 0; i < ARRAY_LEN(e->coverage); i++) {
		double threshold = (double)i / (double)(ARRAY_LEN(e->coverage) - 1);
		size_t covered = 0, right = 0;

		for (size_t cell = 0; cell < e->n_cells; cell++) {
			if (!(confidence[cell] >= threshold) || predicted[cell] == unknown)
				continue;
			covered++;
			right += truth[cell] == predicted[cell];
		}
		e->coverage[i] = (struct coverage_point){threshold, share_of(covered, e->n_cells),
							 covered ? share_of(right, covered) : NAN};
	}
}

static void calibrate(struct evaluation *e, const uint32_t *truth, const uint32_t *predicted,
		      const double *confidence, uint32_t unknown)
{
	size_t right[CALIBRATION_BINS] = {0}, n = 0;

	for (size_t cell = 0; cell < e->n_cells; cell++) {
		size_t bin;

		if (predicted[cell] == unknown || isnan(confidence[cell]))
			continue;
		bin = (size_t)fmin(fmax(confidence[cell], 0) * CALIBRATION_BINS,
				   CALIBRATION_BINS - 1);
		e->calibration[bin].n++;
		e->calibration[bin].confidence += confidence[cell];
		right[bin] += truth[cell] == predicted[cell];
		n++;
	}
	for (size_t bin = 0; bin < CALIBRATION_BINS; bin++) {
		struct calibration_bin *b = &e->calibration[bin];

		b->confidence = b->n ? b->confidence / (double)b->n : NAN;
		b->accuracy = b->n ? share_of(right[bin], b->n) : NAN;
		if (b->n)
			e->calibration_error +=
				share_of(b->n, n) * fabs(b->confidence - b->accuracy);
	}
	if (n == 0)
		e->calibration_error = NAN;
}

struct sure {
	double confidence;
	bool right;
};

static int falling(const void *a, const void *b)
{
	double x = ((const struct sure *)a)->confidence, y = ((const struct sure *)b)->confidence;

	return (x < y) - (x > y);
}

/* Cells that have a label, surest first. The caller frees. */
static struct sure *sort_sure(const struct evaluation *e, const uint32_t *truth,
			      const uint32_t *predicted, const double *confidence, uint32_t unknown,
			      size_t *n)
{
	struct sure *cells = mem_alloc(e->n_cells, sizeof(*cells));

	*n = 0;
	for (size_t cell = 0; cell < e->n_cells; cell++)
		if (predicted[cell] != unknown && !isnan(confidence[cell]))
			cells[(*n)++] =
				(struct sure){confidence[cell], truth[cell] == predicted[cell]};
	qsort(cells, *n, sizeof(*cells), falling);
	return cells;
}

/* For each share, the longest run of the surest that is no larger: how right is it? */
static void keep(struct evaluation *e, const struct sure *cells, size_t n)
{
	size_t right = 0;

	for (size_t k = 0; k < N_KEPT; k++)
		e->kept[k] = (struct kept_point){0, NAN, NAN};
	for (size_t i = 0; i < n; i++) {
		right += cells[i].right;
		if (i + 1 < n && cells[i + 1].confidence == cells[i].confidence)
			continue;
		for (size_t k = 0; k < N_KEPT && (i + 1) * N_KEPT <= (N_KEPT - k) * e->n_cells; k++)
			e->kept[k] =
				(struct kept_point){share_of(i + 1, e->n_cells),
						    cells[i].confidence, share_of(right, i + 1)};
	}
}

/* Proper scores of the one thing that a call says: how likely it is right. */
static void score_shares(struct evaluation *e, const struct sure *cells, size_t n)
{
	e->nll = e->brier = 0;
	for (size_t i = 0; i < n; i++) {
		double p = cells[i].confidence, right = cells[i].right ? p : 1 - p;

		e->nll -= log(fmax(right, 1e-15)) / (double)n;
		e->brier += (1 - right) * (1 - right) / (double)n;
		if (!(p >= 0 && p <= 1)) {
			e->nll = e->brier = NAN;
			return;
		}
	}
	if (n == 0)
		e->nll = e->brier = NAN;
}

struct evaluation *evaluation_new(const uint32_t *truth, const uint32_t *predicted,
				  const double *confidence, size_t n_cells,
				  const struct strtab *names, uint32_t unknown)
{
	struct evaluation *e = mem_zero(1, sizeof(*e));
	struct sure *cells;
	size_t n;

	e->n_cells = n_cells;
	e->has_confidence = confidence != NULL;
	e->calibration_error = e->nll = e->brier = NAN;
	count_classes(e, truth, predicted, names, unknown);
	score_classes(e);
	count_confusion(e, truth, predicted, names);
	if (confidence) {
		e->calibration_error = 0;
		trace_coverage(e, truth, predicted, confidence, unknown);
		calibrate(e, truth, predicted, confidence, unknown);
		cells = sort_sure(e, truth, predicted, confidence, unknown, &n);
		keep(e, cells, n);
		score_shares(e, cells, n);
		free(cells);
	}
	return e;
}

void evaluation_free(struct evaluation *e)
{
	if (!e)
		return;
	free(e->classes);
	free(e->confusion);
	free(e);
}
