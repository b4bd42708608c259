/* parts_private.h - the small parts of a plan, each a name and a line. Private to conf/.
 *
 * "params": the options of each step's filter. "stamps": what else a step's outputs hang on, so
 * that a change of it is seen: of a file its path, size and time (a file from a machine whose
 * clock is ahead, or an old one that was put back, is no newer or older than Make thinks); lists
 * of queries and models; switches that change how a step is done.
 */
#ifndef CONF_PARTS_PRIVATE_H
#define CONF_PARTS_PRIVATE_H

#include "base/text.h"
#include "conf/config.h"

struct parts {
	/* Takes a part; 'line' has no newline. */
	int (*put)(void *arg, const char *name, const char *line, struct err *err);
	void *arg;
};

int parts_params(const struct config *c, const struct parts *to, struct err *err) MUST_USE;
int parts_stamps(const struct config *c, const struct parts *to, struct err *err) MUST_USE;

/* The names of the plan's steps, and so of their manifests, blanks between them: what a run's
 * folder has of steps that are no longer in the plan is not of this run. Also the stamp "steps". */
void parts_manifests(const struct config *c, struct text *t);

/* Columns of the table, and what they are called in the typed h5ad: for h5-obs --map. */
const char *parts_columns(const struct config *c);

#endif
