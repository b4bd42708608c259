/* drop_parts.c - see drop_parts.h. */
#include "base/util.h"

#include "onto/match/drop_parts.h"
#include "onto/match/drop_words.h"
#include "onto/names/kin.h"

bool without_likes(const char *label, char *out, size_t room)
{
	const char *like = strcasestr(label, "-like");
	const char *from = like;

	if (!like || (like[5] && !strchr(" _,", like[5])))
		return false;
	while (from > label && !strchr(" _,/", from[-1]))
		from--;
	snprintf(out, room, "%.*s%s", (int)(from - label), label, like + 5);
	return out[strspn(out, " _,0123456789")] != '\0';
}

bool without_nots(const struct asked *q, const char *label, char *out, size_t room)
{
	const char *open = strcasestr(label, "(non-");
	const char *close = open ? strchr(open, ')') : NULL;
	char type[WORDS_BYTES];
	struct words w;

	if (!close)
		return false;
	snprintf(type, sizeof(type), "%.*s", (int)strcspn(open + 5, "/,;)"), open + 5);
	words_fold(&w, type);
	snprintf(out, room, "%.*s%s", (int)(open - label), label, close + 1);
	/* "(non-classical)" is a type, "classical" is none. */
	return find_words(q, BY_ORDER, &w) && out[strspn(out, " _")] != '\0';
}

bool without_origin(const struct asked *q, const char *label, char *out, size_t room)
{
	const char *derived = strcasestr(label, "-derived"), *from = derived;
	const char *rest = derived ? derived + 8 + strspn(derived + 8, " _,-") : "";
	char origin[WORDS_BYTES];

	if (!*rest || rest == derived + 8)
		return false;
	/* The origin goes back to the last thing that parts a label: "Neurons:ES_cell-derived". */
	while (from > label && !strchr(":,/(|", from[-1]))
		from--;
	snprintf(origin, sizeof(origin), "%.*s", (int)(derived - from), from);
	const struct name *n = find_name(q, origin).name;

	snprintf(out, room, "%.*s%s", (int)(from - label), label, rest);
	return n && kin_says(q->names, n->term, "stem");
}

static bool is_place(const struct asked *q, const char *w)
{
	static const char *const places[] = {"bone", "marrow", "blood", "peripheral",
					     "cord", "lymph",  "node",  "gland"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (str_eq(w, places[i]))
			return true;
	return lexicon_tissue_word(q->names->lexicon, w) != TISSUE_NONE;
}

/* Cut "_Ngp high" off the end. */
static bool cut_level(char *label)
{
	char *gene = strrchr(label, '_');
	char *level = gene && gene > label ? strchr(gene, ' ') : NULL;

	if (!level || (strcasecmp(level, " high") != 0 && strcasecmp(level, " low") != 0))
		return false;
	*gene = '\0';
	return true;
}

static bool in_place_brackets(const struct asked *q, const char *label, const char *open)
{
	struct words w;

	if (!open || open == label || strchr(open, ')') != label + strlen(label) - 1)
		return false;
	words_fold(&w, open);
	reduce_donors(&w);
	for (size_t i = 0; i < w.n; i++)
		if (!is_place(q, word(&w, i)))
			return false;
	return w.n > 0;
}

bool without_place(const struct asked *q, const char *label, char *out, size_t room)
{
	const char *open = strrchr(label, '(');
	bool placed = in_place_brackets(q, label, open);

	snprintf(out, room, "%.*s", (int)(placed ? (size_t)(open - label) : strlen(label)), label);
	return cut_level(out) || placed;
}
