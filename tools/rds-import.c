/* rds-import - turn an R object into an h5ad, without R.
 *
 * Reads an RDS file with a Seurat object, a SingleCellExperiment, a matrix or a data frame;
 * writes an h5ad. R's genes × cells become cells × genes as they stream: no dense copy is made.
 * Memory holds the object's matrices once, with values as float32. Nothing in the file is run.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/tool.h"
#include "h5ad/writer.h"
#include "import/rds/list.h"
#include "import/rds/object.h"
#include "import/rds/read.h"

static struct opts {
	const char *assay, *slot, *output, *compress;
	bool list, no_layers;
} o = {.output = "-", .compress = "none"};

static const struct opt options[] = {
	OPT_TEXT("assay", 0, assay, "NAME", "the Seurat assay to take (the object's default)"),
	OPT_TEXT("slot", 0, slot, "NAME",
		 "the matrix for X: counts, data, ... (counts, else data)"),
	OPT_FLAG("no-layers", 0, no_layers, "leave out the other matrices of the assay"),
	OPT_FLAG("list", 0, list, "write what the file holds as TSV instead"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "turn a Seurat, SingleCellExperiment or matrix RDS into an h5ad, without R",
	.synopsis = "[OPTIONS] [IN.rds] [-o OUT.h5ad]",
	.options = options,
	.max_inputs = 1,
	.details = "Meta data goes to obs, feature data to var, reductions to obsm, identities to\n"
		   "obs column ident, variable features to var column highly_variable.",
};

/* Slots that are never imported, some of them larger than everything that is. */
static const char *const unwanted[] = {
	"scale.data", "graphs",           "neighbors",
	"images",     "commands",         "tools",
	"misc",       "feature.loadings", "feature.loadings.projected",
	"jackstraw",  "metadata",         "SCTModel.list",
	NULL};

/* The values of sparse matrices, which become float32 in the h5ad. */
static const char *const values[] = {"x", NULL};

static struct rds *read_file(const char *path, struct pool *pool)
{
	struct err err = ERR_INIT;
	struct progress progress = progress_start("bytes", 0);
	struct rds_plan plan = {unwanted, values, &progress};
	struct rds *file = rds_read(path, &plan, pool, &err);
	if (!file)
		die_err(&err);
	progress_end(&progress);
	manifest_decision("format", "%s, %s, serialisation version %d", file->packing, file->format,
			  file->version);
	return file;
}

static int write_layer(struct writer *out, const struct rds_layer *l, const char *where,
		       struct err *err)
{
	enum write_type type = rds_layer_integers(l) ? WRITE_COUNTS : WRITE_FLOAT;
	struct progress progress = progress_start("cells", l->n_cells);
	struct stream *s = rds_layer_stream(l);
	struct cells *block;
	int got = -1;

	if (writer_matrix(out, where, l->n_genes, type, err))
		goto done;
	while ((got = stream_next(s, &block, err)) > 0) {
		if (writer_cells(out, block, err)) {
			got = -1;
			break;
		}
		progress_at(&progress, block->first + block->n_cells);
	}
	if (got == 0 && writer_matrix_end(out, err))
		got = -1;
	progress_end(&progress);
done:
	stream_free(s);
	return got;
}

/* A bare data frame still has an X: one without genes. */
static int write_no_genes(struct writer *out, size_t n_cells, struct err *err)
{
	size_t *starts = mem_zero(n_cells + 1, sizeof(*starts));
	struct cells block = {.n_cells = n_cells, .starts = starts};
	int failed = writer_matrix(out, "X", 0, WRITE_FLOAT, err) ||
		     (n_cells && writer_cells(out, &block, err)) || writer_matrix_end(out, err);
	free(starts);
	return failed ? -1 : 0;
}

static int write_matrices(struct writer *out, const struct rds_object *object, struct err *err)
{
	size_t n = o.no_layers ? MIN(1, object->n_layers) : object->n_layers;
	for (size_t i = 0; i < n; i++) {
		char *where = i ? mem_printf("layers/%s", object->layers[i].name) : mem_str("X");
		int failed = write_layer(out, &object->layers[i], where, err);
		free(where);
		if (failed)
			return err_prefix(err, "%s", object->kind);
	}
	return object->n_layers ? 0 : write_no_genes(out, object->n_cells, err);
}

static int write_reductions(struct writer *out, const struct rds_object *object, struct err *err)
{
	for (size_t i = 0; i < object->n_reductions; i++) {
		const struct rds_reduction *r = &object->reductions[i];
		char *where = mem_printf("obsm/%s", r->name);
		int failed =
			writer_dense(out, where, r->values, object->n_cells, r->n_columns, err);
		free(where);
		if (failed)
			return -1;
	}
	return 0;
}

static int write_object(struct rds_object *object, struct pool *pool, struct err *err)
{
	struct writer *out = writer_open(o.output, o.compress, pool, err);
	if (!out)
		return -1;
	if (write_matrices(out, object, err) || writer_frame(out, "obs", object->obs, err) ||
	    writer_frame(out, "var", object->var, err) || write_reductions(out, object, err)) {
		writer_abort(out);
		return -1;
	}
	return writer_finish(out, err);
}

static void tell(const struct rds *file, const struct rds_object *object)
{
	const char *matrix = object->n_layers ? object->layers[0].name : "none";
	say("%s: %s%s%s: %zu cells, %zu genes, X is %s, %zu more layer%s, %zu reduction%s",
	    file->path, object->kind, object->assay ? ", assay " : "",
	    object->assay ? object->assay : "", object->n_cells, object->n_genes, matrix,
	    object->n_layers > 1 && !o.no_layers ? object->n_layers - 1 : 0,
	    object->n_layers == 2 && !o.no_layers ? "" : "s", object->n_reductions,
	    object->n_reductions == 1 ? "" : "s");
	manifest_decision("object", "%s", object->kind);
	manifest_decision("assay", "%s", object->assay ? object->assay : "none");
	manifest_decision("X", "%s", matrix);
	manifest_count("cells", object->n_cells);
	manifest_count("genes", object->n_genes);
	say_lines(object->notes.s);
}

static void convert(const struct rds *file, struct pool *pool)
{
	struct err err = ERR_INIT;
	struct rds_object object;
	if (rds_object_open(&object, file, o.assay, o.slot, &err) ||
	    write_object(&object, pool, &err))
		die_err(&err);
	tell(file, &object);
	rds_object_close(&object);
}

static void list(const struct rds *file)
{
	struct err err = ERR_INIT;
	struct outfile *out = outfile_open(o.output, &err);
	if (!out)
		die_err(&err);
	struct tsv_writer rows = {.file = outfile_stream(out), .path = o.output, .sanitize = true};
	rds_list(file, &rows);
	if (tsv_writer_close(&rows, &err) || outfile_commit(out, &err))
		die_err(&err);
}

int main(int argc, char **argv)
{
	tool_begin("rds-import", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	struct pool *pool = pool_new(tool_threads);

	struct rds *file = read_file(in.paths[0], pool);
	if (o.list)
		list(file);
	else
		convert(file, pool);

	rds_free(file);
	pool_free(pool);
	return tool_end();
}
