/* patterns.h - regular expressions over labels (PCRE2, compiled once, JIT where there is one).
 *
 * ontology/patterns.tsv: pattern, id ("-" for no cell type), name, when. A label is matched in
 * lower case with underscores as spaces. 'when' is "first" (before anything else is tried),
 * or "last" (when names gave nothing better). Within each, the first row that matches wins.
 *
 *	struct patterns *p = patterns_read("ontology/patterns.tsv", cl, &err);
 *	struct pattern_hit hit;
 *	if (patterns_match(p, PATTERN_FIRST, "Doublets", &hit) && hit.term == ONTO_NONE)
 *		puts(hit.name);                      // why it is no cell type
 *	patterns_free(p);
 */
#ifndef ONTO_NAMES_PATTERNS_H
#define ONTO_NAMES_PATTERNS_H

#include "onto/onto.h"

enum pattern_when { PATTERN_FIRST, PATTERN_LAST };

struct patterns;

struct pattern_hit {
	uint32_t term;    /* ONTO_NONE for "-" */
	const char *name; /* as the table has it: for "-" the reason */
	size_t line;      /* of the table */
};

/*
 * Read a table. A regular expression that does not compile is an error with line, offset and
 * PCRE2's words; ids that the ontology does not have are all listed in one error.
 */
struct patterns *patterns_read(const char *path, const struct onto *onto, struct err *err) MUST_USE;
void patterns_free(struct patterns *p); /* NULL is fine */

/*
 * The first pattern of that kind that matches. A pattern that takes too many steps on a label
 * does not match it. Safe from several threads.
 */
bool patterns_match(const struct patterns *p, enum pattern_when when, const char *label,
		    struct pattern_hit *hit);

#endif
