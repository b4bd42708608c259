/* ref-fetch - fetch references into a checked cache.
 *
 * Reads lists of references (TSV, as ref-query writes them) or their names; writes a TSV that says
 * where each file is, in the order asked. What is in the cache and intact is not fetched again.
 * A file that fails does not stop the others; then the exit status is 1 and the TSV says which.
 */
#include "base/util.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/pool.h"
#include "base/progress.h"
#include "base/tool.h"
#include "net/address.h"
#include "net/cache.h"
#include "ref/fetch.h"
#include "ref/registry.h"
#include "ref/synapse.h"

static struct opts {
	const char *cache, *token_file, *endpoint, *region, *synapse, *output;
	struct opt_list registry;
	size_t jobs, retries, stall;
	double wait;
	bool offline, refresh;
} o = {.output = "-", .endpoint = "", .jobs = 4, .retries = 5, .wait = 1, .stall = 60};

static const struct opt options[] = {
	OPT_TEXT("cache", 0, cache, "DIR", "keep files here (CELLXGENE_CACHE_DIR, ~/.cache/...)"),
	OPT_SIZE("jobs", 'j', jobs, "N", "files at a time (4)"),
	OPT_SIZE("retries", 0, retries, "N", "attempts after the first (5)"),
	OPT_FLOAT("wait", 0, wait, "SECONDS", "before the first of them, then doubled (1)"),
	OPT_SIZE("stall", 0, stall, "SECONDS", "without a byte before giving up an attempt (60)"),
	OPT_FLAG("offline", 0, offline, "only what is in the cache"),
	OPT_FLAG("refresh", 0, refresh, "fetch even what is in the cache"),
	OPT_LIST("registry", 'r', registry, "FILE", "a registry of your own, for names"),
	OPT_TEXT("endpoint", 0, endpoint, "URL", "where s3://BUCKET/FILE is (Amazon)"),
	OPT_TEXT("region", 0, region, "NAME", "of s3:// buckets (the Census')"),
	OPT_TEXT("synapse", 0, synapse, "URL", "the Synapse service (the public one)"),
	OPT_TEXT("token-file", 0, token_file, "FILE", "Synapse token, if not SYNAPSE_AUTH_TOKEN"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "fetch references into a checked cache",
	.synopsis = "[OPTIONS] [LIST.tsv|ID...] [-o FETCHED.tsv]",
	.options = options,
	.max_inputs = SIZE_MAX,
	.details = "An ID is a name of the registry, a Synapse id or a CELLxGENE dataset id.",
};

struct job {
	struct references list;
	struct fetched_file *got;
	struct err *errors;
	struct fetch_plan plan;
	struct progress progress;
	int64_t done, expected;
	pthread_mutex_t lock;
};

/* ---- what is asked for ---- */

static bool is_list(const char *input)
{
	struct stat st;

	return str_eq(input, "-") || str_ends(input, ".tsv") || str_ends(input, ".tsv.gz") ||
	       strchr(input, '/') || (stat(input, &st) == 0 && S_ISREG(st.st_mode));
}

static int add_input(struct references *list, struct registry *reg, const char *input,
		     struct err *err)
{
	struct ref_entry r;

	if (is_list(input)) {
		manifest_input(input);
		return references_read(list, input, err);
	}
	if (registry_find(reg, input, &r, err))
		return -1;
	registry_locate(&reg->list, &r, &reg->services);
	*references_add(list) = r;
	return 0;
}

static void read_inputs(struct job *job, struct registry *reg, const struct inputs *in)
{
	struct err err = ERR_INIT;

	if (registry_open(reg, o.registry.items, o.registry.n, &err))
		die_err(&err);
	for (size_t i = 0; i < MAX(1, in->n); i++)
		if (add_input(&job->list, reg, in->paths[i], &err))
			die_err(&err);
	MEM_ZERO(job->got, job->list.n + 1);
	MEM_ZERO(job->errors, job->list.n + 1);
}

static void make_plan(struct job *job, const struct services *s)
{
	struct err err = ERR_INIT;

	job->plan = (struct fetch_plan){
		.cache = cache_folder(o.cache, &err),
		.offline = o.offline,
		.refresh = o.refresh && !o.offline,
		.region = o.region ? o.region : s->census_region,
		.endpoint = o.endpoint,
		.synapse = o.synapse ? o.synapse : s->synapse,
		.patience = {.retries = o.retries, .wait = o.wait, .stall = o.stall},
	};
	if (!job->plan.cache)
		die_err(&err);
	job->plan.token = synapse_token(o.token_file, &err);
	if (err_is_set(&err))
		die_err(&err);
}

/* ---- fetching ---- */

static void meter(void *arg, int64_t done, int64_t expected)
{
	struct job *job = arg;

	pthread_mutex_lock(&job->lock);
	job->done += done;
	job->expected += expected;
	job->progress.total = (size_t)MAX(job->expected, job->done);
	progress_at(&job->progress, (size_t)MAX(0, job->done));
	pthread_mutex_unlock(&job->lock);
}

static void fetch_one(void *arg, size_t i)
{
	struct job *job = arg;
	const struct ref_entry *ref = &job->list.items[i];
	struct fetched_file *got = &job->got[i];
	struct err *err = &job->errors[i];

	if (fetch_reference(got, ref, &job->plan, err)) {
		got->status = FETCH_FAILED;
		warn("%s: %s", ref->id, err->text);
	} else {
		say("%s: %s%s%s, %s", ref->id, fetch_status_names[got->status],
		    *got->note ? ", " : "", got->note, got->path);
	}
}

static void fetch_all(struct job *job)
{
	struct pool *pool = pool_new(MAX(1, MIN(o.jobs, 64)));

	pthread_mutex_init(&job->lock, NULL);
	job->plan.meter = meter;
	job->plan.meter_arg = job;
	job->progress = progress_start("bytes", 0);
	pool_run(pool, job->list.n, fetch_one, job);
	progress_end(&job->progress);
	pool_free(pool);
	pthread_mutex_destroy(&job->lock);
}

/* ---- what came of it ---- */

static int put_result(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct job *job = arg;

	(void)err;
	w->sanitize = true;
	tsv_header(w, "id\tsource\tstatus\tpath\tsize\tsha256\tlabel_column\tcells\trelease\t"
		      "title\tmessage");
	for (size_t i = 0; i < job->list.n; i++) {
		const struct ref_entry *ref = &job->list.items[i];
		const struct fetched_file *got = &job->got[i];
		bool failed = got->status == FETCH_FAILED;

		tsv_put(w, ref->id);
		tsv_put(w, ref->source);
		tsv_put(w, fetch_status_names[got->status]);
		tsv_put(w, failed ? "" : got->path);
		failed ? tsv_put(w, "") : tsv_put_size(w, got->size);
		tsv_put(w, failed ? "" : got->sha256);
		tsv_put(w, ref->label);
		ref->cells ? tsv_put_size(w, ref->cells) : tsv_put(w, "");
		tsv_put(w, ref->release);
		tsv_put(w, ref->title);
		tsv_put(w, failed ? job->errors[i].text : got->note);
		tsv_end_row(w);
	}
	return 0;
}

static size_t count_failed(const struct job *job)
{
	size_t n = 0;

	for (size_t i = 0; i < job->list.n; i++)
		n += job->got[i].status == FETCH_FAILED;
	return n;
}

static void release(struct job *job)
{
	for (size_t i = 0; i < job->list.n; i++)
		fetched_file_release(&job->got[i]);
	free(job->got);
	free(job->errors);
	if (job->plan.token)
		explicit_bzero((void *)(uintptr_t)job->plan.token, strlen(job->plan.token));
	free((void *)(uintptr_t)job->plan.token);
	free((void *)(uintptr_t)job->plan.cache);
	references_release(&job->list);
}

int main(int argc, char **argv)
{
	struct job job = {0};
	struct registry reg = {0};
	struct err err = ERR_INIT;
	size_t failed;

	tool_begin("ref-fetch", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	if (!(o.wait >= 0))
		die_usage("--wait %g: should be 0 or more", o.wait);

	read_inputs(&job, &reg, &in);
	make_plan(&job, &reg.services);
	fetch_all(&job);
	if (tsv_write_file(o.output, put_result, &job, &err))
		die_err(&err);
	failed = count_failed(&job);
	manifest_count("files", job.list.n);
	manifest_count("failed", failed);
	manifest_output(o.output);
	release(&job);
	registry_release(&reg);

	int status = tool_end();
	return failed ? EXIT_FAILED : status;
}
