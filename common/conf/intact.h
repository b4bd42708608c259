/* intact.h - is what a step made still there as it was made?
 *
 * A step writes its outputs and then its manifest, which has their sizes and sums. An output that
 * is not in step with that is looked at again: one whose size differs, or that was written after
 * the manifest or long before it and has another sum, was changed by somebody else. Whatever is
 * made of it would be wrong and look right:
 *
 *	if (!step_is_intact(step, "runs/colon", &which))
 *		say("%s is not what its step wrote", which.s);
 *
 * What is not there is no matter: Make sees that. A file of the size and time it should have is
 * taken for what it was; workflows/run/verify reads every one.
 */
#ifndef CONF_INTACT_H
#define CONF_INTACT_H

#include "conf/steps.h"

/* 'which' gets the name of the first output that is not. */
bool step_is_intact(const struct step *step, const char *folder, struct text *which);

#endif
