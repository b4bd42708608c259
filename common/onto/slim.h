/* slim.h - a chosen list of terms: a subset that the ontology names, or a file of ids.
 *
 *	bool *slim = slim_read(onto, "blood_and_immune_upper_slim", &err);
 *	if (slim && slim[term])
 *		puts(onto->terms[term].label);
 *	free(slim);
 */
#ifndef ONTO_SLIM_H
#define ONTO_SLIM_H

#include "onto/onto.h"

/*
 * One flag per term for those of 'what': a subset such as "blood_and_immune_upper_slim", else a
 * TSV whose column id (or the first) lists them. Ids that the ontology does not have are all named
 * in one error. NULL on failure; the caller frees.
 */
bool *slim_read(const struct onto *o, const char *what, struct err *err) MUST_USE;

#endif
