/* plan.h - a checked config as files that Make reads, or as JSON for other engines.
 *
 * In 'folder': run.mk (variables only; the rules are workflows/typing.mk), params/STEP (the
 * options of each step's filter, one line) and stamps/THING (what else a step hangs on, see
 * conf/parts.h). A file whose content would stay the same is not touched: what depends on it
 * stays fresh.
 */
#ifndef CONF_PLAN_H
#define CONF_PLAN_H

#include "conf/config.h"

/*
 * Write the version of this program into 'folder', which is made. A run of another version that
 * is there is refused, unless 'adopt'.
 */
int plan_claim(const char *folder, bool adopt, struct err *err) MUST_USE;

/* The config that the run in 'folder' was made from, when that is another file: the caller's. */
char *plan_other_config(const char *folder, const char *config_path);

int plan_write(const struct config *c, const char *config_path, const char *folder,
	       struct err *err) MUST_USE;

/* Only stamps/steps: the names of the steps, which tell a run's manifests from older ones. */
int plan_write_steps(const struct config *c, const char *folder, struct err *err) MUST_USE;

/* The same plan as one JSON object: name, switches, columns of the h5ad, references, queries,
 * models (the one that is trained first), and "params" and "stamps", by their names. What is not
 * there is "". */
int plan_print(const struct config *c, FILE *file, struct err *err) MUST_USE;

#endif
