/* evals.c - see evals.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "format/json_read.h"
#include "report/evals.h"

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static uint32_t name(struct eval *e, const json_t *object, const char *key)
{
	return strtab_add(&e->names, document_text(object, key));
}

static void read_classes(struct eval *e, const json_t *list)
{
	MEM_ZERO(e->classes, json_array_size(list) + 1);
	for (; e->n_classes < json_array_size(list); e->n_classes++) {
		const json_t *c = json_array_get(list, e->n_classes);

		e->classes[e->n_classes] = (struct eval_class){
			name(e, c, "class"),           document_size(c, "support"),
			document_size(c, "predicted"), number(c, "precision"),
			number(c, "recall"),           number(c, "f1")};
	}
}

static void read_pairs(struct eval *e, const json_t *list)
{
	MEM_ZERO(e->pairs, json_array_size(list) + 1);
	for (; e->n_pairs < json_array_size(list); e->n_pairs++) {
		const json_t *c = json_array_get(list, e->n_pairs);
		uint32_t truth = name(e, c, "truth"), predicted = name(e, c, "predicted");

		e->pairs[e->n_pairs] =
			(struct eval_pair){truth, predicted, document_size(c, "cells")};
	}
}

static void read_bins(struct eval *e, const json_t *list)
{
	MEM_ZERO(e->bins, json_array_size(list) + 1);
	for (; e->n_bins < json_array_size(list); e->n_bins++) {
		const json_t *c = json_array_get(list, e->n_bins);

		e->bins[e->n_bins] = (struct eval_bin){
			document_size(c, "cells"), number(c, "confidence"), number(c, "accuracy")};
	}
}

/* With ids there are figures in the true labels' words, which say more where the words differ. */
static void read_common(struct eval *e, const json_t *root)
{
	e->common = json_is_object(json_object_get(root, "common"));
	e->common_accuracy = number(root, "common_accuracy");
	e->nll = number(root, e->common ? "common_nll" : "nll");
	e->brier = number(root, e->common ? "common_brier" : "brier");
	e->calibration_error =
		number(root, e->common ? "common_calibration_error" : "calibration_error");
	e->unseen = number(root, "unseen");
	e->novelty_auroc = number(root, "novelty_auroc");
	e->novelty_fpr95 = number(root, "novelty_fpr95");
}

static char *name_of(const char *path)
{
	const char *base = path_file(path);
	size_t len = strlen(base);

	return mem_strn(base, str_ends(base, ".json") && len > 5 ? len - 5 : len);
}

struct eval *eval_read(const char *path, struct err *err)
{
	json_t *root = document_read(path, err), *words;
	struct eval *e;

	if (!root)
		return NULL;
	if (!json_is_number(json_object_get(root, "accuracy"))) {
		json_decref(root);
		return err_null(err, "%s: no \"accuracy\" in it: not what evaluate --json writes",
				path);
	}
	e = mem_zero(1, sizeof(*e));
	e->name = name_of(path);
	e->label = mem_str(document_text(root, "label"));
	e->cells = number(root, "cells");
	e->accuracy = number(root, "accuracy");
	e->balanced_accuracy = number(root, "balanced_accuracy");
	e->macro_f1 = number(root, "macro_f1");
	e->lenient_accuracy = number(root, "lenient_accuracy");
	e->hierarchical_f = number(root, "hierarchical_f");
	e->without_truth = number(root, "without_truth");
	e->before_gate_accuracy = number(root, "before_gate_accuracy");
	e->after_gate_unknown = number(root, "after_gate_unknown");
	e->after_gate_known_accuracy = number(root, "after_gate_known_accuracy");
	read_common(e, root);
	words = e->common ? json_object_get(root, "common") : root;
	read_classes(e, json_object_get(words, "classes"));
	read_pairs(e, json_object_get(words, "confusion"));
	read_bins(e, json_object_get(words, "calibration"));
	json_decref(root);
	return e;
}

void eval_free(struct eval *e)
{
	if (!e)
		return;
	strtab_release(&e->names);
	free(e->classes);
	free(e->pairs);
	free(e->bins);
	free(e->label);
	free(e->name);
	free(e);
}
