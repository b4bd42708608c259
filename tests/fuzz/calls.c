/* calls - damaged tables of cells, and what is said of them, read in this process.
 *
 *	calls CASES SEED FILE...
 *
 * The FILEs are one set: calls.tsv, voted.tsv and more.tsv (predictions), clusters.tsv, truth.tsv,
 * weights.tsv, eval.json, predict.json (a manifest) and steps. In each case one of them is damaged,
 * and all are read as gate, vote, evaluate, ensemble and report read them. A case is fine when each
 * reader ends with what it read or with an error of one line; anything else stops this program.
 */
#include "base/util.h"

#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "calls/calls.h"
#include "calls/clusters.h"
#include "calls/ensemble.h"
#include "calls/evaluation.h"
#include "calls/votes.h"
#include "report/agreement.h"
#include "report/evals.h"
#include "report/sections.h"
#include "spoil.h"

static const char *const words[] = {
	"\t",    "\n",
	"\r\n",  "\"",
	"\\",    "{",
	"}",     "[",
	"]",     ",",
	":",     "-1",
	"nan",   "inf",
	"1e999", "0",
	"",      "<",
	"null",  "true",
	"\xff",  "\xef\xbb\xbf",
	"\xc3",  "9999999999999999999999",
};

struct file {
	char *name;
	struct text bytes;
};

/* Where a file of the set lies: the manifest and the list of steps as in a run's folder. */
static char *place_of(const char *name)
{
	if (str_eq(name, "predict.json"))
		return mem_str("run/manifests/predict.json");
	return str_eq(name, "steps") ? mem_str("run/stamps/steps") : mem_str(name);
}

static void put_file(const char *name, const struct text *bytes)
{
	char *path = place_of(name);

	spill(path, bytes);
	free(path);
}

/* ---- the readers, each as its filter uses it ---- */

static int read_by_row(struct pool *pool, FILE *sink, struct err *err)
{
	struct calls *c = calls_open("calls.tsv", err);
	int got = c ? 1 : -1;

	(void)pool;
	while (got > 0 && (got = calls_next(c, err)) > 0)
		fprintf(sink, "%s%s%g", calls_cell(c), calls_label(c), c->confidence);
	calls_close(c);
	return got;
}

static void hold_vote(const struct calls_table *t, const struct clusters *clusters)
{
	struct votes *v = votes_new(clusters->names.n, t->label_names.n);
	uint32_t *sorted = strtab_sorted(&t->label_names), *rank;

	MEM_ARRAY(rank, t->label_names.n);
	for (size_t i = 0; i < t->label_names.n; i++)
		rank[sorted[i]] = (uint32_t)i;
	for (size_t i = 0; i < t->n; i++)
		votes_add(v, clusters->of_cell[i], t->labels[i], 1, t->confidence[i]);
	votes_count(v, rank, 0.5);
	for (size_t c = 0; c < v->n_clusters; c++)
		if (v->clusters[c].leader >= t->label_names.n)
			BUG("cluster %zu has no leader", c);
	votes_free(v);
	free(sorted);
	free(rank);
}

static void judge(const struct calls_table *t, const uint32_t *truth, struct strtab *names)
{
	uint32_t *predicted, *known;
	double *confidence;
	struct evaluation *e;
	size_t n = 0;

	MEM_ARRAY(predicted, t->n);
	MEM_ARRAY(known, t->n);
	MEM_ARRAY(confidence, t->n);
	for (size_t i = 0; i < t->n; i++) {
		if (truth[i] == STRTAB_NONE) /* left out, as evaluate does */
			continue;
		confidence[n] = t->has_confidence ? t->confidence[i] : 0;
		predicted[n] = strtab_add(names, strtab_str(&t->label_names, t->labels[i]));
		known[n++] = truth[i];
	}
	e = evaluation_new(known, predicted, t->has_confidence ? confidence : NULL, n, names,
			   strtab_find(names, "Unknown"));
	if (!(e->accuracy >= 0 && e->accuracy <= 1))
		BUG("an accuracy of %g", e->accuracy);
	evaluation_free(e);
	free(predicted);
	free(known);
	free(confidence);
}

static int read_whole(struct pool *pool, FILE *sink, struct err *err)
{
	struct calls_table *t = calls_table_read("calls.tsv", pool, err);
	struct clusters clusters = {.from_file = false};
	struct strtab names = {0};
	uint32_t *truth;
	int ret = t ? calls_table_index(t, pool, err) : -1;

	(void)sink;
	MEM_ARRAY(truth, t ? t->n : 0);
	if (ret == 0 && (ret = clusters_read(&clusters, "clusters.tsv", t, pool, err)) == 0)
		hold_vote(t, &clusters);
	if (ret == 0 && (ret = calls_table_join(t, "truth.tsv", &names, truth, err)) == 0 && t->n)
		judge(t, truth, &names);
	clusters_release(&clusters);
	strtab_release(&names);
	calls_table_free(t);
	free(truth);
	return ret;
}

static int read_ensemble(struct pool *pool, FILE *sink, struct err *err)
{
	static const char *const paths[] = {"calls.tsv", "more.tsv"};
	struct ensemble *p = ensemble_gather(paths, 2, "weights.tsv", pool, err);
	size_t n_without;

	if (p && ensemble_compare(p, COMPARE_AUTO, &n_without, pool, err)) {
		ensemble_free(p);
		return -1;
	}
	for (size_t cell = 0; p && cell < ensemble_n_cells(p); cell++)
		for (int rule = ENSEMBLE_MAX; rule <= ENSEMBLE_VOTE; rule++) {
			struct ensemble_call v = ensemble_decide(p, (enum ensemble_rule)rule, cell);

			if (v.label >= p->label_names.n || v.model >= 2)
				BUG("cell %zu: no such label or model", cell);
			fprintf(sink, "%g", v.confidence + v.disagreement);
		}
	ensemble_free(p);
	return p ? 0 : -1;
}

static int read_page(struct pool *pool, FILE *sink, struct err *err)
{
	struct query_summary *q = query_new("calls.tsv");
	struct agreement a = {.n = 0};
	struct run_log *run = NULL;
	struct eval *e = NULL;
	struct page p = {.file = sink};
	int ret = query_read(q, NULL, err) || !(run = run_log_read("run", err)) ||
		  agreement_read(&a, run, q, err) || !(e = eval_read("eval.json", err));

	(void)pool;
	if (!ret) {
		section_summary(&p, "title", &q, 1);
		section_labels(&p, q);
		section_confidence(&p, q);
		section_unknown(&p, q);
		section_novelty(&p, q);
		section_agreement(&p, q);
		section_pairs(&p, &a);
		section_vote(&p, q);
		section_input(&p, q, run);
		section_truth(&p, e, q->n_climbed);
		section_run(&p, run);
	}
	eval_free(e);
	run_log_free(run);
	agreement_release(&a);
	query_free(q);
	return ret ? -1 : 0;
}

/* How many of the readers read all there is. */
static size_t read_all(struct pool *pool, FILE *sink)
{
	static int (*const readers[])(struct pool *, FILE *, struct err *) = {
		read_by_row, read_whole, read_ensemble, read_page};
	size_t n_read = 0;

	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		struct err err = ERR_INIT;
		int ret = readers[i](pool, sink, &err);

		if ((ret != 0) != err_is_set(&err) || strchr(err.text, '\n'))
			BUG("reader %zu: status %d with the message \"%s\"", i, ret, err.text);
		n_read += ret == 0;
	}
	return n_read;
}

static size_t run_case(struct file *files, size_t n, struct rng *rng, struct pool *pool, FILE *sink)
{
	struct file *victim = &files[rng_below(rng, n)];
	struct text bytes = TEXT_INIT;
	size_t n_read;

	text_add_bytes(&bytes, victim->bytes.s, victim->bytes.len);
	for (size_t i = 1 + rng_below(rng, 3); i > 0; i--)
		spoil_text(&bytes, words, ARRAY_LEN(words), 4, rng);
	put_file(victim->name, &bytes);
	n_read = read_all(pool, sink);
	put_file(victim->name, &victim->bytes);
	text_release(&bytes);
	return n_read;
}

/* A folder with the files as they are: every reader must like them. */
static void make_folder(char *folder, struct file *files, size_t n, struct pool *pool, FILE *sink)
{
	if (!mkdtemp(folder) || chdir(folder) || mkdir("run", 0700) ||
	    mkdir("run/manifests", 0700) || mkdir("run/stamps", 0700)) {
		perror(folder);
		exit(2);
	}
	for (size_t i = 0; i < n; i++)
		put_file(files[i].name, &files[i].bytes);
	if (read_all(pool, sink) != 4)
		BUG("the files are not read even whole");
}

static void remove_folder(const char *folder, struct file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *path = place_of(files[i].name);

		unlink(path);
		free(path);
		free(files[i].name);
		text_release(&files[i].bytes);
	}
	rmdir("run/manifests");
	rmdir("run/stamps");
	rmdir("run");
	rmdir(folder);
	free(files);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/fuzz-calls-XXXXXX";
	size_t cases, seed, n_read = 0, n = (size_t)MAX(argc - 3, 0);
	FILE *sink = fopen("/dev/null", "we");
	struct pool *pool = pool_new(2);
	struct file *files;

	if (argc < 4 || !sink || !parse_size(argv[1], 1, SIZE_MAX, &cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed)) {
		fprintf(stderr, "usage: calls CASES SEED FILE...\n");
		return 2;
	}
	files = mem_zero(n, sizeof(*files));
	for (size_t i = 0; i < n; i++) {
		files[i].bytes = (struct text)TEXT_INIT;
		slurp(argv[3 + i], &files[i].bytes);
		files[i].name = mem_str(basename(argv[3 + i]));
	}
	struct rng rng = rng_seeded(seed);
	make_folder(folder, files, n, pool, sink);
	for (size_t i = 0; i < cases; i++)
		n_read += run_case(files, n, &rng, pool, sink);
	remove_folder(folder, files, n);
	pool_free(pool);
	fclose(sink);
	printf("calls: %zu cases of 4 readers: %zu read, %zu refused with a message\n", cases,
	       n_read, 4 * cases - n_read);
	return 0;
}
