/* vote - give every cell the label most cells of its cluster have.
 *
 * Reads a predictions TSV and clusters, writes the predictions with columns appended:
 * majority_voting as CellTypist votes, its ontology id when the calls bring ids, how clear the vote
 * was, and how strange the cluster is when the calls say novelty. Rows stay in order. Memory is
 * the predictions and about 60 bytes a cell.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/tool.h"
#include "calls/calls_table.h"
#include "calls/cluster_novelty.h"
#include "calls/clusters.h"
#include "calls/votes.h"
#include "format/tsv.h"

#define HETEROGENEOUS "Heterogeneous"

static struct opts {
	const char *clusters, *weights, *per_class, *output;
	double min_prop, keep_rare;
	size_t pool_from;
	bool novelty;
} o = {.output = "-", .keep_rare = NAN, .pool_from = 200};

static const char *const weight_choices[] = {"confidence", NULL};

static const struct opt options[] = {
	OPT_TEXT("clusters", 'c', clusters, "FILE|COLUMN",
		 "TSV of cell and cluster, or a column of the predictions"),
	OPT_FLOAT("min-prop", 0, min_prop, "P",
		  "clusters whose first label has less become " HETEROGENEOUS " (0)"),
	OPT_CHOICE("weights", 0, weights, "WHAT", "weigh votes by: confidence (every cell alike)",
		   weight_choices),
	OPT_FLOAT("keep-rare", 0, keep_rare, "FRACTION",
		  "minorities of this share, as confident as the leader, keep theirs"),
	OPT_FLAG("novelty", 0, novelty, "labels are not voted: only how strange the clusters are"),
	OPT_SIZE("pool-from", 0, pool_from, "N",
		 "of fewer cells how strange clusters are is left empty (200)"),
	OPT_TEXT("per-class", 0, per_class, "FILE", "write the cluster by label table"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "give every cell the label most cells of its cluster have",
	.synopsis = "-c CLUSTERS.tsv|COLUMN [OPTIONS] [CALLS.tsv] [-o VOTED.tsv]",
	.options = options,
	.max_inputs = 1,
};

static const char *const added[] = {"majority_voting", "vote_fraction", "vote_second",
				    "vote_cells",      "vote_entropy",  "cl_id_voted",
				    "novelty_voted",   "novelty_usual"};
#define N_ADDED_ALWAYS 5  /* the next is there when the calls have a column cl_id, */
#define N_ADDED_NOVELTY 6 /* from here on those of calls with a column novelty */

struct ballot {
	struct pool *pool;
	struct calls_table *calls;
	struct clusters clusters;
	uint32_t *rank; /* of labels, in byte order */
	struct votes *votes;
	struct cluster_novelty novelty;
	size_t n_kept; /* columns that stay */
	const char *
		*ids; /* per label: the id of its first call that has one; NULL without a column */
};

/* ---- the vote ---- */

static int hold_vote(struct ballot *b, struct err *err)
{
	uint32_t *sorted = strtab_sorted(&b->calls->label_names);
	bool need = o.weights || !isnan(o.keep_rare);

	if (need && !b->calls->has_confidence)
		return err_set(err, "%s: there is no column confidence to weigh by",
			       b->calls->path);
	MEM_ARRAY(b->rank, b->calls->label_names.n);
	for (size_t i = 0; i < b->calls->label_names.n; i++)
		b->rank[sorted[i]] = (uint32_t)i;
	free(sorted);
	b->votes = votes_new(b->clusters.names.n, b->calls->label_names.n);
	for (size_t cell = 0; cell < b->calls->n; cell++) {
		double confidence = b->calls->confidence[cell];

		if (need && isnan(confidence))
			return err_set(err, "%s: cell %s has no confidence", b->calls->path,
				       calls_table_cell(b->calls, cell));
		votes_add(b->votes, b->clusters.of_cell[cell], b->calls->labels[cell],
			  o.weights ? confidence : 1, confidence);
	}
	votes_count(b->votes, b->rank, o.min_prop);
	return 0;
}

/* The label of a cell after the vote, VOTES_NONE for a heterogeneous cluster. */
static uint32_t label_after(const struct ballot *b, size_t cell)
{
	uint32_t cluster = b->clusters.of_cell[cell], label = b->calls->labels[cell];

	if (!isnan(o.keep_rare) && votes_keep_rare(b->votes, cluster, label, o.keep_rare))
		return label;
	return b->votes->clusters[cluster].winner;
}

static void warn_of_lost_labels(const struct ballot *b)
{
	size_t n_labels = b->calls->label_names.n, n_kept = 0;
	bool *kept = mem_zero(n_labels, sizeof(*kept));
	uint32_t *sorted = strtab_sorted(&b->calls->label_names);
	struct text lost = TEXT_INIT;

	for (size_t cell = 0; cell < b->calls->n; cell++) {
		uint32_t label = label_after(b, cell);

		if (label != VOTES_NONE)
			kept[label] = true;
	}
	for (size_t i = 0; i < n_labels; i++) {
		n_kept += kept[sorted[i]];
		if (!kept[sorted[i]])
			text_add(&lost, "%s%s", lost.len ? ", " : "",
				 strtab_str(&b->calls->label_names, sorted[i]));
	}
	manifest_count("labels_before", n_labels);
	manifest_count("labels_after", n_kept);
	if (n_kept < n_labels)
		warn("voting leaves %zu of %zu labels; lost: %s (finer clusters, --keep-rare or no "
		     "voting would keep them)",
		     n_kept, n_labels, lost.s);
	text_release(&lost);
	free(sorted);
	free(kept);
}

/* What ids the calls bring for their labels. */
static void find_ids(struct ballot *b)
{
	size_t column = table_column(b->calls->table, "cl_id");

	if (column == SIZE_MAX)
		return;
	MEM_ZERO(b->ids, b->calls->label_names.n);
	for (size_t cell = 0; cell < b->calls->n; cell++) {
		const char **id = &b->ids[b->calls->labels[cell]];

		if (!*id || !**id)
			*id = table_field(b->calls->table, cell, column);
	}
}

/* ---- writing ---- */

static bool is_added(const struct ballot *b, const char *name)
{
	if (b->clusters.from_file && str_eq(name, "cluster"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(added); i++)
		if (str_eq(name, added[i]))
			return true;
	return false;
}

/* Is that one of 'added' in the table? */
static bool is_there(const struct ballot *b, size_t i)
{
	if (i >= N_ADDED_NOVELTY)
		return b->novelty.of_cluster;
	return !o.novelty && (i < N_ADDED_ALWAYS || b->ids);
}

/* The columns as read, without those of an earlier vote; n_kept of them. */
static void put_old_fields(const struct ballot *b, struct tsv_writer *w, const char *row)
{
	const struct table *t = b->calls->table;

	if (b->n_kept == t->n_columns) {
		tsv_put_fields(w, row, b->n_kept);
		return;
	}
	for (size_t i = 0; i < t->n_columns; i++, row += strlen(row) + 1)
		if (!is_added(b, t->header[i]))
			tsv_put(w, row);
}

static void put_header(struct ballot *b, struct tsv_writer *w)
{
	const struct table *t = b->calls->table;

	for (size_t i = 0; i < t->n_columns; i++) {
		if (is_added(b, t->header[i]))
			continue;
		tsv_put(w, t->header[i]);
		b->n_kept++;
	}
	if (b->clusters.from_file)
		tsv_put(w, "cluster");
	for (size_t i = 0; i < ARRAY_LEN(added); i++)
		if (is_there(b, i))
			tsv_put(w, added[i]);
	tsv_end_row(w);
}

static void put_vote(const struct ballot *b, struct tsv_writer *w, size_t cell)
{
	const struct cluster_vote *vote = &b->votes->clusters[b->clusters.of_cell[cell]];
	const struct strtab *labels = &b->calls->label_names;
	uint32_t label = label_after(b, cell);

	tsv_put(w, label == VOTES_NONE ? HETEROGENEOUS : strtab_str(labels, label));
	tsv_put_float(w, vote->leader_share);
	tsv_put(w, vote->second == VOTES_NONE ? "" : strtab_str(labels, vote->second));
	tsv_put_size(w, vote->n_cells);
	tsv_put_float(w, vote->entropy);
	if (b->ids)
		tsv_put(w, label == VOTES_NONE ? "" : b->ids[label]);
}

static void put_cell(struct tsv_writer *w, void *arg, size_t cell)
{
	const struct ballot *b = arg;
	uint32_t cluster = b->clusters.of_cell[cell];

	put_old_fields(b, w, b->calls->table->rows[cell]);
	if (b->clusters.from_file)
		tsv_put(w, strtab_str(&b->clusters.names, cluster));
	if (!o.novelty)
		put_vote(b, w, cell);
	if (b->novelty.of_cluster) {
		tsv_put_float(w, b->novelty.of_cluster[cluster]);
		tsv_put_float(w, b->novelty.of_label[b->calls->labels[cell]]);
	}
}

static int put_cells(struct tsv_writer *w, void *arg, struct err *err)
{
	struct ballot *b = arg;

	(void)err;
	put_header(b, w);
	tsv_put_rows(w, b->pool, b->calls->n, put_cell, b);
	return 0;
}

static int put_per_class(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct ballot *b = arg;

	(void)err;
	tsv_header(w, "cluster\tlabel\tcells\tweight\tshare\tmean_confidence");
	for (size_t c = 0; c < b->votes->n_clusters; c++) {
		for (size_t i = 0; i < b->votes->n_tallies[c]; i++) {
			const struct vote_tally *t = &b->votes->tallies[c][i];

			tsv_put(w, strtab_str(&b->clusters.names, (uint32_t)c));
			tsv_put(w, strtab_str(&b->calls->label_names, t->label));
			tsv_put_size(w, t->n_cells);
			tsv_put_float(w, t->weight);
			tsv_put_float(w, t->weight / b->votes->clusters[c].weight);
			tsv_put_float(w, t->confidence / (double)t->n_cells);
			tsv_end_row(w);
		}
	}
	return 0;
}

static void free_ballot(struct ballot *b)
{
	votes_free(b->votes);
	cluster_novelty_release(&b->novelty);
	calls_table_free(b->calls);
	clusters_release(&b->clusters);
	free(b->rank);
	free(b->ids);
	pool_free(b->pool);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct ballot b = {0};
	struct inputs in;

	tool_begin("vote", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (!o.clusters)
		die_usage("-c is needed: a clusters TSV, or a column of the predictions");
	if (!(o.min_prop >= 0 && o.min_prop <= 1))
		die_usage("--min-prop %g: a share from 0 to 1", o.min_prop);
	if (!isnan(o.keep_rare) && !(o.keep_rare >= 0 && o.keep_rare <= 1))
		die_usage("--keep-rare %g: a share from 0 to 1", o.keep_rare);
	if (o.novelty && (o.min_prop > 0 || o.weights || !isnan(o.keep_rare) || o.per_class))
		die_usage("--novelty: no label is voted on");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	b.pool = pool_new(tool_threads);
	b.calls = calls_table_read(in.paths[0], b.pool, &err);
	if (!b.calls || calls_table_index(b.calls, b.pool, &err) ||
	    clusters_read(&b.clusters, o.clusters, b.calls, b.pool, &err) || hold_vote(&b, &err) ||
	    cluster_novelty_read(&b.novelty, b.calls, &b.clusters, o.pool_from, b.pool, &err))
		die_err(&err);

	if (b.clusters.names.n == 1 && !o.novelty)
		warn("%s: only one cluster: every cell gets the same label", o.clusters);
	if (!o.novelty)
		warn_of_lost_labels(&b);
	else if (!b.novelty.of_cluster)
		say("%s: there is no column novelty to say of clusters", in.paths[0]);
	find_ids(&b);
	if (tsv_write_file(o.output, put_cells, &b, &err) ||
	    (o.per_class && tsv_write_file(o.per_class, put_per_class, &b, &err)))
		die_err(&err);

	free_ballot(&b);
	return tool_end();
}
