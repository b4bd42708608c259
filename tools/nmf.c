/* nmf - cells as sums of a few parts, each a list of genes that a person can read.
 *
 * Reads an h5ad, writes it with obsm/X_nmf, how much of each part a cell has, and varm/NMF, how much
 * of each gene is in a part. One pass over the cells for each step, some hundred in all; memory is
 * O(cells x parts + genes x genes of those chosen).
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "expression/expression.h"
#include "expression/nmf.h"
#include "expression/variable_genes.h"
#include "format/tsv.h"
#include "h5ad/writer.h"
#include "linalg/kernels.h"
#include "matrix/stream_steps.h"

static struct opts {
	size_t rank, genes, most_steps, top;
	double tolerance;
	const char *slot, *accept, *as, *parts, *compress, *output;
} o = {.rank = 10,
       .genes = 2500,
       .most_steps = 500,
       .top = 30,
       .tolerance = 1e-4,
       .slot = "auto",
       .compress = "none",
       .output = "-"};

static const struct opt options[] = {
	OPT_SIZE("rank", 0, rank, "N", "parts (10)"),
	OPT_SIZE("genes", 0, genes, "N", "most variable genes to use (2500)"),
	OPT_SIZE("steps", 0, most_steps, "N", "at most so many (500)"),
	OPT_FLOAT("tolerance", 0, tolerance, "SHARE",
		  "end when a step moves less than this of the first (0.0001)"),
	OPT_TEXT("parts", 0, parts, "FILE", "write the genes of each part, the strongest first"),
	OPT_SIZE("top", 0, top, "N", "so many genes a part (30)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the matrix: auto, X, raw or layers/NAME (auto)"),
	OPT_TEXT("accept", 0, accept, "VERDICT", "take a matrix judged so as it is"),
	OPT_CHOICE("as", 0, as, "WHAT",
		   "what X or SLOT is, whatever it looks like: counts, log1p, log2, cpm", input_as),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "cells as sums of a few parts, each a list of genes",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct h5ad *in;
	struct pool *pool;
	struct input *input;
	uint32_t *map; /* of the matrix's genes to those chosen */
	size_t *genes; /* and back */
	size_t n_genes;
	struct nmf parts;
};

/* ---- the parts ---- */

static int choose_genes(struct run *run, struct err *err)
{
	struct stream *cells = input_stream(run->input, NULL, 0, err);
	size_t n = run->input->n_genes;
	struct gene_moments m = {0};
	bool *chosen = mem_zero(n, sizeof(*chosen));
	int failed = cells ? gene_moments_read(&m, cells, run->pool, err) : -1;

	stream_free(cells);
	if (!failed && n > o.genes)
		variable_genes(&m, o.genes, chosen);
	MEM_ARRAY(run->map, n);
	MEM_ARRAY(run->genes, n);
	for (size_t g = 0; g < n && !failed; g++) {
		bool taken = n > o.genes ? chosen[g] : m.sums[g].n_positive > 0;

		run->map[g] = taken ? (uint32_t)run->n_genes : STRTAB_NONE;
		if (taken)
			run->genes[run->n_genes++] = g;
	}
	gene_moments_release(&m);
	free(chosen);
	return failed;
}

static struct stream *open_again(void *arg, struct err *err)
{
	const struct run *run = arg;

	return input_stream_genes(run->input, run->map, run->n_genes, err);
}

static int find_parts(struct run *run, struct err *err)
{
	struct nmf_rules rules = {o.rank, o.most_steps, o.tolerance};
	struct text scratch = TEXT_INIT;

	if (choose_genes(run, err))
		return -1;
	say("%s: %s", h5ad_path(run->in), input_decision(run->input, &scratch));
	text_release(&scratch);
	if (nmf_find(&run->parts, &rules, open_again, run, run->n_genes, run->pool, err))
		return err_prefix(err, "%s", h5ad_path(run->in));
	if (!run->parts.has_settled)
		warn("%s: has not settled after %zu steps (--steps)", h5ad_path(run->in),
		     run->parts.n_steps);
	say("%s: %zu parts of %zu genes explain %.1f%% of the squares, after %zu steps",
	    h5ad_path(run->in), o.rank, run->n_genes, 100 * nmf_share(&run->parts),
	    run->parts.n_steps);
	manifest_count("genes", run->n_genes);
	manifest_count("steps", run->parts.n_steps);
	manifest_value("distance", run->parts.distance);
	manifest_value("share", nmf_share(&run->parts));
	manifest_decision("kernels", "%s", kernels_name());
	return 0;
}

/* ---- writing ---- */

static int write_array(struct writer *w, const char *where, const double *values, size_t n_rows,
		       const size_t *rows, size_t n_all, struct err *err)
{
	size_t rank = o.rank;
	float *all;
	int ret;

	MEM_ZERO(all, mem_product(n_all, rank));
	for (size_t i = 0; i < n_rows; i++)
		for (size_t r = 0; r < rank; r++)
			all[(rows ? rows[i] : i) * rank + r] = (float)values[i * rank + r];
	ret = writer_dense(w, where, all, n_all, rank, err);
	free(all);
	return ret;
}

static int write_h5ad(const struct run *run, struct err *err)
{
	const struct nmf *f = &run->parts;
	struct writer *w = writer_open(o.output, o.compress, run->pool, err);
	bool of_var = !str_eq(run->input->slot->name, "raw"); /* whose genes are others */

	if (!w)
		return -1;
	if (!of_var)
		say("%s: raw has genes of its own: there is no varm/NMF (--parts lists them)",
		    h5ad_path(run->in));
	if (write_array(w, "obsm/X_nmf", f->w, f->n_cells, NULL, f->n_cells, err) ||
	    (of_var &&
	     write_array(w, "varm/NMF", f->h, f->n_genes, run->genes, run->input->n_genes, err)) ||
	    writer_number(w, "uns/nmf/distance", f->distance, false, err) ||
	    writer_number(w, "uns/nmf/share", nmf_share(f), false, err) ||
	    writer_number(w, "uns/nmf/steps", (double)f->n_steps, true, err) ||
	    writer_carry_rest(w, run->in, err)) {
		writer_abort(w);
		return -1;
	}
	return writer_finish(w, err);
}

struct strong {
	double by;
	size_t gene;
};

static int by_strength(const void *a, const void *b)
{
	const struct strong *x = a, *y = b;

	if (x->by != y->by)
		return x->by > y->by ? -1 : 1;
	return x->gene < y->gene ? -1 : x->gene > y->gene;
}

static int put_parts(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;
	const struct nmf *f = &run->parts;
	struct strong *genes;

	(void)err;
	MEM_ARRAY(genes, f->n_genes);
	tsv_header(w, "part\trank\tgene\tweight\tshare");
	for (size_t part = 0; part < f->rank; part++) {
		double sum = 0;

		for (size_t g = 0; g < f->n_genes; g++) {
			genes[g] = (struct strong){f->h[g * f->rank + part], g};
			sum += genes[g].by;
		}
		qsort(genes, f->n_genes, sizeof(*genes), by_strength);
		for (size_t i = 0; i < MIN(o.top, f->n_genes) && genes[i].by > 0; i++) {
			tsv_put_size(w, part);
			tsv_put_size(w, i + 1);
			tsv_put(w, run->input->genes[run->genes[genes[i].gene]]);
			tsv_put_float(w, genes[i].by);
			tsv_put_float(w, genes[i].by / sum);
			tsv_end_row(w);
		}
	}
	free(genes);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("nmf", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.rank == 0 || o.rank > 1000 || o.genes < 2 || o.most_steps == 0)
		die_usage("--rank is 1 to 1000, --genes 2 or more, --steps 1 or more");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	struct input_rules rules = {
		.slot = o.slot, .accept = o.accept, .as = o.as, .target_sum = 1e4};
	run.input = input_open(run.in, &rules, run.pool, &err);
	if (!run.input || find_parts(&run, &err) || write_h5ad(&run, &err) ||
	    (o.parts && tsv_write_file(o.parts, put_parts, &run, &err)))
		die_err(&err);

	nmf_release(&run.parts);
	free(run.map);
	free(run.genes);
	input_close(run.input);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
