/* obo.h - reading OBO files (format 1.2 and 1.4), a stanza at a time.
 *
 * Knows the syntax and nothing of what terms mean: escapes, trailing modifiers {...}, comments
 * after '!', quoted strings, line continuations. Tags that carry no fact the project uses
 * (definitions, comments, property values) are skipped.
 *
 *	struct obo *in = obo_open("cl.obo.gz", &err);
 *	struct obo_term term;
 *	while ((got = obo_next(in, &term, &err)) > 0)
 *		use(&term);
 *	obo_close(in);
 *
 * Plain or gzip. Every error names the file and the line. [Typedef] and [Instance] stanzas are
 * not terms and are passed over, even when their ids look like a term's.
 */
#ifndef ONTO_OBO_H
#define ONTO_OBO_H

#include "base/err.h"

enum obo_scope { OBO_EXACT, OBO_RELATED, OBO_BROAD, OBO_NARROW, OBO_SCOPES };

/* A list of strings owned by the reader. */
struct obo_list {
	char **items;
	size_t n, cap;
};

struct obo_term {
	const char *id;   /* never NULL or empty */
	const char *name; /* "" when the stanza has none */
	size_t line;      /* of the stanza's header */
	bool obsolete;
	struct obo_list synonyms[OBO_SCOPES];
	struct obo_list is_a, alt_id, xref, subset, replaced_by, consider;
	struct obo_list relationships; /* "part_of GO:0005575" */
	struct obo_list namespaces;    /* at most one, in sound files */
};

struct obo;

struct obo *obo_open(const char *path, struct err *err) MUST_USE;

/* 1 and a term whose strings live until the next call, 0 at the end, -1. */
int obo_next(struct obo *in, struct obo_term *term, struct err *err) MUST_USE;
void obo_close(struct obo *in); /* NULL is fine */

/* From the header, "" when absent. Complete once obo_next has been called. */
const char *obo_version(const struct obo *in);

#endif
