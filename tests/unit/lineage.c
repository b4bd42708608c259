/* lineage - no label that says its lineage is answered with a cell of another.
 *
 * The labels of CellTypist's models, all of those at hand. A label's words (after abbreviations)
 * speak of lineages: "macrophage" of leukocytes, "endothelial" of endothelium. Its answer must be
 * within one of those, or above one of them. A rule errs on the side of silence: words that other
 * lineages use too ("basal", "plasma") are not in it.
 */
#include "base/util.h"

#include "format/tsv.h"
#include "onto/match/match.h"
#include "tap.h"

static const struct rule {
	const char *words, *above;
} rules[] = {{"macrophage", "CL:0000738"},
	     {"monocyte", "CL:0000738"},
	     {"neutrophil", "CL:0000738"},
	     {"mast", "CL:0000738"},
	     {"dendritic", "CL:0000738"},
	     {"natural killer", "CL:0000542"},
	     {"t", "CL:0000988"},
	     {"b", "CL:0000988"},
	     {"lymphocyte", "CL:0000542"},
	     {"megakaryocyte", "CL:0000988"},
	     {"erythroid", "CL:0000988"},
	     {"microglial", "CL:0000738"},
	     {"fibroblast", "CL:0002320"},
	     {"pericyte", "CL:0002320"},
	     {"stromal", "CL:0002320"},
	     {"adipocyte", "CL:0002320"},
	     {"endothelial", "CL:0000115"},
	     {"epithelial", "CL:0000066"},
	     {"enterocyte", "CL:0000066"},
	     {"goblet", "CL:0000066"},
	     {"hepatocyte", "CL:0000066"},
	     {"keratinocyte", "CL:0000066"},
	     {"ciliated", "CL:0000064"},
	     {"smooth muscle", "CL:0000187"},
	     {"cardiac muscle", "CL:0000187"},
	     {"neuron", "CL:0000540"},
	     {"interneuron", "CL:0000540"},
	     {"glutamatergic", "CL:0000540"},
	     {"astrocyte", "CL:0000125"},
	     {"oligodendrocyte", "CL:0000125"},
	     {"glial", "CL:0002319"},
	     {"schwann", "CL:0000125"},
	     {"hepatic stellate", "CL:0002320"}};

/* Labels whose words mean another thing, each looked at. */
static const char *const apart[] = {
	"T reticular",          /* the reticular cells of the T zone */
	"IC-B",                 /* type B intercalated */
	"dC-IC-A",              /* degenerative, cortical: no DC */
	"EC cells (NPW+)",      /* enterochromaffin */
	"EC cells (TAC1+)",     /* enterochromaffin */
	"ENCC/glia Progenitor", /* neural crest, which glia come from */
};

static bool has_words(const char *words, const char *sought)
{
	char padded[WORDS_BYTES + 2], wanted[80];

	snprintf(padded, sizeof(padded), " %s ", words);
	snprintf(wanted, sizeof(wanted), " %s ", sought);
	return strstr(padded, wanted);
}

static bool looked_at(const char *label)
{
	for (size_t i = 0; i < ARRAY_LEN(apart); i++)
		if (str_eq(apart[i], label))
			return true;
	return false;
}

enum { SILENT, WITHIN, OUTSIDE };

static int judge(const struct matcher *m, const char *label)
{
	const struct onto *cl = matcher_onto(m);
	char words[WORDS_BYTES];
	struct match found;
	int verdict = SILENT;

	matcher_words(m, label, NULL, words);
	/* What becomes one of a lineage need not be one of it. */
	if (has_words(words, "precursor") || has_words(words, "progenitor"))
		return SILENT;
	matcher_match(m, label, NULL, &found, 1);
	for (size_t r = 0; found.term != ONTO_NONE && r < ARRAY_LEN(rules); r++) {
		uint32_t above = onto_find(cl, rules[r].above);

		if (above == ONTO_NONE)
			BUG("%s is not in the ontology", rules[r].above);
		if (!has_words(words, rules[r].words))
			continue;
		if (onto_is_a(cl, found.term, above) || onto_is_a(cl, above, found.term))
			return WITHIN;
		verdict = OUTSIDE;
	}
	if (verdict == OUTSIDE && !looked_at(label))
		printf("# %s: %s (words: %s)\n", label, found.name, words);
	return verdict == OUTSIDE && looked_at(label) ? SILENT : verdict;
}

int main(void)
{
	struct err err = ERR_INIT;
	struct matcher *m = matcher_open(&(struct matcher_files){0}, &err);
	size_t n[3] = {0};
	struct tsv *in = m ? tsv_open("tests/data/onto/model-labels.tsv", &err) : NULL;
	int got = in ? 1 : -1;

	while (in && (got = tsv_next(in, &err)) > 0)
		n[judge(m, in->fields[0])]++;
	tsv_close(in);
	OK(got == 0, "the labels are read: %s", err.text);
	OK(n[WITHIN] >= 300, "%zu of %zu labels say their lineage", n[WITHIN] + n[OUTSIDE],
	   n[SILENT] + n[WITHIN] + n[OUTSIDE]);
	OK(n[OUTSIDE] == 0, "none is answered with a cell of another: %zu", n[OUTSIDE]);
	/* The judge itself: it must be able to say no. */
	matcher_free(m);
	struct matcher_files wrong = {.overrides = NULL};
	char overrides[] = "/tmp/lineage-XXXXXX";
	FILE *f = fdopen(mkstemp(overrides), "w");

	fputs("label\tid\nAlveolar macrophages\tCL:0000066\n", f);
	fclose(f);
	wrong.overrides = overrides;
	m = matcher_open(&wrong, &err);
	OK(m && judge(m, "Alveolar macrophages") == OUTSIDE, "a macrophage that is epithelial is");
	matcher_free(m);
	remove(overrides);
	return done_testing();
}
