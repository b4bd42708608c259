/* evaluation_figures.c - see evaluation_figures.h. */
#include "base/util.h"

#include "calls/evaluation_figures.h"

static size_t add(struct figure *out, size_t n, const struct figure *more, size_t n_more)
{
	memcpy(out + n, more, n_more * sizeof(*more));
	return n + n_more;
}

static size_t add_counts(const struct judgement *j, struct figure *out, size_t n)
{
	const struct figure counts[] = {
		{"cells", (double)j->scores->n_cells},
		{"without_truth", (double)j->n_without},
		{"unknown", (double)j->scores->n_unknown},
	};

	return add(out, n, counts, ARRAY_LEN(counts));
}

/* By the words alone, which are no figures of the calls where the truth has other words. */
static size_t add_plain(const struct evaluation *e, struct figure *out, size_t n)
{
	const struct figure plain[] = {
		{"accuracy", e->accuracy},
		{"known_accuracy", e->known_accuracy},
		{"balanced_accuracy", e->balanced_accuracy},
		{"macro_f1", e->macro_f1},
		{"weighted_f1", e->weighted_f1},
		{"calibration_error", e->calibration_error},
		{"nll", e->nll},
		{"brier", e->brier},
	};

	return add(out, n, plain, ARRAY_LEN(plain));
}

static size_t add_gate(const struct judgement *j, struct figure *out, size_t n)
{
	const struct evaluation *before = j->gates[0], *after = j->gates[1];
	const struct figure gate[] = {
		{"before_gate_accuracy", before->accuracy},
		{"before_gate_macro_f1", before->macro_f1},
		{"after_gate_unknown", (double)after->n_unknown},
		{"after_gate_known_accuracy", after->known_accuracy},
		{"after_gate_macro_f1", after->macro_f1},
	};

	return add(out, n, gate, ARRAY_LEN(gate));
}

static size_t add_novelty(const struct novelty_scores *s, struct figure *out, size_t n)
{
	const struct figure strange[] = {
		{"unseen", (double)s->n_unseen},
		{"novelty_auroc", s->auroc},
		{"novelty_aupr", s->aupr},
		{"novelty_fpr95", s->fpr95},
	};

	return add(out, n, strange, ARRAY_LEN(strange));
}

static size_t add_classes(const struct class_scores *s, struct figure *out, size_t n)
{
	const struct figure shares[] = {
		{"class_cells", (double)s->n_cells},
		{"class_beyond", (double)s->n_beyond},
		{"class_nll", s->nll},
		{"class_brier", s->brier},
	};

	return add(out, n, shares, ARRAY_LEN(shares));
}

static size_t add_common(const struct evaluation *e, struct figure *out, size_t n)
{
	const struct figure in_common[] = {
		{"common_accuracy", e->accuracy},
		{"common_balanced_accuracy", e->balanced_accuracy},
		{"common_macro_f1", e->macro_f1},
		{"common_calibration_error", e->calibration_error},
		{"common_nll", e->nll},
		{"common_brier", e->brier},
	};

	return add(out, n, in_common, ARRAY_LEN(in_common));
}

static size_t add_lenient(const struct lenient *l, struct figure *out, size_t n)
{
	const struct figure with_ontology[] = {
		{"lenient_accuracy", lenient_accuracy(l)},
		{"hierarchical_precision", lenient_precision(l)},
		{"hierarchical_recall", lenient_recall(l)},
		{"hierarchical_f", lenient_f(l)},
	};

	return add(out, n, with_ontology, ARRAY_LEN(with_ontology));
}

size_t evaluation_figures(const struct judgement *j, struct figure out[N_FIGURES])
{
	size_t n = add_counts(j, out, 0);

	if (j->common)
		n = add_common(j->common, out, n);
	n = add_plain(j->scores, out, n);
	if (j->gates[0])
		n = add_gate(j, out, n);
	if (j->novelty)
		n = add_novelty(j->novelty, out, n);
	if (j->classes)
		n = add_classes(j->classes, out, n);
	if (j->lenient)
		n = add_lenient(j->lenient, out, n);
	return n;
}
