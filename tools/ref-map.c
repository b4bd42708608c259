/* ref-map - place the cells of a query in a reference's space.
 *
 * Reads an h5ad and a *.ref.h5, writes the h5ad with obsm X_pca_reference (projected) and
 * X_pca_mapped (batches taken out, Symphony's way, where there are some), obs map_distance and
 * map_pct, and uns map_coverage. One pass over the cells; memory is O(cells x components).
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "expression/expression.h"
#include "h5ad/writer.h"
#include "map/cluster_scores.h"
#include "map/correction.h"
#include "map/percentiles.h"
#include "map/profiles.h"
#include "map/projection.h"
#include "matrix/genes.h"

static struct opts {
	struct opt_list batches;
	const char *reference, *clusters, *cluster_scores, *slot, *accept, *compress, *output;
	double lambda, min_coverage;
	bool correct, no_correct, skip_below;
} o = {.slot = "auto", .compress = "none", .output = "-", .lambda = 1, .min_coverage = 0.25};

static const struct opt options[] = {
	OPT_TEXT("reference", 'm', reference, "REF", "what ref-build made"),
	OPT_LIST("batch", 'b', batches, "COLUMN", "batches of the query; may be given again"),
	OPT_FLOAT("lambda", 0, lambda, "X", "ridge of a batch's shift (1)"),
	OPT_FLAG("correct", 0, correct,
		 "move the query even where neither it nor the reference has batches"),
	OPT_FLAG("no-correct", 0, no_correct, "project only: no cell depends on the others"),
	OPT_FLOAT("min-coverage", 0, min_coverage, "SHARE",
		  "of the squared loadings that the query's genes must hold (0.25)"),
	OPT_FLAG("skip-below", 0, skip_below,
		 "below that the query passes as it is, without coordinates"),
	OPT_TEXT("clusters", 0, clusters, "TSV", "cell and cluster: score whole clusters too"),
	OPT_TEXT("cluster-scores", 0, cluster_scores, "TSV", "write the scores of --clusters"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the matrix: auto, X, raw or layers/NAME (auto)"),
	OPT_CHOICE("accept", 0, accept, "VERDICT", "take a matrix with this verdict as it is",
		   norm_names),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "place the cells of a query in a reference's space",
	.synopsis = "-m REF [OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
	.details = "Who belongs to nothing in the reference is told better by knn_pct, which\n"
		   "knn-transfer writes of what this maps, than by map_pct.",
};

struct run {
	struct reference *ref;
	struct h5ad *in;
	struct writer *out;
	struct pool *pool;
	struct batches batches;
	size_t n, dims;
	double *projected, *mapped, *distances, *percentiles;
	double coverage;
	bool skipped; /* too few of the genes: nothing is placed */
};

/* ---- the space ---- */

static void check_coverage(struct run *run, const struct projection *p, const struct input *input)
{
	struct text why = TEXT_INIT;

	run->coverage = p->share;
	manifest_value("coverage", p->share);
	say("%s: %zu of the reference's %zu genes, with %.1f%% of its squared loadings",
	    h5ad_path(run->in), p->n_shared, run->ref->genes.n, 100 * p->share);
	if (p->n_flat)
		warn("%s: %zu genes do not vary in the reference: taken as missing",
		     h5ad_path(run->in), p->n_flat);
	if (p->n_shared && p->share >= o.min_coverage)
		return;
	genes_compare(input->genes, input->n_genes, "the query", run->ref->genes.names,
		      run->ref->genes.n, "the reference", &why);
	if (!o.skip_below)
		refuse("%s: %zu genes of the reference, %.1f%% of its squared loadings: below "
		       "--min-coverage %g (%s)",
		       h5ad_path(run->in), p->n_shared, 100 * p->share, o.min_coverage, why.s);
	warn("%s: below --min-coverage %g: it is not mapped (%s)", h5ad_path(run->in),
	     o.min_coverage, why.s);
	manifest_decision("skipped", "%s: gene coverage", o.reference);
	text_release(&why);
	run->skipped = true;
}

/* What is large goes over as it is, and other threads copy it while the cells are placed. */
static void start_output(struct run *run)
{
	static const char *const large[] = {"X", "raw", "layers", "obsp"};
	struct err err = ERR_INIT;

	run->out = writer_open(o.output, o.compress, run->pool, &err);
	if (!run->out)
		die_err(&err);
	for (size_t i = 0; i < ARRAY_LEN(large); i++)
		if (writer_carry(run->out, run->in, large[i], &err))
			die_err(&err);
}

static void project(struct run *run)
{
	struct err err = ERR_INIT;
	struct input_rules rules = {.slot = o.slot,
				    .accept = o.accept,
				    .counts_only = run->ref->genes.residuals.slope != NULL,
				    .target_sum = run->ref->genes.target_sum};
	struct input *input = input_open(run->in, &rules, run->pool, &err);
	struct projection *p;
	struct stream *cells;
	struct text text = TEXT_INIT;
	size_t n_empty = 0;

	if (!input)
		die_err(&err);
	p = projection_new(run->ref, input->genes, input->n_genes);
	check_coverage(run, p, input);
	start_output(run);
	if (run->skipped) {
		projection_free(p);
		input_close(input);
		return;
	}
	run->projected = mem_alloc(mem_product(run->n, run->dims) + 1, sizeof(double));
	cells = input_stream(input, NULL, 0, &err);
	if (!cells || projection_read(p, cells, run->pool, run->projected, &n_empty, &err))
		die_err(&err);
	stream_free(cells);
	say("%s: %s", h5ad_path(run->in), input_decision(input, &text));
	if (n_empty)
		warn("%s: %zu cells have no value of the reference's genes: they all get one place",
		     h5ad_path(run->in), n_empty);
	manifest_count("empty_cells", n_empty);
	text_release(&text);
	projection_free(p);
	input_close(input);
}

/*
 * What came of no batches is moved only when that is asked for: the shift that such a query seems to
 * have is as much its cells' own strangeness as the way they were measured.
 */
static bool is_moved(const struct run *run)
{
	return o.correct || (!o.no_correct && (o.batches.n || reference_is_corrected(run->ref)));
}

static void correct(struct run *run)
{
	struct err err = ERR_INIT;

	run->mapped = mem_copy(run->projected, mem_product(run->n, run->dims) + 1, sizeof(double));
	if (!run->ref->clusters.n)
		return;
	manifest_decision("moved", "%s", is_moved(run) ? "yes" : "no");
	if (is_moved(run) && correction_apply(run->ref, run->projected, &run->batches, o.lambda,
					      run->pool, run->mapped, &err))
		die_err(&err);
	if (!run->ref->clusters.pca.means)
		return;
	MEM_ARRAY(run->distances, run->n + 1);
	correction_distances(run->ref, run->projected, run->n, run->pool, run->distances);
}

/* ---- what distances mean ---- */

/* Among the atlas's own cells of the label whose profile is nearest. */
static void find_percentiles(struct run *run)
{
	const struct ref_labels *l = run->ref->n_labels ? &run->ref->labels[0] : NULL;

	if (!run->distances || !l || !l->map_quantiles)
		return;
	struct percentile_scale s = percentile_scale_of(l->map_quantiles, l->counts, l->n);
	uint32_t *nearest = mem_alloc(run->n + 1, sizeof(*nearest));

	profiles_nearest(l, run->mapped, run->n, run->dims, run->pool, nearest);
	MEM_ARRAY(run->percentiles, run->n + 1);
	for (size_t i = 0; i < run->n; i++)
		run->percentiles[i] = percentile_in(&s, nearest[i], run->distances[i]);
	free(nearest);
	percentile_scale_release(&s);
}

/* ---- writing ---- */

static int write_points(struct run *run, struct writer *w, const char *where, const double *points,
			struct err *err)
{
	size_t n = mem_product(run->n, run->dims);
	float *single = mem_alloc(n + 1, sizeof(*single));
	int ret;

	for (size_t i = 0; i < n; i++)
		single[i] = (float)points[i];
	ret = writer_dense(w, where, single, run->n, run->dims, err);
	free(single);
	return ret;
}

static void add_column(struct frame *obs, const char *name, const double *values, size_t n)
{
	struct column c = column_new(name, COLUMN_FLOAT, n);

	for (size_t i = 0; values && i < n; i++)
		column_set_number(&c, i, values[i]);
	if (values)
		frame_add(obs, &c);
	column_release(&c);
}

static void write_output(struct run *run)
{
	struct err err = ERR_INIT;
	struct frame *obs = h5ad_obs(run->in);
	struct writer *w = run->out;

	add_column(obs, "map_distance", run->distances, run->n);
	add_column(obs, "map_pct", run->percentiles, run->n);
	if (writer_frame(w, "obs", obs, &err) ||
	    (run->projected &&
	     (write_points(run, w, "obsm/X_pca_reference", run->projected, &err) ||
	      write_points(run, w, "obsm/X_pca_mapped", run->mapped, &err))) ||
	    writer_number(w, "uns/map_coverage", run->coverage, false, &err) ||
	    writer_carry_rest(w, run->in, &err) || writer_finish(w, &err))
		die_err(&err);
}

static void score_clusters(const struct run *run)
{
	struct err err = ERR_INIT;
	struct mapped_cells q = {frame_keys(h5ad_obs(run->in), &err), run->n, run->projected};
	size_t n_without;

	if (!run->ref->clusters.n)
		refuse("%s has no clusters: --clusters has nothing to compare with", o.reference);
	if (!q.names ||
	    cluster_scores_write(run->ref, &q, o.clusters, o.cluster_scores, &n_without, &err))
		die_err(&err);
	if (n_without)
		warn("%s: %zu cells of %s are in no cluster", o.clusters, n_without,
		     h5ad_path(run->in));
	manifest_output(o.cluster_scores);
}

static void check_options(void)
{
	if (!o.reference)
		die_usage("which reference? (-m REF)");
	if (o.lambda < 0 || o.min_coverage < 0 || o.min_coverage > 1)
		die_usage("--lambda is 0 or more, --min-coverage 0 to 1");
	if (o.correct && o.no_correct)
		die_usage("--correct and --no-correct are two things");
	if (!o.clusters != !o.cluster_scores)
		die_usage("--clusters and --cluster-scores go together");
}

static void open_inputs(struct run *run, const char *query)
{
	struct err err = ERR_INIT;

	run->ref = reference_read_space(o.reference, &err);
	if (run->ref && !reference_projects(run->ref))
		refuse("%s: no gene has a deviation to be placed by (it came of Azimuth, without "
		       "the model of sctransform's that its cells were placed by): knn-transfer "
		       "--coordinates calls a query that has been placed",
		       o.reference);
	run->in = run->ref ? h5ad_open(query, &err) : NULL;
	if (!run->in ||
	    batches_read(&run->batches, h5ad_obs(run->in), o.batches.items, o.batches.n, &err))
		die_err(&err);
}

int main(int argc, char **argv)
{
	struct run run = {0};

	tool_begin("ref-map", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	check_options();
	manifest_input(o.reference);
	manifest_input(in.paths[0]);
	manifest_output(o.output);

	open_inputs(&run, in.paths[0]);
	run.pool = pool_new(tool_threads);
	run.n = h5ad_n_cells(run.in);
	run.dims = run.ref->n_dims;
	project(&run);
	if (!run.skipped) {
		correct(&run);
		find_percentiles(&run);
		if (o.clusters)
			score_clusters(&run);
	}
	write_output(&run);
	manifest_count("cells", run.n);

	free(run.projected);
	free(run.mapped);
	free(run.distances);
	free(run.percentiles);
	batches_release(&run.batches);
	reference_free(run.ref);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
