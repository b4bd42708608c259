/* plan_private.h - files of a run's folder, for conf/plan.c and conf/claim.c.
 *
 * A file that would say the same again is left alone, so that its time stays and nothing that
 * depends on it is made anew.
 */
#ifndef CONF_PLAN_PRIVATE_H
#define CONF_PLAN_PRIVATE_H

#include "base/text.h"
#include "conf/plan.h"

/* How run.mk begins; the config's path and a colon follow. */
#define WRITTEN_FROM "# Written by conf-mk from "

/* A file of the folder, left alone, its time too, when that is what it holds. */
int plan_write_if_changed(const char *folder, const char *name, const struct text *content,
			  struct err *err) MUST_USE;

#endif
