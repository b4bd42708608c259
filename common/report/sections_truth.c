/* sections_truth.c - the section that compares with known types. */
#include "base/util.h"

#include <math.h>

#include "report/sections.h"

/* ---- scores ---- */

static void put_score(struct page *p, const char *what, double value)
{
	if (!isnan(value))
		page_raw(p, "<div><dt>%s</dt><dd>%.3f</dd></div>\n", what, value);
}

/* What the figures mean, of those that are there. */
static void put_meanings(struct page *p, const struct eval *e)
{
	page_raw(p, "<p class=\"note\">Accuracy is the share of cells that got their true label; "
		    "balanced, every label counts alike however many cells it has; macro F1 is the "
		    "mean of the labels' F1, below.");
	if (!isnan(e->lenient_accuracy))
		page_raw(p, " By the ontology, a narrower type than the true one is right, too.");
	if (!isnan(e->hierarchical_f))
		page_raw(p, " Hierarchical F gives credit for the ancestors that the label and "
			    "the true one share.");
	if (e->common)
		page_raw(p, " Labels and matrix below are in the true labels' words: a label that "
			    "was called and is not one of them counts as the nearest above it in "
			    "the ontology.");
	if (e->unseen > 0 && !isnan(e->novelty_auroc))
		page_raw(p,
			 " %.0f cells are of types that no model knows: in so many of two cells, "
			 "one of them and one other, novelty is higher in the stranger (AUROC; 0.5 "
			 "is chance).",
			 e->unseen);
	if (!isnan(e->calibration_error))
		page_raw(p, " Calibration error is how far confidence and the share of right "
			    "labels are apart, on average: 0 is best.");
	page_raw(p, "</p>\n");
}

/* Which of the labels these are: the gate may have called some of the cells Unknown since. */
static void put_scored(struct page *p, const struct eval *e)
{
	if (!*e->label || str_eq(e->label, "label"))
		return;
	page_raw(p, "<p>Judged is the column ");
	page_text(p, e->label);
	page_raw(p, "%s.</p>\n",
		 str_eq(e->label, "label_original")
			 ? ": every cell's label, before doubtful ones were called Unknown"
		 : str_eq(e->label, "majority_voting")
			 ? ": what was voted, before doubtful cells were called Unknown"
			 : "");
}

/* What is not in the figures, and what the gate changed. */
static void put_counted_apart(struct page *p, const struct eval *e, size_t n_climbed)
{
	if (e->without_truth > 0)
		page_raw(p, "<p>%.0f cells have no true label and are not counted.</p>\n",
			 e->without_truth);
	if (!isnan(e->after_gate_unknown))
		page_raw(p,
			 "<p>Before the gate %.3f of the labels are right. After it %.0f cells are "
			 "Unknown, and of the others %.3f are right.%s</p>\n",
			 e->before_gate_accuracy, e->after_gate_unknown,
			 e->after_gate_known_accuracy,
			 n_climbed ? " A term above the true label, to which cells climbed, is "
				     "not counted as right."
				   : "");
}

static void put_scores(struct page *p, const struct eval *e, size_t n_climbed)
{
	put_scored(p, e);
	page_raw(p, "<dl class=\"figures small\">\n");
	if (!isnan(e->common_accuracy) && e->common_accuracy != e->accuracy)
		put_score(p, "accuracy in the truth's words", e->common_accuracy);
	put_score(p, "accuracy", e->accuracy);
	put_score(p, "balanced accuracy", e->balanced_accuracy);
	put_score(p, "macro F1", e->macro_f1);
	put_score(p, "accuracy by the ontology", e->lenient_accuracy);
	put_score(p, "hierarchical F", e->hierarchical_f);
	put_score(p, "calibration error", e->calibration_error);
	put_score(p, "Brier score", e->brier);
	if (e->unseen > 0)
		put_score(p, "AUROC of novelty", e->novelty_auroc);
	page_raw(p, "</dl>\n");
	put_counted_apart(p, e, n_climbed);
	put_meanings(p, e);
}

static void put_number(struct page *p, double value)
{
	if (isnan(value))
		page_raw(p, "<td></td>");
	else
		page_raw(p, "<td class=\"n\">%.3f</td>", value);
}

static void put_classes(struct page *p, const struct eval *e)
{
	page_table(p, "sort", "Scores of labels");
	page_raw(p, "<thead><tr><th scope=\"col\">Label</th>"
		    "<th scope=\"col\" class=\"n\">True cells</th>"
		    "<th scope=\"col\" class=\"n\">Called</th>"
		    "<th scope=\"col\" class=\"n\">Precision</th>"
		    "<th scope=\"col\" class=\"n\">Recall</th>"
		    "<th scope=\"col\" class=\"n\">F1</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < e->n_classes; i++) {
		const struct eval_class *c = &e->classes[i];

		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, strtab_str(&e->names, c->name));
		page_raw(p, "</th><td class=\"n\" data-v=\"%zu\">", c->support);
		page_count(p, c->support);
		page_raw(p, "</td><td class=\"n\" data-v=\"%zu\">", c->predicted);
		page_count(p, c->predicted);
		page_raw(p, "</td>");
		put_number(p, c->precision);
		put_number(p, c->recall);
		put_number(p, c->f1);
		page_raw(p, "</tr>\n");
	}
	page_table_end(p);
	page_raw(p, "<p class=\"note\">Precision: of the cells called so, the share that are. "
		    "Recall: of the cells that are, the share called so. F1 is high only when "
		    "both are.</p>\n");
}

/* ---- the confusion matrix ---- */

#define MAX_CONFUSED 60

/* Labels of the matrix, true ones' cells first: at most MAX_CONFUSED. */
struct confused {
	uint32_t labels[MAX_CONFUSED];
	size_t n;
	uint32_t *place; /* of a name among the labels, or STRTAB_NONE */
	size_t *cells;   /* n x n, truth by predicted */
	size_t *truth;   /* cells of each name */
};

static int compare_truth(const void *a, const void *b, void *arg)
{
	const size_t *truth = arg;
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (truth[x] != truth[y])
		return truth[x] < truth[y] ? 1 : -1;
	return x < y ? -1 : x > y;
}

static void gather(const struct eval *e, struct confused *c)
{
	uint32_t *order = mem_alloc(e->names.n + 1, sizeof(*order));

	MEM_ZERO(c->truth, e->names.n + 1);
	MEM_ARRAY(c->place, e->names.n + 1);
	for (size_t i = 0; i < e->n_pairs; i++)
		c->truth[e->pairs[i].truth] += e->pairs[i].n;
	for (uint32_t i = 0; i < e->names.n; i++) {
		order[i] = i;
		c->place[i] = STRTAB_NONE;
	}
	qsort_r(order, e->names.n, sizeof(*order), compare_truth, c->truth);
	for (; c->n < MIN(e->names.n, MAX_CONFUSED); c->n++) {
		c->labels[c->n] = order[c->n];
		c->place[order[c->n]] = (uint32_t)c->n;
	}
	MEM_ZERO(c->cells, c->n * c->n + 1);
	for (size_t i = 0; i < e->n_pairs; i++) {
		uint32_t t = c->place[e->pairs[i].truth], q = c->place[e->pairs[i].predicted];

		if (t != STRTAB_NONE && q != STRTAB_NONE)
			c->cells[t * c->n + q] += e->pairs[i].n;
	}
	free(order);
}

static void put_confused_row(struct page *p, const struct eval *e, const struct confused *c,
			     size_t t)
{
	size_t of = c->truth[c->labels[t]];

	if (!of)
		return;
	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, strtab_str(&e->names, c->labels[t]));
	page_raw(p, "</th>");
	for (size_t q = 0; q < c->n; q++) {
		size_t n = c->cells[t * c->n + q];
		double share = (double)n / (double)of;

		if (!n) {
			page_raw(p, "<td%s></td>", t == q ? " class=\"same\"" : "");
			continue;
		}
		page_raw(p, "<td class=\"heat%s%s\" style=\"--s:%.3f\" data-tip=\"",
			 t == q ? " same" : "", share > 0.55 ? " full" : "", share);
		page_text(p, strtab_str(&e->names, c->labels[t]));
		page_raw(p, " called ");
		page_text(p, strtab_str(&e->names, c->labels[q]));
		page_raw(p, ": ");
		page_share(p, n, of);
		page_raw(p, "\">");
		page_count(p, n);
		page_raw(p, "</td>");
	}
	page_raw(p, "</tr>\n");
}

static void put_confusion(struct page *p, const struct eval *e)
{
	struct confused c = {.n = 0};

	gather(e, &c);
	page_raw(p, "<h4>Confusion matrix</h4>\n");
	page_table(p, "confusion", "Confusion matrix");
	page_raw(p, "<thead><tr><td>true \xe2\x86\x93 called \xe2\x86\x92</td>");
	for (size_t i = 0; i < c.n; i++) {
		page_raw(p, "<th scope=\"col\"><span>");
		page_text(p, strtab_str(&e->names, c.labels[i]));
		page_raw(p, "</span></th>");
	}
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t t = 0; t < c.n; t++)
		put_confused_row(p, e, &c, t);
	page_table_end(p);
	page_raw(p,
		 "<p class=\"note\">Cells, shaded by the share of the "
		 "true label.%s</p>\n",
		 c.n < e->names.n ? " The 60 labels with most cells." : "");
	free(c.truth);
	free(c.place);
	free(c.cells);
}

/* ---- calibration ---- */

static bool has_calibration(const struct eval *e)
{
	for (size_t i = 0; i < e->n_bins; i++)
		if (e->bins[i].n && !isnan(e->bins[i].confidence) && !isnan(e->bins[i].accuracy))
			return true;
	return false;
}

static void put_calibration(struct page *p, const struct eval *e)
{
	size_t most = 1;

	if (!has_calibration(e))
		return;
	for (size_t i = 0; i < e->n_bins; i++)
		most = MAX(most, e->bins[i].n);
	page_raw(p,
		 "<h4>Calibration</h4>\n<figure class=\"calibration\"><svg "
		 "viewBox=\"-34 -10 250 248\" role=\"img\"><title>Share of right labels by "
		 "confidence; on the diagonal the confidence is right</title>"
		 "<path class=\"axis\" d=\"M0 0V200H200\"/>"
		 "<path class=\"even\" d=\"M0 200L200 0\"/>"
		 "<text x=\"0\" y=\"214\">0</text><text x=\"200\" y=\"214\" "
		 "text-anchor=\"end\">1</text><text x=\"100\" y=\"230\" "
		 "text-anchor=\"middle\">confidence</text><text x=\"-6\" y=\"203\" "
		 "text-anchor=\"end\">0</text><text x=\"-6\" y=\"8\" text-anchor=\"end\">1</text>"
		 "<text x=\"-14\" y=\"100\" text-anchor=\"middle\" "
		 "transform=\"rotate(-90 -14 100)\">right</text>\n");
	for (size_t i = 0; i < e->n_bins; i++) {
		const struct eval_bin *b = &e->bins[i];

		if (!b->n || isnan(b->confidence) || isnan(b->accuracy))
			continue;
		page_raw(p,
			 "<circle class=\"dot\" cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" "
			 "data-tip=\"confidence %.3f, right %.3f, ",
			 200 * b->confidence, 200 - 200 * b->accuracy,
			 2.5 + 6 * sqrt((double)b->n / (double)most), b->confidence, b->accuracy);
		page_count(p, b->n);
		page_raw(p, " cells\"/>\n");
	}
	page_raw(p, "</svg><figcaption class=\"note\">Points above the line: more often right than "
		    "they say. Larger points are more cells.</figcaption></figure>\n");
}

void section_truth(struct page *p, const struct eval *e, size_t n_climbed)
{
	page_section(p, 3, NULL, "Against the true labels");
	put_scores(p, e, n_climbed);
	put_confusion(p, e);
	put_calibration(p, e);
	page_raw(p, "<h4>Scores by label</h4>\n");
	put_classes(p, e);
	page_section_end(p);
}
