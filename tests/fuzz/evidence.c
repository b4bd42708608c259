/* evidence - damaged tables of markers, facts, terms and annotations, and answers of models.
 *
 *	evidence CASES SEED FILE...
 *
 * Each FILE is damaged and read as the filters of evidence read one of its name. A case is fine when
 * all is read, or when there is one line of an error. Anything else ends the process: that is the
 * failure.
 */
#include "base/util.h"

#include <libgen.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "evidence/candidates.h"
#include "evidence/enrichment.h"
#include "evidence/gene_evidence.h"
#include "evidence/gene_lists.h"
#include "evidence/given_labels.h"
#include "evidence/questions.h"
#include "graph/radius.h"
#include "report/evidence_tables.h"
#include "spoil.h"

static const struct gene_tables no_names;
static struct matcher *matcher;

static const char *const words[] = {
	"\t",    "\n",       "\r\n", "\"",      "{",
	"}",     "[",        "|",    "-1",      "nan",
	"1e999", "",         "+",    "GO:2",    "is_a: GO:2",
	"\xff",  "\xc3\xa9", "NOT|", "\\u0000", "relationship: has_part GO:1\n"};

static int read_facts(const char *path, struct err *err)
{
	struct marker_filter filter = {.species = "9606", .organ = "blood"};
	struct marker_table t = {0};
	struct strtab genes = {0};
	struct label_space space;
	bool *lineages = mem_zero(matcher_onto(matcher)->n_terms, sizeof(*lineages));
	int ret = marker_table_read(&t, path, &filter, &no_names, matcher, err);

	marker_table_finish(&t);
	for (uint32_t i = 0; i < t.genes.n; i++)
		strtab_add(&genes, strtab_str(&t.genes, i));
	label_space_make(&space, &t, matcher_onto(matcher), lineages, &genes);
	label_space_release(&space);
	strtab_release(&genes);
	marker_table_release(&t);
	free(lineages);
	return ret;
}

static int read_markers(const char *path, struct err *err)
{
	struct list_rules rules = {.most = 1, .largest_padj = 0.05};
	struct gene_evidence e;
	struct gene_lists l;
	struct err other = ERR_INIT;
	int ret = gene_evidence_read(&e, path, &no_names, err);

	if (!ret)
		gene_evidence_release(&e);
	if (!gene_lists_read(&l, path, &rules, &no_names, &other))
		gene_lists_release(&l);
	return ret;
}

/* Terms from the one, annotations from the other: whichever is damaged. */
static int read_go(const char *terms, const char *rows, struct err *err)
{
	struct annotation_rules rules = {.taxon = "9606"};
	struct strtab background = {0};
	struct enrichment e;
	struct go go = {0};
	int ret = -1;

	if (!go_read_terms(&go, terms, GO_IS_A | GO_PART_OF, err) &&
	    !go_read_annotations(&go, rows, &rules, &no_names, err)) {
		go_finish(&go);
		for (uint32_t i = 0; i < go.genes.n; i++)
			strtab_add(&background, strtab_str(&go.genes, i));
		enrichment_make(&e, &go, &background, 1, 100);
		enrichment_release(&e);
		ret = 0;
	}
	strtab_release(&background);
	go_release(&go);
	return ret;
}

static int read_answer(const char *path, struct err *err)
{
	struct question q = {.species = "", .tissue = ""};
	struct text bytes = TEXT_INIT;
	struct proposed a;

	(void)err;
	slurp(path, &bytes);
	names_add(&q.labels, "T cell");
	names_add(&q.ids, "CL:0000084");
	names_add(&q.genes, "CD3D");
	proposals_check(&a, &(const struct question *){&q}, 1, bytes.s);
	if (a.status == ANSWER_LABEL && a.label != 0)
		BUG("a label that was not offered");
	proposed_release(&a);
	question_release(&q);
	text_release(&bytes);
	return 0;
}

/* Two questions asked at once. */
static int read_answers(const char *path)
{
	struct question q[2] = {{.species = "", .tissue = ""}, {.species = "", .tissue = ""}};
	const struct question *both[2] = {&q[0], &q[1]};
	struct text bytes = TEXT_INIT;
	struct proposed a[2];

	slurp(path, &bytes);
	for (size_t i = 0; i < 2; i++) {
		names_add(&q[i].labels, i ? "B cell" : "T cell");
		names_add(&q[i].ids, "");
		names_add(&q[i].genes, i ? "MS4A1" : "CD3D");
	}
	proposals_check(a, both, 2, bytes.s);
	for (size_t i = 0; i < 2; i++) {
		if (a[i].status == ANSWER_LABEL && a[i].label != 0)
			BUG("a label that was not offered");
		proposed_release(&a[i]);
		question_release(&q[i]);
	}
	text_release(&bytes);
	return 0;
}

/* As the report reads them. */
static int read_page(const char *path, struct err *err)
{
	struct evidence_files files = {.verdicts = str_ends(path, "verdicts.tsv") ? path : NULL,
				       .proposals = str_ends(path, "proposals.tsv") ? path : NULL,
				       .markers = str_ends(path, "dots.tsv") ? path : NULL};
	struct query_evidence e;

	if (query_evidence_read(&e, &files, err))
		return -1;
	for (size_t i = 0; i < e.dots.labels.n * e.dots.genes.n; i++)
		if (!(e.dots.of[i].share >= 0 && e.dots.of[i].share <= 1))
			BUG("a share that is none");
	query_evidence_release(&e);
	return 0;
}

static int read_radii(const char *path, struct err *err)
{
	struct text bytes = TEXT_INIT;
	struct radii radii;
	int ret;

	slurp(path, &bytes);
	ret = radii_parse(&radii, bytes.s, err);
	for (size_t i = 1; ret == 0 && i < radii.n; i++)
		if (!(radii.radius[i - 1] <= radii.radius[i] &&
		      radii.weight[i - 1] >= radii.weight[i] && radii.weight[i] > 0))
			BUG("radii out of order");
	text_release(&bytes);
	return ret;
}

static int read_candidates(const char *path, struct err *err)
{
	struct question_tables tables = {.candidates = path};
	struct questions q;

	if (questions_read(&q, &tables, err))
		return -1;
	questions_release(&q);
	return 0;
}

static int read_file(const char *name, const char *sound, struct err *err)
{
	if (str_eq(name, "markers.tsv"))
		return read_markers(name, err);
	if (str_eq(name, "candidates.tsv"))
		return read_candidates(name, err);
	if (str_eq(name, "answer.json"))
		return read_answer(name, err);
	if (str_eq(name, "answers.json"))
		return read_answers(name);
	if (str_eq(name, "radii.txt"))
		return read_radii(name, err);
	if (str_eq(name, "verdicts.tsv") || str_eq(name, "proposals.tsv") ||
	    str_eq(name, "dots.tsv"))
		return read_page(name, err);
	if (str_ends(name, ".obo") || str_eq(name, "go.terms.tsv"))
		return read_go(name, sound, err);
	if (str_starts(name, "go."))
		return read_go(sound, name, err);
	return read_facts(name, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	size_t cases, seed, n_read = 0;
	struct text bytes = TEXT_INIT;
	char folder[] = "/tmp/fuzz-evidence-XXXXXX";

	if (argc < 4 || !parse_size(argv[1], 1, SIZE_MAX, &cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed)) {
		fprintf(stderr, "usage: evidence CASES SEED FILE...\n");
		return 2;
	}
	char *home = realpath(".", NULL);
	matcher = matcher_open(&(struct matcher_files){0}, &err);
	if (!matcher || !home || !mkdtemp(folder)) {
		fprintf(stderr, "evidence: %s\n", err.text);
		return 2;
	}
	struct rng rng = rng_seeded(seed);
	for (size_t i = 0; i < cases; i++) {
		char *path = argv[3 + i % (size_t)(argc - 3)], *copy = mem_str(path);
		char *name = basename(copy), *dir = mem_strn(path, strlen(path) - strlen(name));
		bool rows = str_ends(name, ".gaf") || str_ends(name, ".gene2go");
		char *sound =
			mem_printf("%s%s%s", *path == '/' ? "" : home, *path == '/' ? "" : "/", "");
		char *other = mem_printf("%s%s%s", sound, dir, rows ? "go.obo" : "go.gaf");
		struct err here = ERR_INIT;

		slurp(path, &bytes);
		for (size_t k = rng_below(&rng, 4) + 1; k-- > 0;)
			spoil_text(&bytes, words, ARRAY_LEN(words), 4, &rng);
		if (chdir(folder))
			return 2;
		spill(name, &bytes);
		n_read += !read_file(name, other, &here);
		if (strchr(here.text, '\n'))
			BUG("an error of two lines");
		unlink(name);
		if (chdir(home))
			return 2;
		free(sound);
		free(other);
		free(dir);
		free(copy);
	}
	printf("evidence: %zu cases, %zu read, the others refused\n", cases, n_read);
	rmdir(folder);
	free(home);
	text_release(&bytes);
	matcher_free(matcher);
	return 0;
}
