/* table_ids.h - ids in a table's rows, looked up; those that are not there are told all at once.
 *
 * Whoever reads a table of ids wants the terms they stand for today, and a user who made a mistake
 * wants to hear of every such line, not of the first.
 *
 *	struct table_ids ids = {.onto = cl, .unknown = TEXT_INIT};
 *	while ((got = tsv_next(in, err)) > 0)
 *		use(table_ids_find(&ids, in->fields[column], in->line));    // ONTO_NONE: noted
 *	return table_ids_end(&ids, path, got, err);
 */
#ifndef ONTO_TABLE_IDS_H
#define ONTO_TABLE_IDS_H

#include "base/text.h"
#include "onto/onto.h"

struct table_ids {
	const struct onto *onto; /* borrowed */
	struct text unknown;
};

/* The term that an id stands for today (onto_current), or ONTO_NONE: then its line is noted. */
uint32_t table_ids_find(struct table_ids *t, const char *id, size_t line);

/*
 * 'got' as reading ended, with 'err' filled if below 0; or, when ids were not found, -1 and an
 * error that lists them. Releases 't'.
 */
int table_ids_end(struct table_ids *t, const char *path, int got, struct err *err) MUST_USE;

#endif
