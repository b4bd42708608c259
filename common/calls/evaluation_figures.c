/* evaluation_figures.c - see evaluation_figures.h. */
#include "base/util.h"

#include "calls/evaluation_figures.h"

size_t evaluation_figures(const struct judgement *j, struct figure out[N_FIGURES])
{
	const struct evaluation *e = j->scores;
	const struct figure plain[] = {
		{"cells", (double)e->n_cells},
		{"without_truth", (double)j->n_without},
		{"unknown", (double)e->n_unknown},
		{"accuracy", e->accuracy},
		{"known_accuracy", e->known_accuracy},
		{"balanced_accuracy", e->balanced_accuracy},
		{"macro_f1", e->macro_f1},
		{"weighted_f1", e->weighted_f1},
		{"calibration_error", e->calibration_error},
		{"nll", e->nll},
		{"brier", e->brier},
	};
	size_t n = ARRAY_LEN(plain);

	memcpy(out, plain, sizeof(plain));
	if (j->gates[0]) {
		const struct evaluation *before = j->gates[0], *after = j->gates[1];
		const struct figure gate[] = {
			{"before_gate_accuracy", before->accuracy},
			{"before_gate_macro_f1", before->macro_f1},
			{"after_gate_unknown", (double)after->n_unknown},
			{"after_gate_known_accuracy", after->known_accuracy},
			{"after_gate_macro_f1", after->macro_f1},
		};

		memcpy(out + n, gate, sizeof(gate));
		n += ARRAY_LEN(gate);
	}
	if (j->novelty) {
		const struct figure strange[] = {
			{"unseen", (double)j->novelty->n_unseen},
			{"novelty_auroc", j->novelty->auroc},
			{"novelty_aupr", j->novelty->aupr},
			{"novelty_fpr95", j->novelty->fpr95},
		};

		memcpy(out + n, strange, sizeof(strange));
		n += ARRAY_LEN(strange);
	}
	if (j->common) {
		const struct figure in_common[] = {
			{"common_accuracy", j->common->accuracy},
			{"common_balanced_accuracy", j->common->balanced_accuracy},
			{"common_macro_f1", j->common->macro_f1},
			{"common_calibration_error", j->common->calibration_error},
			{"common_nll", j->common->nll},
			{"common_brier", j->common->brier},
		};

		memcpy(out + n, in_common, sizeof(in_common));
		n += ARRAY_LEN(in_common);
	}
	if (j->lenient) {
		const struct figure with_ontology[] = {
			{"lenient_accuracy", lenient_accuracy(j->lenient)},
			{"hierarchical_precision", lenient_precision(j->lenient)},
			{"hierarchical_recall", lenient_recall(j->lenient)},
			{"hierarchical_f", lenient_f(j->lenient)},
		};

		memcpy(out + n, with_ontology, sizeof(with_ontology));
		n += ARRAY_LEN(with_ontology);
	}
	return n;
}
