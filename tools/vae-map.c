/* vae-map - place a query in the latent space of a reference model, and label it.
 *
 * Reads a model (scvi-tools' model.pt, or vae-train's file) and an h5ad with counts; writes the
 * h5ad with obsm/X_scVI or X_scANVI, and for scANVI the predictions as TSV. A batch that the model
 * does not know is learned by surgery: one vector a layer, everything else stays. Memory does not
 * grow with the cells, but for a few bytes each; surgery holds counts up to --memory. Same input
 * and seed, same bytes, any threads.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/tool.h"
#include "h5ad/writer.h"
#include "vae/query_places.h"
#include "vae/query_surgery.h"
#include "vae/vae_file.h"
#include "vae/vae_report.h"
#include "vae/vae_surgery.h"

static struct opts {
	const char *model, *batch, *slot, *calls, *probability, *history, *save, *key, *compress,
		*output;
	size_t epochs, patience, seed, memory;
	double min_coverage, gain, rate;
	bool no_surgery, dropout, prototypes, skip_below;
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
	OPT_FLAG("skip-below", 0, skip_below,
		 "below that the query passes as it is, and gets a table without a byte"),
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
	bool skipped; /* too few genes, and that is no failure */
	struct query_batches batches;
	struct query_places places;
	struct vae_history history;
	struct progress progress;
};

/* ---- genes and batches ---- */

static void check_coverage(struct run *run)
{
	const struct query_counts *q = &run->counts;
	double share = (double)q->n_found / (double)q->n_genes;
	char *said = mem_printf("%s: %zu of the model's %zu genes are there (%.1f %%), by %s",
				h5ad_path(run->in), q->n_found, q->n_genes, 100 * share, q->column);
	bool enough = q->n_found && share >= o.min_coverage;

	manifest_count("genes_found", q->n_found);
	manifest_value("coverage", share);
	if (!enough && !o.skip_below)
		refuse("%s: --min-coverage is %g; the others would count as zero", said,
		       o.min_coverage);
	run->skipped = !enough;
	if (run->skipped) {
		warn("%s: below --min-coverage %g: it is not mapped", said, o.min_coverage);
		manifest_decision("skipped", "%s: gene coverage", o.model);
	} else {
		say("%s; %s holds %s", said, q->slot->name, norm_name(q->verdict.kind));
	}
	if (!run->skipped && q->verdict.kind != NORM_COUNTS)
		warn("%s: %s holds no whole counts (%s): the model was made for such",
		     h5ad_path(run->in), q->slot->name, q->verdict.why);
	free(said);
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

static void tell_surgery(const struct run *run, const struct surgery_plan *p)
{
	const struct vae_history *h = &run->history;

	if (p->n_labelled)
		say("%s: obs/%s: %zu cells bring labels of the model, which are learned from",
		    h5ad_path(run->in), run->model->labels_key, p->n_labelled);
	say("surgery: %zu new batch%s, %zu epochs%s", run->batches.fresh.n,
	    run->batches.fresh.n == 1 ? "" : "es", p->n_done,
	    p->stopped_early ? " (no gain since)" : "");
	manifest_count("epochs", p->n_done);
	if (h->n)
		manifest_value("elbo", h->epochs[h->n - 1].elbo);
}

static int operate(struct run *run, struct err *err)
{
	struct surgery_plan plan = {.epochs = o.epochs,
				    .patience = o.patience,
				    .gain = o.gain,
				    .rate = o.rate,
				    .dropout = o.dropout,
				    .memory = o.memory,
				    .seed = o.seed,
				    .hear = hear,
				    .listener = run};
	int ret;

	run->progress = progress_start("epochs", o.epochs);
	ret = query_surgery(&run->model, &run->counts, &run->batches, &plan, run->pool, err);
	progress_end(&run->progress);
	if (ret == 0)
		tell_surgery(run, &plan);
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

static int find_latents(struct run *run, struct err *err)
{
	struct progress progress = progress_start("cells", run->n_cells);
	struct query_places *p = &run->places;
	int ret;

	*p = (struct query_places){.label = o.calls || o.probability,
				   .prototypes = o.prototypes,
				   .hear = hear_cells,
				   .listener = &progress};
	ret = query_places_find(p, run->model, &run->counts, run->batches.of_cell, run->pool, err);
	progress_end(&progress);
	if (ret == 0 && p->n_empty)
		warn("%s: %zu cells have no count among the model's genes: their place says "
		     "nothing",
		     h5ad_path(run->in), p->n_empty);
	manifest_count("cells", run->n_cells);
	manifest_count("empty_cells", p->n_empty);
	return ret;
}

/* ---- writing ---- */

static int write_h5ad(struct run *run, struct err *err)
{
	const char *key = o.key ? o.key : vae_has_classes(run->model) ? "X_scANVI" : "X_scVI";
	size_t width = run->model->recipe.n_latent;
	struct writer *w = writer_open(o.output, o.compress, run->pool, err);
	char *where = mem_printf("obsm/%s", key);
	int ret = w ? 0 : -1;

	if (w && !run->skipped)
		ret = writer_dense_of(w, where, run->n_cells, width, query_places_rows,
				      &run->places, err);
	free(where);
	if (ret || writer_carry_rest(w, run->in, err)) {
		writer_abort(w);
		return -1;
	}
	return writer_finish(w, err);
}

static int write_tables(struct run *run, struct err *err)
{
	struct vae_calls calls = {.obs = h5ad_obs(run->in),
				  .n_cells = run->n_cells,
				  .labels = run->places.labels,
				  .n_labels = run->places.n_labels,
				  .p = &run->places.p,
				  .nearest = &run->places.nearest,
				  .empty = run->places.empty,
				  .model = path_file(o.model)};

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
	query_places_release(&run->places);
	pool_free(run->pool);
	h5ad_close(run->in);
}

/* A model without a classifier labels by prototypes, if it has some. */
static void check_model(const struct vae *v)
{
	if (o.calls && !vae_has_classes(v) && v->prototypes.n)
		o.prototypes = true;
	if (o.prototypes && !v->prototypes.n)
		die("%s: has no prototypes (vae-model prototypes makes them)", o.model);
	if ((o.calls || o.probability) && !o.prototypes && !vae_has_classes(v))
		die("%s: an scVI model has no labels: --calls and --probability want scANVI, or "
		    "--prototypes",
		    o.model);
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
	check_model(run.model);
	note_files(in.paths[0]);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	run.n_cells = h5ad_n_cells(run.in);
	if (query_open(&run.counts, run.in, o.slot, &run.model->genes, run.pool, &err))
		die_err(&err);
	check_coverage(&run);
	if (!run.skipped &&
	    (find_batches(&run, &err) || settle_batches(&run, &err) || find_latents(&run, &err)))
		die_err(&err);
	if (write_tables(&run, &err) || write_h5ad(&run, &err))
		die_err(&err);
	run_release(&run);
	return tool_end();
}
