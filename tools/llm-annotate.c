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
#include "evidence/answer_cache.h"
#include "evidence/proposals_table.h"
#include "format/lines.h"
#include "format/tsv.h"
#include "net/chat.h"

#define MOST_IN_VAIN 3 /* questions that reach nobody before the rest are not asked */

static struct opts {
	const char *url, *model, *key_file, *markers, *terms, *species, *tissue, *cache, *schema;
	const char *output;
	bool cache_only, dry_run;
	size_t budget, repeat, seed, timeout, retries, most_tokens;
	double wait;
} o = {.species = "human",
       .schema = "strict",
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
	struct chat chat;
	struct proposal *proposals;
	char *key;
	size_t used;                                       /* tokens */
	bool stopped;                                      /* the budget or the quota */
	size_t n_cached, n_asked, n_unenforced, n_in_vain; /* the last: in a row */
	struct err why; /* the first thing that went wrong with the service */
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
	run->chat.key = run->key;
}

/* ---- asking ---- */

static void note_trouble(struct run *run, const struct err *err)
{
	if (!err_is_set(&run->why))
		run->why = *err;
}

/* One question, from the cache or the service. The reason why there is no answer, or NULL. */
static const char *get_answer(struct run *run, const struct question *q, size_t seed,
			      struct kept_answer *kept, const char **source)
{
	json_t *request = question_request(q, o.model, seed);
	char *body = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);
	struct chat_reply reply = {0};
	struct err err = ERR_INIT;
	const char *reason = NULL;

	*kept = (struct kept_answer){0};
	*source = "cache";
	if (o.cache && answer_cache_get(o.cache, body, kept)) {
		run->n_cached++;
	} else if (o.cache_only) {
		reason = "not-cached";
	} else if (run->stopped || (o.budget && run->used + question_tokens(q, body) > o.budget)) {
		run->stopped = true;
		reason = "budget";
	} else if (run->n_in_vain >= MOST_IN_VAIN) {
		reason = "unreachable";
	} else {
		enum chat_end end = chat_ask(&run->chat, request, &reply, &err);
		*source = "model";
		run->n_asked++;
		run->used += reply.prompt_tokens + reply.completion_tokens;
		if (end == CHAT_FORBIDDEN)
			die_err(&err);
		run->stopped |= end == CHAT_SPENT;
		run->n_in_vain = end == CHAT_UNREACHABLE ? run->n_in_vain + 1 : 0;
		reason = end == CHAT_ANSWERED  ? NULL
			 : end == CHAT_CUT     ? "cut"
			 : end == CHAT_REFUSED ? "refused"
			 : end == CHAT_SPENT   ? "quota"
					       : "unreachable";
		if (reason)
			note_trouble(run, &err);
		else
			*kept = (struct kept_answer){mem_str(reply.content), mem_str(reply.model),
						     reply.prompt_tokens, reply.completion_tokens};
		chat_reply_release(&reply);
	}
	free(body);
	json_decref(request);
	return reason;
}

/* Keep an answer that was right in form, under its question. */
static void keep_answer(const struct question *q, size_t seed, const struct kept_answer *kept)
{
	json_t *request = question_request(q, o.model, seed);
	char *body = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);
	struct err err = ERR_INIT;

	if (answer_cache_put(o.cache, body, kept, &err))
		die_err(&err);
	free(body);
	json_decref(request);
}

/* Ask once; the answer replaces what the proposal had when it is the first or 'better'. */
static void ask_once(struct run *run, const struct question *q, size_t seed, struct proposal *p,
		     size_t *votes)
{
	struct kept_answer kept;
	struct proposed a;
	const char *source, *reason = get_answer(run, q, seed, &kept, &source);

	p->n_asked++;
	if (reason) {
		if (!p->reason || !*p->reason)
			p->reason = p->model ? p->reason : reason;
		kept_answer_release(&kept);
		return;
	}
	proposed_check(&a, q, kept.content);
	bool well = a.status == ANSWER_LABEL || a.status == ANSWER_DECLINED;
	if (well && o.cache && str_eq(source, "model"))
		keep_answer(q, seed, &kept);
	run->n_unenforced += !well && q->schema;
	if (a.status == ANSWER_LABEL)
		votes[a.label]++;
	if (!p->model || (a.status == ANSWER_LABEL && votes[a.label] > p->n_agree)) {
		proposed_release(&p->answer);
		free(p->model);
		p->answer = a;
		p->reason = answer_status_name(a.status);
		p->model = mem_str(kept.model);
		p->source = source;
		p->n_agree = a.status == ANSWER_LABEL ? votes[a.label] : 0;
	} else {
		proposed_release(&a);
	}
	p->prompt_tokens += kept.prompt_tokens;
	p->completion_tokens += kept.completion_tokens;
	kept_answer_release(&kept);
}

static void ask_about(struct run *run, size_t cluster)
{
	struct question *q = &run->questions.items[cluster];
	struct proposal *p = &run->proposals[cluster];
	size_t votes[QUESTION_LABELS] = {0};

	*p = (struct proposal){.source = "", .reason = ""};
	p->answer = (struct proposed){.label = SIZE_MAX,
				      .genes = TEXT_INIT,
				      .alternatives = TEXT_INIT,
				      .reason = TEXT_INIT};
	if (q->labels.n == 0 || q->genes.n == 0) {
		p->reason = "no-candidates";
		return;
	}
	p->reason = NULL;
	for (size_t k = 0; k < o.repeat; k++)
		ask_once(run, q, o.seed + k, p, votes);
	if (!p->reason)
		p->reason = "";
}

static int put_requests(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;
	size_t tokens = 0;

	(void)err;
	for (size_t c = 0; c < run->questions.clusters.n; c++) {
		const struct question *q = &run->questions.items[c];
		json_t *request = question_request(q, o.model, o.seed);
		char *body = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);
		tokens += question_tokens(q, body);
		fprintf(w->file, "%s\n", body);
		free(body);
		json_decref(request);
	}
	say("%zu requests, about %zu tokens with their answers", run->questions.clusters.n, tokens);
	return 0;
}

static void annotate(struct run *run)
{
	size_t n = run->questions.clusters.n;
	struct progress progress = progress_start("clusters", n);

	MEM_ZERO(run->proposals, n);
	for (size_t c = 0; c < n; c++) {
		ask_about(run, c);
		progress_at(&progress, c + 1);
	}
	progress_end(&progress);
	if (err_is_set(&run->why))
		warn("%s", run->why.text);
	if (run->n_unenforced)
		warn("%zu answers were not what the schema asks for: the server does not hold the "
		     "model to it",
		     run->n_unenforced);
	say("%zu clusters: %zu answers asked for, %zu from the cache, %zu tokens", n, run->n_asked,
	    run->n_cached, run->used);
	manifest_count("asked", run->n_asked);
	manifest_count("cached", run->n_cached);
	manifest_count("tokens", run->used);
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
	if (o.repeat == 0 || o.repeat > 100 || o.timeout == 0 || o.most_tokens == 0 || o.wait < 0)
		die_usage("--repeat is 1 to 100; --timeout and --max-tokens are 1 or more");
}

static void release(struct run *run)
{
	for (size_t c = 0; run->proposals && c < run->questions.clusters.n; c++) {
		proposed_release(&run->proposals[c].answer);
		free(run->proposals[c].model);
	}
	free(run->proposals);
	questions_release(&run->questions);
	if (run->key)
		explicit_bzero(run->key, strlen(run->key));
	free(run->key);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct question_tables tables = {0};
	struct run run = {.why = ERR_INIT};
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
	for (size_t c = 0; c < run.questions.clusters.n; c++) {
		struct question *q = &run.questions.items[c];
		q->species = o.species;
		q->tissue = o.tissue ? o.tissue : "";
		q->most_tokens = o.most_tokens;
		q->schema = !str_eq(o.schema, "none");
	}
	run.chat = (struct chat){
		.url = o.url, .retries = o.retries, .limit = o.timeout, .wait = o.wait};
	run.chat.simpler = str_eq(o.schema, "object");
	read_key(&run);
	if (!o.dry_run)
		annotate(&run);
	struct proposals_table table = {&run.questions, run.proposals};
	if (o.dry_run ? tsv_write_file(o.output, put_requests, &run, &err)
		      : tsv_write_file(o.output, proposals_table_put, &table, &err))
		die_err(&err);
	stopped = run.stopped;
	release(&run);
	tool_end();
	return stopped ? EXIT_REFUSED : 0;
}
