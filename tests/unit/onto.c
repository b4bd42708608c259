/* onto - OBO files, the table, the graph, folded labels, and each tier of the matcher. */
#include "base/util.h"

#include <unistd.h>

#include "base/text.h"
#include "format/tsv.h"
#include "onto/labelmap.h"
#include "onto/match/match.h"
#include "onto/names/patterns.h"
#include "onto/names/term_names.h"
#include "onto/onto_read.h"
#include "tap.h"

static const char *data_file(const char *name)
{
	static char path[4096];
	const char *build = getenv("PIPETTE_BUILD");

	snprintf(path, sizeof(path), "%s/../tests/data/%s", build ? build : "build", name);
	if (access(path, R_OK))
		snprintf(path, sizeof(path), "tests/data/%s", name);
	return path;
}

static bool folds(const char *label, const char *want)
{
	char got[WORDS_BYTES];
	struct words w;

	words_fold(&w, label);
	words_join(&w, false, got);
	if (!str_eq(got, want))
		printf("# %s: \"%s\"\n", label, got);
	return str_eq(got, want);
}

static void check_fold(void)
{
	OK(folds("CD4-positive, αβ T cells", "cd4+ alpha beta t cell"), "signs and Greek letters");
	OK(folds("CD4+ T", "cd4+ t") && folds("CD4 T", "cd4+ t"),
	   "a CD marker without a sign has it");
	OK(folds("CD16-CD56dim NK", "cd16- cd56+ dim nk"),
	   "a minus before the next marker is a sign");
	OK(folds("Pro-B", "pro b") && folds("T-CD4", "t cd4+"), "a hyphen is none");
	OK(folds("Double-positive thymocytes", "double positive thymocyte"),
	   "double positive is words");
	OK(folds("Naïve_B-Cells", "naive b cell"), "accents, underscores, plurals");
	OK(folds("cDC2s and ILCs", "cdc2 and ilc"), "plural abbreviations");
	OK(folds("L2/3 IT", "l2/3 it"), "layers stay whole");
	OK(folds("Haemopoietic oesophagus", "hemopoietic esophagus"), "British spelling");
	OK(folds("AEC and OEC", "aec and oec"), "but abbreviations keep their letters");
	OK(folds("type II pneumocyte", "type 2 pneumocyte"), "Roman numerals");
	OK(folds("ChoroidPlexus", "choroid plexus"), "camel case");
	OK(folds("Müller's glia", "muller glia"), "apostrophes");
	OK(folds("blastema (sensu Vertebrata)", "blastema"), "who named it goes");
	OK(folds("NK1.1+ cells", "nk1.1+ cell") && folds("T.CD4.24H", "t cd4+ 24h"),
	   "a dot is in a number, not between a marker and a time");
	OK(folds("", "") && folds("+-/()", "") && folds("\xff\xfe", ""), "nothing gives nothing");
	OK(folds("细胞 T", "细胞 t"), "other scripts stay");
}

static void check_obo(void)
{
	struct err err = ERR_INIT;
	struct onto *o = onto_read(data_file("onto/tricky.obo"), "CL:", &err);

	OK(o, "the tricky OBO file is read: %s", err.text);
	if (!o)
		return;
	const struct onto_term *t = &o->terms[onto_find(o, "CL:0000010")];

	OK(o->n_terms == 9, "terms of the prefix and the ids taken over, no typedef, no instance");
	OK(str_eq(o->version, "cl/releases/2026-03-26/tricky.owl"), "the version is the header's");
	OK(str_eq(t->label, "with every synonym"), "a comment after ! is no part of the name");
	OK(t->synonyms[OBO_EXACT].n == 2 && str_eq(t->synonyms[OBO_EXACT].items[1], "abbreviated"),
	   "exact synonyms, with a type or without");
	OK(t->synonyms[OBO_RELATED].n == 2 &&
		   str_eq(t->synonyms[OBO_RELATED].items[0], "with \"quotes\" and \\ in it") &&
		   str_eq(t->synonyms[OBO_RELATED].items[1], "no scope"),
	   "escapes; without a scope a synonym is related");
	OK(t->synonyms[OBO_BROAD].n == 1 &&
		   str_eq(t->synonyms[OBO_BROAD].items[0], "broad {not a modifier}"),
	   "braces inside quotes stay, the modifiers after go");
	OK(t->synonyms[OBO_NARROW].n == 1 &&
		   str_eq(t->synonyms[OBO_NARROW].items[0], "narrow café αβ"),
	   "text that is not ASCII");
	OK(t->xrefs.n == 2 && str_eq(t->xrefs.items[0], "FMA:1") &&
		   str_eq(t->xrefs.items[1], "ZFA:2"),
	   "cross references without modifiers and descriptions");
	OK(t->subsets.n == 1 && t->parent_ids.n == 2 && t->n_parents == 1,
	   "a parent that is not in the table is kept by id only");
	OK(str_eq(o->terms[onto_find(o, "CL:0000015")].label, "a name that goes on"),
	   "a line that goes on");
	OK(onto_current(o, onto_find(o, "CL:0000012")) == onto_find(o, "CL:0000011"),
	   "replacements are followed to the end");
	OK(onto_current(o, onto_find(o, "CL:0000021")) == onto_find(o, "CL:0000011"),
	   "an id taken over leads to the term that took it");
	OK(onto_current(o, onto_find(o, "CL:0000014")) == ONTO_NONE, "some have no replacement");
	OK(onto_find(o, "CL:4030044") == ONTO_NONE, "a typedef with a CL id is no term");
	onto_free(o);
}

/* Is this OBO text refused with these words? */
static bool refused(const char *obo, const char *want)
{
	struct err err = ERR_INIT;
	char path[] = "/tmp/onto-XXXXXX";
	int fd = mkstemp(path);
	bool written = fd >= 0 && write(fd, obo, strlen(obo)) == (ssize_t)strlen(obo);
	struct onto *o = written ? onto_read(path, "CL:", &err) : NULL;
	bool good = written && !o && strstr(err.text, want) && strstr(err.text, path);

	if (!good)
		printf("# %s\n", o ? "it was read" : err.text);
	close(fd);
	unlink(path);
	onto_free(o);
	return good;
}

static void check_bad_obo(void)
{
#define TERM(id, more) "[Term]\nid: CL:000000" id "\nname: t" id "\n" more "\n"
	OK(refused("format-version: 1.4\n\n[Term]\nid CL:1\n", "line 4: expected 'tag: value'"),
	   "a line without a colon, by its number");
	OK(refused("[Term]\nname: x\n\n[Term]\nid: CL:1\n", "line 1: a [Term] without an id"),
	   "a term without an id");
	OK(refused("[Term\nid: CL:1\n", "line 1: a stanza header that does not close"),
	   "a stanza that does not close");
	OK(refused("[Term]\nid: CL:1\nid: CL:2\n", "line 3: a second id"), "two ids");
	OK(refused("[Term]\nid: CL:1\nname: a\nname: b\n", "line 4: a second name"), "two names");
	OK(refused("[Term]\nid: CL:1\nsynonym: \"open EXACT []\n", "line 3: a synonym without"),
	   "a quote that does not close");
	OK(refused("[Term]\nid: CL:1\nname: \xff\n", "line 3: not UTF-8"), "bad bytes");
	OK(refused("", "no terms") && refused("[Term]\nid: GO:1\n", "begin CL:"),
	   "no term of the ontology");
	OK(refused(TERM("1", "") TERM("2", "") TERM("1", ""),
		   "line 9: CL:0000001 is there already, from line 1"),
	   "one id twice, by both lines");
	OK(refused(TERM("1", "is_a: CL:0000002") TERM("2", "is_a: CL:0000003")
			   TERM("3", "is_a: CL:0000001"),
		   "circle: CL:0000001 (t1) is a CL:0000002 (t2) is a CL:0000003 (t3) is a "
		   "CL:0000001"),
	   "a circle, by all its terms");
	OK(refused(TERM("1", "is_a: CL:0000001"), "circle: CL:0000001 (t1) is a CL:0000001"),
	   "a term above itself");
#undef TERM
}

static void check_table(void)
{
	struct err err = ERR_INIT;
	char path[] = "/tmp/onto-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct onto *o = onto_read(data_file("onto/tricky.obo"), "CL:", &err);
	bool same = f && o && !onto_write(o, f, path, &err) && !fclose(f);
	struct onto *back = same ? onto_read(path, NULL, &err) : NULL;

	same = back && back->n_terms == o->n_terms;
	for (size_t i = 0; same && i < o->n_terms; i++)
		same = str_eq(o->terms[i].id, back->terms[i].id) &&
		       str_eq(o->terms[i].label, back->terms[i].label) &&
		       o->terms[i].synonyms[OBO_RELATED].n ==
			       back->terms[i].synonyms[OBO_RELATED].n &&
		       o->terms[i].depth == back->terms[i].depth &&
		       o->terms[i].obsolete == back->terms[i].obsolete;
	OK(same, "what is written as a table is read back: %s", err.text);
	onto_free(o);
	onto_free(back);
	unlink(path);
}

static uint32_t term(const struct onto *o, const char *id)
{
	return onto_find(o, id);
}

static void check_graph(const struct onto *cl)
{
	uint32_t t = term(cl, "CL:0000084"), cd4 = term(cl, "CL:0000624"),
		 cd8 = term(cl, "CL:0000625"), b = term(cl, "CL:0000236");
	uint32_t pair[] = {t, b}, *above;

	OK(onto_is_a(cl, cd4, t) && !onto_is_a(cl, t, cd4) && onto_is_a(cl, t, t), "is_a goes up");
	OK(onto_common(cl, pair, 2) == term(cl, "CL:0000542"), "T and B cells are lymphocytes");
	OK(onto_distance(cl, cd4, cd8) == 2 && onto_distance(cl, t, t) == 0, "distances");
	OK(onto_at_level(cl, cd4, 0) == term(cl, "CL:0000000"), "at level 0 all are cells");
	OK(onto_at_level(cl, t, 99) == t, "a term above the level is its own answer");
	size_t n = onto_ancestors(cl, cd4, &above);
	bool rising = true;

	for (size_t i = 1; i < n; i++)
		rising &= above[i - 1] < above[i];
	OK(n > 5 && rising, "ancestors come once, rising");
	free(above);
}

/* Labels that are hard for one reason each: what they are, by which tier, and why. */
static void check_cases(const struct matcher *m)
{
	struct err err = ERR_INIT;
	struct tsv *in = tsv_open(data_file("onto/cases.tsv"), &err);
	size_t n = 0;

	while (in && tsv_next(in, &err) > 0) {
		const char *label = in->fields[0], *tissue = in->fields[1], *id = in->fields[2];
		const char *tier = in->fields[3], *why = in->fields[4];
		struct match found[4];
		size_t got = matcher_match(m, label, *tissue ? tissue : NULL, found, 4);

		n++;
		OK(got && str_eq(found[0].id, id) && str_eq(match_tier_name(found[0].tier), tier),
		   "%s: \"%s\" (%s by %s)", why, label, got ? found[0].id : "",
		   got ? match_tier_name(found[0].tier) : "");
	}
	OK(in && !err_is_set(&err) && n >= 78, "%zu labels: %s", n, err.text);
	tsv_close(in);
}

/* Every answer for every name of the ontology is a current term, and scores are probabilities. */
static void check_answers(const struct matcher *m)
{
	const struct onto *cl = matcher_onto(m);
	size_t wrong = 0, own = 0, n_labels = 0, rising = 0;

	for (size_t t = 0; t < cl->n_terms; t++) {
		struct match found[3];

		if (cl->terms[t].obsolete)
			continue;
		size_t n = matcher_match(m, cl->terms[t].label, NULL, found, 3);

		n_labels++;
		own += found[0].term == t;
		for (size_t i = 0; i < n; i++) {
			wrong += found[i].term != ONTO_NONE && cl->terms[found[i].term].obsolete;
			wrong += !(found[i].score >= 0 && found[i].score <= 1);
			rising += i && found[0].term == found[i].term;
		}
	}
	OK(wrong == 0, "no obsolete term is answered, scores are within 0 and 1");
	OK(rising == 0, "an answer comes once");
	OK(own == n_labels, "%zu of %zu labels of the ontology map to themselves", own, n_labels);
}

static void check_labelmap(void)
{
	struct err err = ERR_INIT;
	struct labelmap *map = labelmap_read(data_file("onto/map.tsv"), &err);

	OK(map, "a map as cl-map writes it is read: %s", err.text);
	if (!map)
		return;
	OK(str_eq(labelmap_find(map, "CD4 T")->id, "CL:0000624"),
	   "the first row of a label counts");
	OK(!labelmap_find(map, "cd4 t"), "a label that is not there is not there");
	OK(!*labelmap_find(map, "Unknown")->id, "a label without an id has none");
	labelmap_free(map);
}

int main(void)
{
	struct err err = ERR_INIT;
	struct matcher *m = matcher_open(&(struct matcher_files){0}, &err);

	check_fold();
	check_obo();
	check_bad_obo();
	check_table();
	OK(m, "the embedded tables open: %s", err.text);
	if (m) {
		check_graph(matcher_onto(m));
		check_labelmap();
		check_cases(m);
		check_answers(m);
	}
	matcher_free(m);
	return done_testing();
}
