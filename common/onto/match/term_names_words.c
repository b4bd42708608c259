/* term_names_words.c - the words that names are spelt with. */
#include "base/util.h"

#include "onto/match/term_names.h"

/* Words that say nothing about which cell it is. */
static const char *const fillers[] = {"cell", "of",   "the", "and", "in", "with", "from",
				      "to",   "type", "cel", "for", "by", "or",   "like"};

static bool is_filler(const char *w)
{
	for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
		if (str_eq(w, fillers[i]))
			return true;
	return false;
}

/*
 * A CD4+ or CD8+ T cell has an alpha-beta receptor, and a naive one is from the thymus: names say
 * so, labels do not. Names about CD8 alpha-alpha keep their words.
 */
static bool implied(const char *w)
{
	static const char *const words[] = {"alpha", "beta", "thymus", "thymic", "derived"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(w, words[i]))
			return true;
	return false;
}

void names_trim(struct words *w)
{
	bool keep[MAX_WORDS];
	bool coreceptor = (words_have(w, "cd4+") || words_have(w, "cd8+")) && words_have(w, "t");
	size_t n_alpha = 0;

	for (size_t i = 0; i < w->n; i++)
		n_alpha += str_eq(word(w, i), "alpha");
	for (size_t i = 0; i < w->n; i++)
		keep[i] = !is_filler(word(w, i)) &&
			  !(coreceptor && n_alpha < 2 && implied(word(w, i)));
	words_filter(w, keep);
}

void names_words(const struct term_names *x, const char *label, enum lexicon_use use,
		 uint32_t tissue, struct words *out)
{
	words_fold(out, label);
	lexicon_apply(x->lexicon, out, use, tissue);
	names_trim(out);
}

static const char *const species[] = {
	"(homo sapiens)", "(mus musculus)", "(callithrix jacchus)", "(mmus)",  "(primate)",
	"(human)",        "(mouse)",        "(marmoset)",           ", human", ", mouse"};

bool names_without_species(const char *text, char *out, size_t room)
{
	bool found = false;

	snprintf(out, room, "%s", text);
	for (size_t i = 0; i < ARRAY_LEN(species); i++) {
		char *at = strcasestr(out, species[i]);

		if (at) {
			memset(at, ' ', strlen(species[i]));
			found = true;
		}
	}
	/* Worms, flies and fungi have their own: only what vertebrates share is meant. */
	const char *sensu = strcasestr(text, "(sensu ");

	return found || (sensu && !strcasestr(sensu, "vertebrata"));
}

void names_unended(struct words *w)
{
	if (w->n > 1 && str_eq(word(w, w->n - 1), "cell"))
		w->n--;
}
