/* llm-annotate - a language model proposes a type for each cluster, from a closed list.
 *
 * Reads the candidates of clusters, asks any server that speaks the chat protocol, and writes a TSV
 * of proposals: never a label that was not offered, never without its genes. Answers are kept by
 * the question, so that a run can be replayed without a server. What is proposed is still to be
 * checked (marker-check --labels).
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/tool.h"
#include "evidence/interview.h"
#include "format/lines.h"
#include "format/tsv.h"

static struct opts {
	const char *url, *model, *key_file, *markers, *terms, *species, *tissue, *cache, *schema;
	const char *output;
	bool cache_only, dry_run;
	size_t batch, budget, repeat, seed, timeout, retries, most_tokens;
	double wait;
} o = {.species = "human",
       .schema = "strict",
       .batch = 1,
       .repeat = 1,
       .seed = 42,
       .timeout = 120,
       .retries = 4,
       .wait = 1,
       .most_tokens = 400,
       .output = "-"};

static const char *const schemas[] = {"strict", "object", "none", NULL};

static const struct opt options[] = {
	OPT_TEXT("url", 0, url, "URL", "of the service, such as http://127.0.0.1:8080/v1"),
	OPT_TEXT("model", 'm', model, "NAME", "the model to ask"),
	OPT_TEXT("key-file", 0, key_file, "FILE", "the key, if not in PIPETTE_LLM_KEY"),
	OPT_TEXT("markers", 0, markers, "TSV", "the markers to show (the candidates' genes)"),
	OPT_TEXT("terms", 0, terms, "TSV", "what the markers do, of go-enrich (none)"),
	OPT_TEXT("species", 0, species, "WORD", "said to the model (human)"),
	OPT_TEXT("tissue", 0, tissue, "WORD", "said to the model (nothing)"),
	OPT_TEXT("cache", 0, cache, "FOLDER", "keep answers here, and take them from here"),
	OPT_FLAG("cache-only", 0, cache_only, "ask nobody: replay what is kept"),
	OPT_FLAG("dry-run", 0, dry_run, "write the requests, a line each, and ask nobody"),
	OPT_SIZE("batch", 0, batch, "N", "ask about so many clusters at once (1)"),
	OPT_SIZE("budget", 0, budget, "TOKENS", "stop before more are used (0: no limit)"),
	OPT_SIZE("repeat", 0, repeat, "K", "ask with K seeds and say how many agree (1)"),
	OPT_SEED(seed),
	OPT_SIZE("timeout", 0, timeout, "SECONDS", "an attempt may take (120)"),
	OPT_SIZE("retries", 0, retries, "N", "attempts after the first (4)"),
	OPT_FLOAT("wait", 0, wait, "SECONDS", "before the second attempt; doubled each time (1)"),
	OPT_SIZE("max-tokens", 0, most_tokens, "N", "of an answer (400)"),
	OPT_CHOICE("schema", 0, schema, "HOW",
		   "hold the model to one: strict, object, none (strict)", schemas),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "a language model proposes a type for each cluster, from a closed list",
	.synopsis = "--url URL -m NAME [OPTIONS] [CANDIDATES.tsv] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct questions questions;
	struct interview talk;
	struct proposal *proposals;
	char *key;
};

static void read_key(struct run *run)
{
	const char *given = getenv("PIPETTE_LLM_KEY");
	struct err err = ERR_INIT;

	if (o.key_file) {
		struct lines *in = lines_open(o.key_file, &err);
		if (!in || lines_next(in, &err) < 0)
			die_err(&err);
		run->key = mem_str(in->text ? in->text : "");
		run->key[strcspn(run->key, " \t\r\n")] = '\0';
		explicit_bzero(in->text, in->len);
		lines_close(in);
	} else if (given && *given) {
		run->key = mem_str(given);
	}
	for (const char *at = run->key ? run->key : ""; *at; at++)
		if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f)
			die("the key holds characters that no key has");
	run->talk.chat.key = run->key;
}

static int put_requests(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;
	size_t n, tokens = interview_write_requests(&run->talk, &run->questions, w->file, &n);

	(void)err;
	say("%zu requests, about %zu tokens with their answers", n, tokens);
	return 0;
}

static void clusters_done(void *arg, size_t n)
{
	progress_at(arg, n);
}

static void annotate(struct run *run)
{
	struct interview *talk = &run->talk;
	size_t n = run->questions.clusters.n;
	struct progress progress = progress_start("clusters", n);
	struct err err = ERR_INIT;

	MEM_ZERO(run->proposals, n);
	if (interview_hold(talk, &run->questions, run->proposals, clusters_done, &progress, &err))
		die_err(&err);
	progress_end(&progress);
	if (err_is_set(&talk->why))
		warn("%s", talk->why.text);
	if (talk->n_unenforced)
		warn("%zu answers were not what the schema asks for: the server does not hold the "
		     "model to it",
		     talk->n_unenforced);
	say("%zu clusters: %zu answers asked for, %zu from the cache, %zu tokens", n, talk->n_asked,
	    talk->n_cached, talk->used);
	manifest_count("asked", talk->n_asked);
	manifest_count("cached", talk->n_cached);
	manifest_count("tokens", talk->used);
	manifest_decision("model", "%s", o.model);
}

static void check_usage(void)
{
	if (!o.model)
		die_usage("-m NAME: which model?");
	if (!o.url && !o.cache_only && !o.dry_run)
		die_usage("--url URL: which service? (--cache-only and --dry-run ask nobody)");
	if (o.cache_only && !o.cache)
		die_usage("--cache-only needs --cache FOLDER");
	if (o.batch == 0 || o.batch > INTERVIEW_LARGEST_BATCH)
		die_usage("--batch is 1 to %zu", INTERVIEW_LARGEST_BATCH);
	if (o.repeat == 0 || o.repeat > 100 || o.timeout == 0 || o.most_tokens == 0 || o.wait < 0)
		die_usage("--repeat is 1 to 100; --timeout and --max-tokens are 1 or more");
}

static void set_up(struct run *run)
{
	for (size_t c = 0; c < run->questions.clusters.n; c++) {
		struct question *q = &run->questions.items[c];
		q->species = o.species;
		q->tissue = o.tissue ? o.tissue : "";
		q->most_tokens = o.most_tokens;
		q->schema = !str_eq(o.schema, "none");
	}
	run->talk = (struct interview){.model = o.model,
				       .cache = o.cache,
				       .cache_only = o.cache_only,
				       .budget = o.budget,
				       .batch = o.batch,
				       .repeat = o.repeat,
				       .seed = o.seed,
				       .chat = {.url = o.url,
						.retries = o.retries,
						.limit = o.timeout,
						.wait = o.wait,
						.simpler = str_eq(o.schema, "object")},
				       .why = ERR_INIT};
	read_key(run);
}

static void release(struct run *run)
{
	proposals_free(run->proposals, run->questions.clusters.n);
	questions_release(&run->questions);
	if (run->key)
		explicit_bzero(run->key, strlen(run->key));
	free(run->key);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct question_tables tables = {0};
	struct run run = {0};
	struct inputs in;
	bool stopped;

	tool_begin("llm-annotate", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_usage();
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	manifest_seed(o.seed);
	tables = (struct question_tables){in.paths[0], o.markers, o.terms};
	if (questions_read(&run.questions, &tables, &err))
		die_err(&err);
	set_up(&run);
	if (!o.dry_run)
		annotate(&run);
	struct proposals_table table = {&run.questions, run.proposals};
	if (o.dry_run ? tsv_write_file(o.output, put_requests, &run, &err)
		      : tsv_write_file(o.output, proposals_table_put, &table, &err))
		die_err(&err);
	stopped = run.talk.stopped;
	release(&run);
	tool_end();
	return stopped ? EXIT_REFUSED : 0;
}
