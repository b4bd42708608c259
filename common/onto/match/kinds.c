/* kinds.c - one label asked of several ontologies. */
#include "base/util.h"

#include "onto/match/calibrate.h"
#include "onto/match/kinds.h"

/* An alias of ours ("melanoma" is a neoplastic cell) is no name that an ontology gives. */
#define ALIAS_SCORE 0.95

const char *const kinds_names[] = {"cell", "tissue", "disease", "all", NULL};

/* Which ontologies a kind asks, and in which order. */
static const char *const orders[][KINDS_MOST] = {
	{"CL:"}, {"UBERON:", "CL:"}, {"NCIT:", "CL:"}, {"CL:", "NCIT:", "UBERON:"}};

/* Only cell types have words, aliases, patterns and a fit. */
static struct matcher *open_one(const char *prefix, struct matcher_files f, struct err *err)
{
	if (str_eq(prefix, "CL:"))
		return matcher_open(&f, err);
	f.ontology_name =
		str_eq(prefix, "UBERON:") ? "ontology/uberon.tsv.gz" : "ontology/oncotree.tsv";
	f.prefix = prefix;
	f.words = f.aliases = f.calibration = f.patterns = "";
	return matcher_open(&f, err);
}

int kinds_open(struct kinds *k, const char *kind, const char *patterns, const char *overrides,
	       struct err *err)
{
	size_t row = 0;

	*k = (struct kinds){.n = 0};
	while (kinds_names[row] && !str_eq(kinds_names[row], kind))
		row++;
	if (!kinds_names[row])
		BUG("no kind is called %s", kind);
	bool alone = !orders[row][1];

	for (size_t i = 0; i < KINDS_MOST && orders[row][i]; i++) {
		struct matcher_files f = {.patterns = patterns, .overrides = overrides};

		f.others_overridden = !alone;
		k->list[i] = open_one(orders[row][i], f, err);
		if (str_eq(orders[row][i], "CL:"))
			k->cells = i;
		if (!k->list[i]) {
			kinds_close(k);
			return -1;
		}
		k->n++;
	}
	return 0;
}

void kinds_close(struct kinds *k)
{
	for (size_t i = 0; i < k->n; i++)
		matcher_free(k->list[i]);
	*k = (struct kinds){.n = 0};
}

/* Answers come in the order asked and stay so among equals. */
static size_t insert(struct match *found, size_t n, size_t cap, struct match f)
{
	size_t at = n;

	if (f.kind == KIND_EXACT + 1 && f.tier == TIER_EXACT)
		f.tier_score = ALIAS_SCORE;
	f.score = f.tier_score;
	while (at > 0 && found[at - 1].tier_score < f.tier_score)
		at--;
	if (at == cap)
		return n;
	n = MIN(n + 1, cap);
	memmove(found + at + 1, found + at, (n - at - 1) * sizeof(*found));
	found[at] = f;
	return n;
}

/* As matcher_match_among; of several ontologies the scores are the tiers' own. */
static size_t kinds_match(const struct kinds *k, const char *label, const char *tissue,
			  uint32_t around, struct match *found, size_t cap)
{
	struct match some[MATCH_MOST], none = {.term = ONTO_NONE};
	size_t n = 0;

	if (k->n == 1)
		return matcher_match_among(k->list[0], label, tissue, around, found, cap);
	cap = MIN(cap, (size_t)MATCH_MOST);
	for (size_t i = 0; i < k->n; i++) {
		size_t got = matcher_match(k->list[i], label, tissue, some, cap);

		if (some[0].tier == TIER_OVERRIDE) {
			memcpy(found, some, got * sizeof(*some));
			return got;
		}
		if (some[0].term == ONTO_NONE && (!none.how[0] || i == k->cells))
			none = some[0];
		for (size_t j = 0; j < got; j++)
			if (some[j].term != ONTO_NONE)
				n = insert(found, n, cap, some[j]);
	}
	/* A pattern that says "unknown" is better than a far name. */
	if (n && (found[0].tier_score >= KINDS_FLOOR || none.kind != KIND_PATTERN_FIRST))
		return n;
	found[0] = none;
	return 1;
}

/* ---- all labels of a file ---- */

#define LABELS_PER_PART ((size_t)64)

/* The answer that came with the label; false when it is no term of the ontology's. */
static bool given_answer(const struct kinds *k, const char *id, struct match *f)
{
	const struct onto *o = matcher_onto(k->list[k->cells]);
	uint32_t term = id && *id ? onto_find(o, id) : ONTO_NONE;

	if (term == ONTO_NONE || (term = onto_current(o, term)) == ONTO_NONE)
		return false;
	*f = (struct match){.tier = TIER_OVERRIDE,
			    .term = term,
			    .id = o->terms[term].id,
			    .name = o->terms[term].label,
			    .score = 1,
			    .tier_score = 1,
			    .how = "given with the cells"};
	return true;
}

static size_t answer_label(const struct answers *a, size_t label, struct match *found)
{
	const struct labels *l = a->labels;
	size_t n = kinds_match(a->kinds, l->texts[label], l->tissues[label], a->around, found,
			       a->most);

	if (found[0].tier == TIER_OVERRIDE || !given_answer(a->kinds, l->ids[label], found))
		return n;
	return 1;
}

static void match_part(void *job, size_t part)
{
	struct answers *a = job;
	size_t first = part * LABELS_PER_PART;
	size_t last = MIN(first + LABELS_PER_PART, a->labels->keys.n);

	for (size_t i = first; i < last; i++)
		if (!a->n_found[i])
			a->n_found[i] = answer_label(a, i, a->found + i * a->most);
}

/* Forget the answers to codes that the tissue may settle; how many. */
static size_t reopen_codes(struct answers *a)
{
	size_t n = a->labels->keys.n, n_open = 0;

	a->around = matcher_around(a->kinds->list[0], a->found, n, a->most);
	for (size_t i = 0; i < n && a->around != TISSUE_NONE; i++)
		if (a->found[i * a->most].meanings) {
			a->n_found[i] = 0;
			n_open++;
		}
	return n_open;
}

size_t answers_find(struct answers *a, struct pool *pool)
{
	size_t n = a->labels->keys.n, n_parts = (n + LABELS_PER_PART - 1) / LABELS_PER_PART;
	size_t n_settled = 0;

	MEM_ZERO(a->found, mem_product(n + 1, a->most));
	MEM_ZERO(a->n_found, n + 1);
	pool_run(pool, n_parts, match_part, a);
	if (a->kinds->n == 1)
		n_settled = reopen_codes(a);
	if (n_settled)
		pool_run(pool, n_parts, match_part, a);
	return n_settled;
}

void answers_release(struct answers *a)
{
	free(a->found);
	free(a->n_found);
	a->found = NULL;
	a->n_found = NULL;
}

bool answers_heed_tissue(const struct answers *a, struct text *known)
{
	const struct matcher *cells = a->kinds->list[a->kinds->cells];
	const struct labels *l = a->labels;

	for (size_t i = 0; i < l->keys.n; i++)
		if (l->tissues[i] && matcher_knows_tissue(cells, l->tissues[i]))
			return true;
	matcher_tissues(cells, known);
	return false;
}
