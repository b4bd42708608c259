/* kinds.h - what labels may name (cell types, tissues, diseases), and by which ontologies.
 *
 *	struct kinds k;
 *	if (kinds_open(&k, "disease", NULL, NULL, &err))   // NCI Thesaurus, then the Cell Ontology
 *		die_err(&err);
 *	struct answers a = {.kinds = &k, .labels = &labels, .most = 3};
 *	answers_find(&a, pool);
 *	puts(answers_of(&a, 0)->id);                    // "CL:0000057" for "fibroblast"
 *	answers_release(&a);
 *	kinds_close(&k);
 *
 * "cell" asks the Cell Ontology alone, and its scores are fitted probabilities. The others ask
 * their own ontology and then the Cell Ontology, "all" the Cell Ontology, then the others. There
 * was nothing to fit these to: their scores are the fixed ones of the tiers (an alias of ours
 * counts as a pattern does), the best first, ties to the ontology asked first; under KINDS_FLOOR no
 * answer is worth an id. Read-only once open; answers borrow from it.
 */
#ifndef ONTO_MATCH_KINDS_H
#define ONTO_MATCH_KINDS_H

#include "base/pool.h"
#include "onto/match/labels.h"
#include "onto/match/match.h"

#define KINDS_FLOOR 0.7
#define KINDS_MOST 3

struct kinds {
	struct matcher *list[KINDS_MOST]; /* in the order asked */
	size_t n, cells;                  /* which of them is the Cell Ontology's */
};

/* "cell", "tissue", "disease", "all", NULL. */
extern const char *const kinds_names[];

/*
 * Open what a kind needs. 'patterns' and 'overrides' are paths or NULL; patterns are the Cell
 * Ontology's, overrides anyone's. Zeroes 'k' first; -1 leaves nothing open.
 */
int kinds_open(struct kinds *k, const char *kind, const char *patterns, const char *overrides,
	       struct err *err) MUST_USE;
void kinds_close(struct kinds *k);

/* The caller sets the first three; the same answers for any number of threads. */
struct answers {
	const struct kinds *kinds;
	const struct labels *labels;
	size_t most; /* per label */
	struct match *found;
	size_t *n_found; /* per label */
	uint32_t around; /* the tissue that the labels speak of, known after a first round */
};

/*
 * Match every label; one that came with an id of the Cell Ontology has that, unless an override
 * says another. Of the Cell Ontology alone, codes that nothing settled are asked again with
 * the tissue that the other labels speak of: returns how many.
 */
size_t answers_find(struct answers *a, struct pool *pool);
void answers_release(struct answers *a);

/*
 * Does any rule ask for the tissue that came with a label, of any? If not it changes nothing, and
 * 'known' lists the tissues that rules do ask for.
 */
bool answers_heed_tissue(const struct answers *a, struct text *known);

/* The first of a label's answers. */
static inline const struct match *answers_of(const struct answers *a, size_t label)
{
	return a->found + label * a->most;
}

#endif
