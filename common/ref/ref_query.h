/* ref_query.h - from a question to the list of references that answer it.
 *
 * Looks in the registry, in the tables of local studies, and, when asked, in the indexes of
 * CELLxGENE and CellTypist; keeps what matches, once, in the order it was found; and fills in
 * where a CELLxGENE dataset is.
 *
 *	struct query q = {.sources = &none, ..., .ids = "lung_covid"};
 *	struct answer a = ANSWER_INIT;
 *	if (query_ask(&q, &registry, &a, &err))
 *		die_err(&err);
 *	references_write(&a.list, "-", &err);
 *	answer_release(&a);
 */
#ifndef REF_REF_QUERY_H
#define REF_REF_QUERY_H

#include "base/opt.h"
#include "base/text.h"
#include "ref/registry.h"
#include "ref/samples.h"

struct query {
	const struct opt_list *sources; /* none: all but models; with presets: local */
	const struct opt_list *conditions, *tissues, *organisms; /* regular expressions */
	const char *const *terms;
	const struct opt_list *types; /* regular expressions: a study has cells of any of these */
	size_t n_terms, min_cells, min_type_cells; /* the last: of such types together */
	const char *ids, *presets;                 /* "A,B,...", or NULL */
	/* Where to look; NULL for not at all, or as the registry says. */
	const char *census, *descriptor, *mirror, *discover, *models_index, *data;
	bool look_inside; /* of local files, for the label column */
	/* The service's answer to 'discover' is kept in this cache (net/cache.h), and asked for again
	 * only with 'refresh'; 'offline': never. */
	const char *cache;
	bool refresh, offline;
};

struct answer {
	struct references list;
	struct references found;     /* what was looked through; owns texts of 'list' */
	struct samples samples;      /* of the listed studies, of the types asked for */
	struct text notes, warnings; /* for people, a line each */
};

/* clang-format off */
#define ANSWER_INIT { .notes = TEXT_INIT, .warnings = TEXT_INIT }
/* clang-format on */

/* 'reg' takes the Census release that was chosen; it must outlive the answer. */
int query_ask(const struct query *q, struct registry *reg, struct answer *a,
	      struct err *err) MUST_USE;
void answer_release(struct answer *a);

/* Is 's' a source's name? */
bool query_is_source(const char *s);

#endif
