/* h5-import - turn text matrices and 10x files into h5ad.
 *
 * Reads a delimited table, a Matrix Market file with its lists (or the folder 10x wrote them
 * to), a 10x HDF5 file, a loom file, or the folder of a spatial instrument; writes an h5ad with
 * cells as rows. Counts stay integers. Memory does not grow with the matrix; a bad line is found
 * before any output is made.
 */
#include "base/util.h"

#include <strings.h>
#include <sys/stat.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "format/lines.h"
#include "h5ad/frame/text_table.h"
#include "h5ad/writer.h"
#include "import/import.h"
#include "import/loom.h"
#include "import/spatial.h"
#include "import/tenx.h"

static const char *const formats[] = {"auto", "table", "mtx", "10x", "loom", "spatial", NULL};
static const char *const row_kinds[] = {"auto", "cells", "genes", NULL};
static const char *const name_kinds[] = {"symbols", "ids", NULL};

static struct opts {
	const char *format, *rows, *genes, *cells, *names, *type, *genome, *compress, *output;
	bool transpose;
} o = {.format = "auto", .rows = "auto", .names = "symbols", .compress = "none", .output = "-"};

static const struct opt options[] = {
	OPT_CHOICE("format", 0, format, "FORMAT", "auto, table, mtx, 10x, loom or spatial (auto)",
		   formats),
	OPT_CHOICE("rows", 0, rows, "WHAT", "rows are cells, genes, or found out: auto (auto)",
		   row_kinds),
	OPT_FLAG("transpose", 0, transpose, "rows are genes: the same as --rows genes"),
	OPT_TEXT("genes", 0, genes, "FILE", "mtx: the list of genes (found beside the matrix)"),
	OPT_TEXT("cells", 0, cells, "FILE", "mtx: the list of cells (found beside the matrix)"),
	OPT_CHOICE("names", 0, names, "WHICH", "call genes by their symbols or ids (symbols)",
		   name_kinds),
	OPT_TEXT("feature-type", 0, type, "TYPE", "10x features to keep, or all (Gene Expression)"),
	OPT_TEXT("genome", 0, genome, "NAME", "10x: only features of this genome"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "turn csv, tsv, mtx, 10x and loom files into h5ad",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
	.details =
		"INPUT is a table of numbers with names (csv, tsv, txt, tab), an mtx file or the\n"
		"folder it is in, a 10x .h5 file, a loom file, or the folder of Xenium, Visium,\n"
		"MERSCOPE or CosMx;\n"
		"tables and mtx files may be gzipped.",
};

/* What the first line of a text file says it is. */
static int sniff_text(const char *path, const char **format, struct err *err)
{
	struct lines *in = lines_open(path, err);

	if (!in || lines_next(in, err) < 0) {
		lines_close(in);
		return -1;
	}
	static const char banner[] = "%%MatrixMarket";
	bool is_mtx = in->text && !strncasecmp(in->text, banner, strlen(banner));
	*format = is_mtx ? "mtx" : "table";
	lines_close(in);
	return 0;
}

/* What a file is that has to be unpacked before it is text; NULL for none. */
static const char *packed_as(const char *start)
{
	static const char *const kinds[][2] = {{"PK\3\4", "a zip archive or an Excel workbook"},
					       {"BZh", "packed with bzip2"},
					       {"\xfd"
						"7zXZ",
						"packed with xz"},
					       {"\x28\xb5\x2f\xfd", "packed with zstd"}};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strncmp(start, kinds[i][0], strlen(kinds[i][0])))
			return kinds[i][1];
	return NULL;
}

/* A folder: of an instrument, or of a matrix and its lists. */
static int find_in_folder(const char *path, const char **format, struct spatial *s, struct err *err)
{
	if (spatial_find(s, path, err))
		return -1;
	*format = s->kind == SPATIAL_NONE ? "mtx" : "spatial";
	return 0;
}

static int find_format(const char *path, const char **format, struct spatial *s, struct err *err)
{
	static const char signature[] = "\x89HDF\r\n\x1a\n";
	char start[9] = "";
	struct stat st;

	if (str_eq(*format, "spatial")) {
		if (find_in_folder(path, format, s, err))
			return -1;
		return s->kind != SPATIAL_NONE
			       ? 0
			       : err_set(err, "%s: no folder of Xenium, Visium, MERSCOPE or CosMx",
					 path);
	}
	if (!str_eq(*format, "auto"))
		return 0;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return find_in_folder(path, format, s, err);
	if (str_eq(path, "-")) {
		*format = "table";
		return 0;
	}
	FILE *file = fopen(path, "rbe");
	if (!file)
		return err_errno(err, "%s", path);
	size_t n = fread(start, 1, sizeof(start) - 1, file);
	fclose(file);
	if (n == sizeof(start) - 1 && !memcmp(start, signature, n)) {
		*format = loom_is(path) ? "loom" : "10x";
		return 0;
	}
	const char *packed = packed_as(start);
	if (packed)
		return err_set(err, "%s: %s: unpack it, or save it as csv", path, packed);
	return sniff_text(path, format, err);
}

static enum orient rows_are(void)
{
	if (o.transpose || str_eq(o.rows, "genes"))
		return ORIENT_GENES;
	return str_eq(o.rows, "cells") ? ORIENT_CELLS : ORIENT_AUTO;
}

static int read_any(const char *path, struct pool *pool, struct import *in, struct spatial *s,
		    struct err *err)
{
	struct feature_choice choice = {o.type, o.genome, str_eq(o.names, "ids")};

	if (find_format(path, &o.format, s, err))
		return -1;
	if (s->kind != SPATIAL_NONE)
		return spatial_matrix(s, &choice, pool, in, err) ||
				       spatial_table(s, &in->cells, err)
			       ? -1
			       : 0;
	if (str_eq(o.format, "table"))
		return import_table(path, rows_are(), in, err);
	if (str_eq(o.format, "mtx"))
		return import_mtx(path, o.genes, o.cells, rows_are(), &choice, in, err);
	if (str_eq(o.format, "loom"))
		return import_loom(path, in, s, err);
	return import_tenx(path, &choice, pool, in, err);
}

static void make_unique(struct names *list, const char *what)
{
	size_t n = names_make_unique(list, "-");

	if (n)
		say("%zu %s had the name of another: made unique with -1, -2, ...", n, what);
}

static void add_column(struct frame *f, const char *name, const struct names *values, bool repeats)
{
	if (!values->n)
		return;
	if (repeats) {
		struct column c = column_categories(name, values->s, values->n);
		frame_add(f, &c);
		return;
	}
	struct column c = column_new(name, COLUMN_STRING, values->n);
	for (size_t i = 0; i < values->n; i++)
		column_set_string(&c, i, values->s[i]);
	frame_add(f, &c);
}

/* What the instrument says of each cell, and where it lies. */
static int write_spatial(const struct spatial *s, struct frame *obs, struct writer *out,
			 struct err *err)
{
	for (size_t i = 0; i < s->n_columns; i++) {
		struct column c = column_from_text(s->names[i], s->values[i], obs->n_rows, false);
		frame_add(obs, &c);
	}
	return s->kind == SPATIAL_NONE
		       ? 0
		       : writer_dense(out, "obsm/spatial", s->positions, obs->n_rows, 2, err);
}

static int write_frames(const struct import *in, const struct spatial *s, struct writer *out,
			struct err *err)
{
	struct frame *obs = frame_new(in->cells.n), *var = frame_new(in->genes.n);
	int ret;

	frame_set_keys(obs, in->cells.s);
	frame_set_keys(var, in->genes.s);
	add_column(var, "gene_ids", &in->ids, false);
	add_column(var, "gene_symbols", &in->symbols, false);
	add_column(var, "feature_types", &in->types, true);
	add_column(var, "genome", &in->genomes, true);
	ret = write_spatial(s, obs, out, err);
	if (ret == 0)
		ret = writer_frame(out, "obs", obs, err);
	if (ret == 0)
		ret = writer_frame(out, "var", var, err);
	frame_free(obs);
	frame_free(var);
	return ret;
}

static int write_h5ad(struct import *in, const struct spatial *s, struct pool *pool,
		      struct err *err)
{
	enum write_type type = in->stream->integers ? WRITE_COUNTS : WRITE_FLOAT;
	struct writer *out = writer_open(o.output, o.compress, pool, err);
	struct progress progress = progress_start("cells", in->cells.n);
	struct cells *block;
	int got = -1;

	if (!out || writer_matrix(out, "X", in->genes.n, type, err))
		goto abort;
	while ((got = stream_next(in->stream, &block, err)) > 0) {
		if (writer_cells(out, block, err))
			goto abort;
		progress_at(&progress, block->first + block->n_cells);
	}
	if (got < 0 || writer_matrix_end(out, err) || write_frames(in, s, out, err))
		goto abort;
	progress_end(&progress);
	return writer_finish(out, err);
abort:
	progress_end(&progress);
	writer_abort(out);
	return -1;
}

static void say_spatial(const struct spatial *s)
{
	if (s->kind == SPATIAL_NONE)
		return;
	say("%s: a %s folder: %zu columns of its cells, positions in obsm/spatial%s", s->table,
	    spatial_name(s->kind), s->n_columns,
	    s->n_others ? ", rows of other cells passed over" : "");
	if (s->all_at_once)
		warn("%s: all cells have the same position", s->table);
	manifest_input(s->matrix);
	manifest_input(s->table);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct spatial spatial = {0};
	struct import matrix = {0};
	struct inputs in;

	tool_begin("h5-import", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.transpose && str_eq(o.rows, "cells"))
		die_usage("--transpose says rows are genes, --rows that they are cells");
	manifest_input(in.paths[0]);
	manifest_output(o.output);

	struct pool *pool = pool_new(tool_threads);
	if (read_any(in.paths[0], pool, &matrix, &spatial, &err))
		die_err(&err);
	if (matrix.cells.n == 0 || matrix.genes.n == 0)
		die("%s: %zu cells and %zu genes: nothing to import", in.paths[0], matrix.cells.n,
		    matrix.genes.n);
	say_spatial(&spatial);
	say("%s: %s", in.paths[0], matrix.decision);
	manifest_decision("layout", "%s", matrix.decision);
	make_unique(&matrix.genes, "genes");
	make_unique(&matrix.cells, "cells");
	say("%zu cells x %zu genes, %s", matrix.cells.n, matrix.genes.n,
	    matrix.stream->integers ? "all whole numbers: stored as integers"
				    : "stored as float32");
	manifest_count("cells", matrix.cells.n);
	manifest_count("genes", matrix.genes.n);
	if (write_h5ad(&matrix, &spatial, pool, &err))
		die_err(&err);

	import_release(&matrix);
	spatial_release(&spatial);
	pool_free(pool);
	return tool_end();
}
