/* run_log.h - what a run did, from the manifests of its steps.
 *
 * Reads RUN/manifests/NAME.json (base/manifest.h writes them) in name order; where there is a list
 * of the plan's steps, RUN/stamps/steps, only theirs: a folder keeps what an earlier config asked
 * for. What differs between two runs of the same thing (seconds, memory) is not kept; neither are the
 * steps that made reports. A manifest that is not one is an error that names it.
 *
 *	struct run_log *run = run_log_read("runs/pbmc", &err);
 *	for (size_t i = 0; run && i < run->n; i++)
 *		puts(run->steps[i].command);
 *	run_log_free(run);
 */
#ifndef REPORT_RUN_LOG_H
#define REPORT_RUN_LOG_H

#include "base/err.h"
#include "base/mem.h"

struct run_note {
	char *what, *text;
};

struct run_step {
	char *name, *tool, *version, *command; /* "" where the manifest says nothing */
	char **inputs, **outputs;              /* paths as the step had them */
	size_t n_inputs, n_outputs;
	struct run_note *notes; /* decisions, then counts */
	size_t n_notes;
};

struct run_log {
	struct run_step *steps;
	size_t n, cap;
	struct arena arena;
};

struct run_log *run_log_read(const char *folder, struct err *err) MUST_USE;
void run_log_free(struct run_log *r); /* NULL is fine */

/* What a step noted under a name, or NULL. */
const char *run_step_note(const struct run_step *s, const char *what);

/*
 * Is this the step by that tool for the query? One of its inputs is QUERY.h5ad, QUERY.genes.h5ad
 * or QUERY.tsv in some folder.
 */
bool run_step_is(const struct run_step *s, const char *tool, const char *query);

#endif
