/* settings.c - the table of settings. A row more is a key more. */
#include "base/util.h"

#include "conf/settings.h"

const struct setting settings[] = {
	{"outputs", "h5ad", SETTING_SWITCH, NULL, "yes"},
	{"outputs", "report", SETTING_SWITCH, NULL, "yes"},
	{"outputs", "layout", SETTING_SWITCH, NULL, "no"},
	{"outputs", "multiqc", SETTING_SWITCH, NULL, "no"},
	{"outputs", "png", SETTING_SWITCH, NULL, "no"},
	{"outputs", "columns", SETTING_CHOICE, NULL, "pipette spec celltypist"},
	{"subsample", "mode", SETTING_CHOICE, "--mode", "proportional equal cap"},
	{"subsample", "by", SETTING_TEXT, "--by", NULL},
	{"subsample", "cap", SETTING_SIZE, "--cap", NULL},
	{"subsample", "floor", SETTING_SIZE, "--floor", NULL},
	{"subsample", "min_cells", SETTING_SIZE, "--min-cells", NULL},
	{"subsample", "seed", SETTING_SIZE, "--seed", NULL},
	{"concat", "join", SETTING_CHOICE, "--join", "inner outer"},
	{"concat", "min_kept", SETTING_SHARE, "--min-kept", NULL},
	{"train", "recipe", SETTING_CHOICE, "--recipe", "robust celltypist"},
	{"train", "solver", SETTING_CHOICE, "--solver", "lbfgs sgd"},
	{"train", "loss", SETTING_CHOICE, "--loss", "ovr-log softmax hce"},
	{"train", "depths", SETTING_TEXT, "--depths", NULL},
	{"train", "levels", SETTING_TEXT, "--levels", NULL},
	{"train", "C", SETTING_POSITIVE, "--C", "auto"},
	{"train", "alpha", SETTING_NUMBER, "--alpha", NULL},
	{"train", "max_passes", SETTING_SIZE, "--max-passes", NULL},
	{"train", "tol", SETTING_POSITIVE, "--tol", NULL},
	{"train", "feature_selection", SETTING_FLAG, "--feature-selection", NULL},
	{"train", "top_genes", SETTING_SIZE, "--top-genes", NULL},
	{"train", "mini_batch", SETTING_FLAG, "--mini-batch", NULL},
	{"train", "batch_size", SETTING_SIZE, "--batch-size", NULL},
	{"train", "batch_number", SETTING_SIZE, "--batch-number", NULL},
	{"train", "epochs", SETTING_SIZE, "--epochs", NULL},
	{"train", "balance", SETTING_FLAG, "--balance", NULL},
	{"train", "class_weight", SETTING_CHOICE, "--class-weight", "none balanced"},
	{"train", "scaling", SETTING_CHOICE, "--scaling", "soft deviation"},
	{"train", "factors", SETTING_SIZE, "--factors", NULL},
	{"train", "no_mean", SETTING_FLAG, "--no-mean", NULL},
	{"train", "min_cells", SETTING_SIZE, "--min-cells", NULL},
	{"train", "allow_loss", SETTING_FLAG, "--allow-loss", NULL},
	{"train", "keep_label", SETTING_TEXT, "--keep-label", NULL},
	{"train", "holdout", SETTING_TEXT, "--holdout", NULL},
	{"train", "folds", SETTING_SIZE, "--folds", NULL},
	{"train", "by", SETTING_TEXT, "--by", NULL},
	{"train", "memory", SETTING_TEXT, "--memory", NULL},
	{"train", "seed", SETTING_SIZE, "--seed", NULL},
	{"qc", "use", SETTING_SWITCH, NULL, "no"},
	{"qc", "mad", SETTING_NUMBER, "--mad", NULL},
	{"qc", "no_doublets", SETTING_FLAG, "--no-doublets", NULL},
	{"qc", "doublet_rate", SETTING_SHARE, "--doublet-rate", NULL},
	{"qc", "doublet_threshold", SETTING_NUMBER, "--doublet-threshold", NULL},
	{"qc", "seed", SETTING_SIZE, "--seed", NULL},
	{"predict", "mode", SETTING_CHOICE, "--mode", "best prob"},
	{"predict", "threshold", SETTING_SHARE, "--threshold", NULL},
	{"predict", "top", SETTING_SIZE, "--top", NULL},
	{"predict", "slot", SETTING_TEXT, "--slot", NULL},
	{"predict", "min_coverage", SETTING_SHARE, "--min-coverage", NULL},
	{"predict", "levels", SETTING_TEXT, "--levels", NULL},
	{"predict", "slim", SETTING_TEXT, "--slim", NULL},
	{"predict", "missing", SETTING_CHOICE, "--missing", "expected mean"},
	{"ensemble", "rule", SETTING_CHOICE, "--rule", "max mean vote ontology"},
	{"ensemble", "compare", SETTING_CHOICE, "--compare", "auto confidence probability"},
	{"ensemble", "quorum", SETTING_SHARE, "--quorum", NULL},
	{"ensemble", "weights", SETTING_PATH, "--weights", NULL},
	{"mapping", "use", SETTING_SWITCH, NULL, "no"},
	{"mapping", "reference", SETTING_PATH, NULL, NULL},
	{"mapping", "model", SETTING_PATH, NULL, NULL},
	{"mapping", "label", SETTING_TEXT, "--label", NULL},
	{"mapping", "by", SETTING_CHOICE, "--by", "auto cells anchors profiles"},
	{"mapping", "metric", SETTING_CHOICE, "--metric", "cosine euclidean"},
	{"mapping", "weights", SETTING_CHOICE, "--weights", "uniform inverse adaptive hlca sharp"},
	{"mapping", "neighbors", SETTING_SIZE, "--neighbors", NULL},
	{"mapping", "weight", SETTING_SHARE, NULL, NULL},
	{"mapping", "batch", SETTING_TEXT, NULL, NULL},
	{"overcluster", "resolution", SETTING_POSITIVE, "--resolution", "auto"},
	{"vote", "use", SETTING_SWITCH, NULL, "no"},
	{"vote", "clusters", SETTING_TEXT, NULL, NULL},
	{"vote", "min_prop", SETTING_SHARE, "--min-prop", NULL},
	{"vote", "keep_rare", SETTING_SHARE, "--keep-rare", NULL},
	{"gate", "use", SETTING_SWITCH, NULL, "yes"},
	{"gate", "min_confidence", SETTING_SHARE, "--min-confidence", NULL},
	{"gate", "min_margin", SETTING_SHARE, "--min-margin", NULL},
	{"gate", "min_probability", SETTING_SHARE, "--min-probability", NULL},
	{"gate", "max_novelty", SETTING_NUMBER, "--max-novelty", NULL},
	{"gate", "far", SETTING_CHOICE, "--far", "cells clusters"},
	{"gate", "min_explained", SETTING_SHARE, "--min-explained", NULL},
	{"gate", "max_disagreement", SETTING_SHARE, "--max-disagreement", NULL},
	{"gate", "climb", SETTING_SWITCH, NULL, "yes"},
	{"gate", "depth", SETTING_CHOICE, "--depth", "yes no"},
	{"gate", "label", SETTING_TEXT, "--label", NULL},
	{"evidence", "markers", SETTING_SWITCH, NULL, "no"},
	{"evidence", "go", SETTING_SWITCH, NULL, "no"},
	{"evidence", "organ", SETTING_TEXT, "--organ", NULL},
	{"evidence", "llm_url", SETTING_TEXT, NULL, NULL},
	{"evidence", "llm_model", SETTING_TEXT, NULL, NULL},
	{"evidence", "llm_cache", SETTING_TEXT, NULL, NULL},
	{"space", "radius", SETTING_TEXT, "--radius", NULL},
	{"space", "positions", SETTING_TEXT, "--spatial", NULL},
	{"space", "mix", SETTING_SHARE, "--mix", NULL},
	{"space", "diffuse", SETTING_TEXT, "--diffuse", NULL},
	{"space", "pcs", SETTING_SIZE, "--pcs", NULL},
	{"space", "resolution", SETTING_POSITIVE, NULL, NULL},
	{"ontology", "use", SETTING_SWITCH, NULL, "yes"},
	{"ontology", "min_score", SETTING_SHARE, "--min-score", NULL},
	{"ontology", "tissue", SETTING_TEXT, "--tissue", NULL},
	{"ontology", "overrides", SETTING_PATH, "--overrides", NULL},
};

const size_t n_settings = ARRAY_LEN(settings);

size_t setting_find(const char *section, size_t section_len, const char *key)
{
	for (size_t i = 0; i < n_settings; i++)
		if (strncmp(settings[i].section, section, section_len) == 0 &&
		    settings[i].section[section_len] == '\0' && str_eq(settings[i].key, key))
			return i;
	return SIZE_MAX;
}

const char *setting_kind_name(enum setting_kind kind)
{
	static const char *const names[] = {"flag",  "switch", "size", "number", "positive",
					    "share", "text",   "path", "choice"};

	return names[kind];
}
