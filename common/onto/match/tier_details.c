/* tier_details.c - see tier_details.h. */
#include "base/util.h"

#include "onto/match/drop_parts.h"
#include "onto/match/drop_words.h"
#include "onto/match/overlap.h"
#include "onto/match/tier_code.h"
#include "onto/match/tier_details.h"
#include "onto/names/kin.h"

/* "B_memory" and "NK-1" are no compartments. */
#define SHORTEST_COMPARTMENT 4

/* "Lymphoid_T", "Epithelial - Club": a compartment, and a kind of it. */
static const struct name *find_in_compartment(const struct asked *q, const char *label)
{
	char outer[WORDS_BYTES];
	size_t cut = strcspn(label, "_-"), rest = cut + strspn(label + cut, " _-");

	if (cut < SHORTEST_COMPARTMENT || cut >= sizeof(outer) || !label[rest])
		return NULL;
	snprintf(outer, sizeof(outer), "%.*s", (int)cut, label);
	const struct name *n = find_whole(q, outer).name;
	const struct name *inner = n ? find_whole(q, label + rest).name : NULL;

	return inner && onto_is_a(q->names->onto, inner->term, n->term) ? inner : NULL;
}

/*
 * "Dendritic cell (DC2)", "DC:monocyte-derived", "T cells, CD4+" in two: the type, and the details.
 * False when there are no details, or nothing before them.
 */
static bool split_details(const char *label, char *type, char *details, size_t room)
{
	size_t cut = strcspn(label, "([:,|>");

	if (!label[cut] || cut + 1 >= room || strspn(label, " _-") >= cut)
		return false;
	snprintf(type, room, "%.*s", (int)cut, label);
	snprintf(details, room, "%s", label + cut + 1);
	return true;
}

static const struct name *find_inner(const struct asked *q, const char *details)
{
	char plain[WORDS_BYTES];
	const struct name *n = find_name(q, details).name;

	if (!n)
		n = details_find(q, details);
	if (!n && without_origin(q, details, plain, sizeof(plain)))
		n = find_name(q, plain).name;
	return n;
}

static bool is_abbreviation(const char *s)
{
	size_t upper = 0, n = strcspn(s, " _");

	for (size_t i = 0; i < n; i++)
		upper += s[i] >= 'A' && s[i] <= 'Z';
	return n >= 2 && n <= 4 && upper + 1 >= n && !s[n + strspn(s + n, " _")];
}

/* Do the details alone name a type by a word of their own? "MC (Muller)", "MC (mesangial)". */
static bool spelt_out(const struct asked *q, const char *details)
{
	struct words w;

	words_fold(&w, details);
	return w.n > 0 && strlen(word(&w, 0)) > 5 && !reduce_is_state(word(&w, 0)) &&
	       find_whole(q, details).name;
}

const struct name *details_find(const struct asked *q, const char *label)
{
	char type[WORDS_BYTES], details[WORDS_BYTES];

	if (!split_details(label, type, details, sizeof(type)))
		return find_in_compartment(q, label);
	const struct name *outer = find_name(q, type).name;
	const struct name *inner = outer ? code_find(q, details, outer->term) : NULL;

	if (inner)
		return inner;
	inner = outer ? find_inner(q, details) : NULL;
	if (inner && is_abbreviation(type) && spelt_out(q, details))
		return inner;
	if (!outer || (inner && kin_of(q->names, inner->term, outer->term)))
		return inner;
	inner = overlap_under(q, outer->term);
	return inner ? inner : outer;
}
