/* vae-map - place a query in the latent space of a reference model, and label it.
 *
 * Reads a model (scvi-tools' model.pt, or vae-train's file) and an h5ad with counts; writes the
 * h5ad with obsm/X_scVI or X_scANVI, and for scANVI the predictions as TSV. A batch that the model
 * does not know is learned by surgery: one vector a layer, everything else stays. Memory is the
 * latents and, for surgery, the counts up to --memory. Same input and seed, same bytes, any
 * threads.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "h5ad/writer.h"
#include "vae/query_batches.h"
#include "vae/vae_file.h"
#include "vae/vae_latent.h"
#include "vae/vae_report.h"
#include "vae/vae_surgery.h"

static struct opts {
	const char *model, *batch, *slot, *calls, *probability, *history, *save, *key, *compress,
		*output;
	size_t epochs, patience, seed, memory;
	double min_coverage, gain, rate;
	bool no_surgery, dropout, prototypes;
} o = {.slot = "auto",
       .compress = "none",
       .output = "-",
       .epochs = 500,
       .patience = 10,
       .memory = (size_t)1 << 30,
       .min_coverage = 0.8,
       .gain = 0.001,
       .rate = 1e-3};

static const struct opt options[] = {
	OPT_TEXT("model", 'm', model, "MODEL", "model.pt, its folder, or a file of vae-train"),
	OPT_TEXT("batch", 'b', batch, "COLUMN", "obs column of batches (the model's, or none)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix with counts: auto, X, raw, layers/NAME (auto)"),
	OPT_FLOAT("min-coverage", 0, min_coverage, "SHARE", "of genes, else refuse (0.8)"),
	OPT_FLAG("no-surgery", 0, no_surgery, "take new batches for the likeliest old ones"),
	OPT_SIZE("epochs", 0, epochs, "N", "of surgery, at most (500)"),
	OPT_SIZE("patience", 0, patience, "N", "epochs without a gain to stop after (10; 0: none)"),
	OPT_FLOAT("gain", 0, gain, "ELBO", "what counts as a gain (0.001)"),
	OPT_FLOAT("rate", 0, rate, "RATE", "learning rate (0.001)"),
	OPT_FLAG("dropout", 0, dropout, "keep the model's dropout during surgery"),
	OPT_SIZE("seed", 0, seed, "N", "seed of the random choices (0)"),
	OPT_BYTES("memory", 0, memory, "BYTES", "of counts held; more go to a scratch file (1G)"),
	OPT_TEXT("key", 0, key, "NAME", "name in obsm (X_scVI or X_scANVI)"),
	OPT_TEXT("calls", 'c', calls, "FILE", "write predictions here (scANVI)"),
	OPT_TEXT("probability", 'p', probability, "FILE", "write every class's probability here"),
	OPT_FLAG("prototypes", 0, prototypes, "label by the nearest prototype, not the classifier"),
	OPT_TEXT("history", 0, history, "FILE", "write the epochs of surgery here"),
	OPT_TEXT("save-model", 0, save, "FILE", "write the model after surgery here"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "place a query in a reference model's latent space, and label it",
	.synopsis = "-m MODEL [OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct vae *model; /* after surgery: the extended one */
	struct h5ad *in;
	struct pool *pool;
	struct query_counts counts;
	size_t n_cells;
	struct query_batches batches;
	const struct names *labels;
	size_t n_labels;
	float *latent, *p, *distance, *quantile;
	bool *empty;
	size_t n_empty;
	struct vae_history history;
	struct progress progress;
};

/* ---- genes and batches ---- */

static void check_coverage(const struct run *run)
{
	const struct query_counts *q = &run->counts;
	double share = (double)q->n_found / (double)q->n_genes;

	manifest_count("genes_found", q->n_found);
	manifest_value("coverage", share);
	if (q->n_found == 0 || share < o.min_coverage)
		refuse("%s: %zu of the model's %zu genes are there (%.1f %%), by %s: "
		       "--min-coverage "
		       "is %g; the others would count as zero",
		       h5ad_path(run->in), q->n_found, q->n_genes, 100 * share, q->column,
		       o.min_coverage);
	say("%s: %s holds %s; %zu of the model's %zu genes are there (%.1f %%), by %s",
	    h5ad_path(run->in), q->slot->name, norm_name(q->verdict.kind), q->n_found, q->n_genes,
	    100 * share, q->column);
	if (q->verdict.kind != NORM_COUNTS)
		warn("%s: %s holds no whole counts (%s): the model was made for such",
		     h5ad_path(run->in), q->slot->name, q->verdict.why);
}

static int find_batches(struct run *run, struct err *err)
{
	struct query_batches *b = &run->batches;

	if (query_batches_find(b, run->model, run->in, o.batch, err))
		return -1;
	if (b->column)
		say("%s: obs/%s: %zu batches are the model's own, %zu are new", h5ad_path(run->in),
		    b->column, b->n_known, b->fresh.n);
	return 0;
}

/* Without surgery a new batch is taken for an old one. */
static int take_nearest(struct run *run, struct err *err)
{
	struct query_batches *b = &run->batches;
	uint32_t *nearest = mem_zero(b->fresh.n + 1, sizeof(*nearest));
	int ret = query_batches_nearest(b, run->model, &run->counts, nearest, err);

	for (size_t i = 0; i < b->fresh.n && ret == 0; i++)
		say("batch %s is taken for %s, which explains it best", b->fresh.s[i],
		    run->model->batches.s[nearest[i]]);
	free(nearest);
	return ret;
}

/* ---- surgery ---- */

static int hear(void *arg, const struct vae_epoch *e)
{
	struct run *run = arg;

	vae_history_add(&run->history, e);
	progress_note(&run->progress, e->epoch, "elbo %.3f", e->elbo);
	return 0;
}

static void tell_surgery(const struct run *run, const struct vae_training *t)
{
	const struct vae_history *h = &run->history;

	say("surgery: %zu new batch%s, %zu epochs%s", run->batches.fresh.n,
	    run->batches.fresh.n == 1 ? "" : "es", t->n_done,
	    t->stopped_early ? " (no gain since)" : "");
	manifest_count("epochs", t->n_done);
	if (h->n)
		manifest_value("elbo", h->epochs[h->n - 1].elbo);
}

static int operate(struct run *run, struct err *err)
{
	size_t n_old = run->model->recipe.n_batches;
	struct vae *q = vae_extend(run->model, run->batches.fresh.s, run->batches.fresh.n, o.seed);
	struct vae_training t = VAE_TRAINING;
	size_t n_labelled = 0;
	uint32_t *label = query_labels(q, run->in, &n_labelled);
	int ret = -1;

	vae_free(run->model);
	run->model = q;
	if (n_labelled)
		say("%s: obs/%s: %zu cells bring labels of the model, which are learned from",
		    h5ad_path(run->in), q->labels_key, n_labelled);
	vae_train_batches(q, n_old);
	if (!o.dropout)
		q->encoder.dropout = q->classifier.dropout = q->up.dropout = 0;
	t.model = q;
	t.store = count_store_of(query_stream(&run->counts, NULL, 0, err), run->counts.n_genes,
				 o.memory, err);
	t.batch = run->batches.of_cell;
	t.label = label;
	t.cache_first = true;
	t.epochs = o.epochs;
	t.train_share = 1;
	t.rate = o.rate;
	t.decay = 0;
	t.watch = o.patience ? WATCH_TRAIN : WATCH_NOTHING;
	t.patience = o.patience;
	t.least_gain = o.gain;
	t.seed = o.seed;
	t.hear = hear;
	t.listener = run;
	run->progress = progress_start("epochs", o.epochs);
	if (t.store)
		ret = vae_train(&t, run->pool, err);
	progress_end(&run->progress);
	if (ret == 0)
		tell_surgery(run, &t);
	count_store_free(t.store);
	free(label);
	return ret;
}

static int settle_batches(struct run *run, struct err *err)
{
	if (!run->batches.fresh.n)
		return 0;
	if (o.no_surgery)
		return take_nearest(run, err);
	if (!vae_can_move(run->model)) {
		warn("the model's encoder never sees the batch: surgery could not move a cell, and "
		     "is left out");
		return take_nearest(run, err);
	}
	return operate(run, err);
}

/* ---- the latent space ---- */

static void hear_cells(void *progress, size_t n_done)
{
	progress_at(progress, n_done);
}

static void find_nearest(struct run *run)
{
	if (!o.prototypes)
		return;
	MEM_ZERO(run->distance, run->n_cells + 1);
	MEM_ZERO(run->quantile, run->n_cells + 1);
	prototypes_place(&run->model->prototypes, run->latent, run->n_cells, run->p, run->distance,
			 run->quantile);
}

static int find_latents(struct run *run, struct err *err)
{
	const struct vae_recipe *r = &run->model->recipe;
	struct progress progress = progress_start("cells", run->n_cells);
	struct latent_wanted w = {.hear = hear_cells, .listener = &progress};
	struct stream *s = query_stream(&run->counts, NULL, 0, err);
	int ret = -1;

	run->latent = mem_zero(mem_product(run->n_cells, r->n_latent) + 1, sizeof(float));
	run->labels = o.prototypes ? &run->model->prototypes.labels : &run->model->labels;
	run->n_labels = o.prototypes ? run->model->prototypes.n : r->n_labels;
	if (run->n_labels)
		run->p = mem_zero(mem_product(run->n_cells, run->n_labels) + 1, sizeof(float));
	run->empty = mem_zero(run->n_cells + 1, sizeof(bool));
	w.latent = run->latent;
	w.p = o.prototypes ? NULL : run->p;
	w.empty = run->empty;
	if (s)
		ret = vae_latents(run->model, s, run->batches.of_cell, &w, run->pool, err);
	stream_free(s);
	progress_end(&progress);
	run->n_empty = w.n_empty;
	find_nearest(run);
	if (ret == 0 && w.n_empty)
		warn("%s: %zu cells have no count among the model's genes: their place says "
		     "nothing",
		     h5ad_path(run->in), w.n_empty);
	manifest_count("cells", run->n_cells);
	manifest_count("empty_cells", w.n_empty);
	return ret;
}

/* ---- writing ---- */

static int write_h5ad(struct run *run, struct err *err)
{
	const char *key = o.key ? o.key : vae_has_classes(run->model) ? "X_scANVI" : "X_scVI";
	size_t width = run->model->recipe.n_latent;
	struct writer *w = writer_open(o.output, o.compress, run->pool, err);
	char *where = mem_printf("obsm/%s", key);
	int ret = w ? writer_dense(w, where, run->latent, run->n_cells, width, err) : -1;

	free(where);
	if (ret || writer_carry_rest(w, run->in, err)) {
		writer_abort(w);
		return -1;
	}
	return writer_finish(w, err);
}

static int write_tables(struct run *run, struct err *err)
{
	const char *slash = strrchr(o.model, '/');
	struct vae_calls calls = {.obs = h5ad_obs(run->in),
				  .n_cells = run->n_cells,
				  .labels = run->labels,
				  .n_labels = run->n_labels,
				  .p = run->p,
				  .distance = run->distance,
				  .quantile = run->quantile,
				  .empty = run->empty,
				  .model = slash && slash[1] ? slash + 1 : o.model};

	if ((o.calls && tsv_write_file(o.calls, vae_put_calls, &calls, err)) ||
	    (o.probability && tsv_write_file(o.probability, vae_put_probabilities, &calls, err)) ||
	    (o.history && tsv_write_file(o.history, vae_put_history, &run->history, err)) ||
	    (o.save && vae_file_write(run->model, o.save, err)))
		return -1;
	return 0;
}

static void note_files(const char *input)
{
	const char *const outputs[] = {o.output, o.calls, o.probability, o.history, o.save};

	manifest_input(o.model);
	manifest_input(input);
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
		if (outputs[i])
			manifest_output(outputs[i]);
}

static void run_release(struct run *run)
{
	vae_free(run->model);
	query_close(&run->counts);
	query_batches_release(&run->batches);
	vae_history_release(&run->history);
	free(run->latent);
	free(run->p);
	free(run->distance);
	free(run->quantile);
	free(run->empty);
	pool_free(run->pool);
	h5ad_close(run->in);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("vae-map", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (!o.model)
		die_usage("which model? (-m MODEL)");
	if (!(o.min_coverage >= 0 && o.min_coverage <= 1) || !(o.rate > 0) || !(o.gain >= 0))
		die_usage("--min-coverage is from 0 to 1, --rate above 0, --gain 0 or more");
	run.model = vae_read(o.model, &err);
	if (!run.model)
		die_err(&err);
	if (o.prototypes && !run.model->prototypes.n)
		die("%s: has no prototypes (vae-model prototypes makes them)", o.model);
	if ((o.calls || o.probability) && !o.prototypes && !vae_has_classes(run.model))
		die("%s: an scVI model has no labels: --calls and --probability want scANVI, or "
		    "--prototypes",
		    o.model);
	note_files(in.paths[0]);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	run.n_cells = h5ad_n_cells(run.in);
	if (query_open(&run.counts, run.in, o.slot, &run.model->genes, run.pool, &err))
		die_err(&err);
	check_coverage(&run);
	if (find_batches(&run, &err) || settle_batches(&run, &err) || find_latents(&run, &err) ||
	    write_tables(&run, &err) || write_h5ad(&run, &err))
		die_err(&err);
	run_release(&run);
	return tool_end();
}
