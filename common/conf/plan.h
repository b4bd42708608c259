/* plan.h - the steps of a config as files that Make reads, or as JSON for other engines.
 *
 * In 'folder': run.mk (a rule for every step, included by workflows/typing.mk), stamps/STEP (what
 * the step hangs on beside its inputs: its command, and path, size and time of files from
 * elsewhere; a file from a machine whose clock is ahead, or an old one that was put back, is no
 * newer or older than Make thinks) and stamps/steps (the names of all). A file whose content would
 * stay the same is not touched: what depends on it stays fresh.
 *
 *	if (plan_claim("runs/colon", false, err) ||
 *	    plan_write(config, steps, "colon.yaml", "runs/colon", &told, err))
 *		return -1;
 *	return plan_print(config, steps, "runs/colon", stdout, err);     // for other engines
 */
#ifndef CONF_PLAN_H
#define CONF_PLAN_H

#include "conf/steps.h"

/*
 * Write the version of this program into 'folder', which is made. A run of another version that
 * is there is refused, unless 'adopt'.
 */
int plan_claim(const char *folder, bool adopt, struct err *err) MUST_USE;

/* The config that the run in 'folder' was made from, when that is another file: the caller's. */
char *plan_other_config(const char *folder, const char *config_path);

/* A step whose outputs are not what it wrote is to be done again (conf/intact.h): a line of 'told'
 * for each. */
int plan_write(const struct config *c, const struct steps *steps, const char *config_path,
	       const char *folder, struct text *told, struct err *err) MUST_USE;

/* Only stamps/steps: the names of the steps, which tell a run's manifests from older ones. */
int plan_write_steps(const struct steps *steps, const char *folder, struct err *err) MUST_USE;

/*
 * The same plan as one JSON object: name, run (the folder that its files are in), names (as in
 * stamps/steps), and "steps", in an order in which they can be run. Each has name, step (the
 * row's), of (an object), inputs, sources (files from elsewhere), outputs, patterns,
 * reads_manifests, manifest, threads, where, command ({threads} in it stands for the filter's
 * option) and stamp.
 */
int plan_print(const struct config *c, const struct steps *steps, const char *folder, FILE *file,
	       struct err *err) MUST_USE;

#endif
