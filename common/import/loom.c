/* loom.c - see loom.h. */
#include "base/util.h"

#include <math.h>

#include "h5ad/array.h"
#include "import/loom.h"
#include "matrix/spool.h"

#define TILE_VALUES ((size_t)1 << 21) /* read at once, as far as chunks allow */

struct loom {
	struct h5_file *file;
	hid_t matrix;
	size_t n_genes, n_cells;
	size_t tile_genes, tile_cells;
};

bool loom_is(const char *path)
{
	struct err ignored = ERR_INIT;
	struct h5_file *f = h5_file_new(path, &ignored);
	bool is = f && h5_exists(f->file, "/matrix") && h5_exists(f->file, "/row_attrs") &&
		  h5_exists(f->file, "/col_attrs");

	h5_file_free(f);
	return is;
}

/* ---- names and attributes ---- */

/* The first of 'words' that is in a group; NULL when none is. The caller frees. */
static char *find(const struct loom *l, const char *group, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *path = mem_printf("%s/%s", group, words[i]);

		if (h5_exists(l->file->file, path))
			return path;
		free(path);
	}
	return NULL;
}

/* An attribute as text, 'n' values; NULL on failure. The caller frees the list. */
static char **read_texts(const struct loom *l, const char *path, size_t n, struct arena *arena,
			 struct err *err)
{
	char **texts = NULL;
	struct array a;

	if (array_open(&a, l->file, path, NULL, err))
		goto close;
	if (a.n != n) {
		err_set(err, "%s: %s: %zu values, but the matrix has %zu", l->file->path, path, a.n,
			n);
		goto close;
	}
	MEM_ARRAY(texts, MAX(n, 1));
	if (array_texts(&a, arena, texts, err)) {
		free(texts);
		texts = NULL;
	}
close:
	array_close(&a);
	return texts;
}

static int read_names(const struct loom *l, const char *path, size_t n, struct names *out,
		      struct err *err)
{
	struct arena arena = {0};
	char **texts = read_texts(l, path, n, &arena, err);

	for (size_t i = 0; texts && i < n; i++)
		names_add(out, texts[i]);
	free(texts);
	arena_release(&arena);
	return texts ? 0 : -1;
}

static int read_genes(const struct loom *l, struct import *in, struct err *err)
{
	static const char *const symbols[] = {"Gene",      "gene",   "GeneName",
					      "gene_name", "Symbol", "var_names"};
	static const char *const ids[] = {"Accession", "ensembl_ids", "gene_ids"};
	char *symbol = find(l, "/row_attrs", symbols, ARRAY_LEN(symbols));
	char *id = find(l, "/row_attrs", ids, ARRAY_LEN(ids));
	int ret = 0;

	if (!symbol && !id)
		ret = err_set(err,
			      "%s: no names of genes: row_attrs has neither Gene nor Accession",
			      l->file->path);
	if (ret == 0)
		ret = read_names(l, symbol ? symbol : id, l->n_genes, &in->genes, err);
	if (ret == 0 && symbol && id)
		ret = read_names(l, id, l->n_genes, &in->ids, err);
	free(symbol);
	free(id);
	return ret;
}

/* Attributes of the cells that are one value each become columns; names are not among them. */
static int read_columns(const struct loom *l, const char *names, struct spatial *t, struct err *err)
{
	struct members all;

	if (list_members(l->file, "/col_attrs", &all, err))
		return -1;
	MEM_ARRAY(t->names, MAX(all.n, 1));
	MEM_ARRAY(t->values, MAX(all.n, 1));
	for (size_t i = 0; i < all.n; i++) {
		char *path = mem_printf("/col_attrs/%s", all.names[i]);
		hid_t dataset = h5_open(l->file, path, err);
		uint64_t dims[2];
		bool is_column = h5_is_dataset(dataset) && h5_shape(dataset, dims) == 1;

		h5_close(dataset);
		if (is_column && !str_eq(path, names)) {
			char **values = read_texts(l, path, l->n_cells, &t->arena, err);

			t->names[t->n_columns] =
				arena_str(&t->arena, all.names[i], strlen(all.names[i]));
			t->values[t->n_columns] = values;
			t->n_columns += values != NULL;
		}
		free(path);
		if (err_is_set(err))
			return -1;
	}
	return 0;
}

static int read_cells(const struct loom *l, struct import *in, struct spatial *t, struct err *err)
{
	static const char *const words[] = {"CellID",    "cell_id", "CellId",
					    "obs_names", "Barcode", "barcode"};
	char *path = find(l, "/col_attrs", words, ARRAY_LEN(words));
	int ret;

	if (!path)
		return err_set(err, "%s: no names of cells: col_attrs has no CellID",
			       l->file->path);
	ret = read_names(l, path, l->n_cells, &in->cells, err);
	if (ret == 0)
		ret = read_columns(l, path, t, err);
	free(path);
	return ret;
}

/* ---- the matrix ---- */

/* Tiles are whole chunks, as many in a row as come to TILE_VALUES. */
static void choose_tiles(struct loom *l)
{
	hid_t creation = H5Dget_create_plist(l->matrix);
	hsize_t chunk[2] = {1, 1};

	if (H5Pget_layout(creation) == H5D_CHUNKED)
		H5Pget_chunk(creation, 2, chunk);
	H5Pclose(creation);
	l->tile_genes = MIN((size_t)chunk[0], MAX(l->n_genes, (size_t)1));
	l->tile_cells = MIN((size_t)chunk[1], MAX(l->n_cells, (size_t)1));
	l->tile_cells *= MAX(TILE_VALUES / l->tile_genes / l->tile_cells, (size_t)1);
}

static int open_matrix(struct loom *l, struct err *err)
{
	uint64_t dims[2] = {0, 0};

	l->matrix = h5_open(l->file, "/matrix", err);
	if (l->matrix < 0)
		return -1;
	if (!h5_is_dataset(l->matrix) || h5_shape(l->matrix, dims) != 2 || dims[0] >= STRTAB_NONE ||
	    dims[1] >= STRTAB_NONE)
		return err_set(err, "%s: /matrix: is no array of genes and cells", l->file->path);
	l->n_genes = (size_t)dims[0];
	l->n_cells = (size_t)dims[1];
	choose_tiles(l);
	return h5_check_stored(l->file, l->matrix, "/matrix", err);
}

static int read_tile(const struct loom *l, const size_t first[2], const size_t size[2],
		     float *values, struct err *err)
{
	hsize_t start[2] = {first[0], first[1]}, count[2] = {size[0], size[1]};
	hid_t memory = H5Screate_simple(2, count, NULL), space = H5Dget_space(l->matrix);
	char reason[200];
	int failed = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
		     H5Dread(l->matrix, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, values) < 0;

	h5_close(space);
	h5_close(memory);
	return failed ? err_set(err, "%s: /matrix: cannot be read (%s)", l->file->path,
				h5_reason(reason, sizeof(reason)))
		      : 0;
}

static int add_tile(const struct loom *l, const struct import *in, const size_t first[2],
		    const size_t size[2], const float *values, struct spool *spool, struct err *err)
{
	for (size_t i = 0; i < size[0]; i++) {
		for (size_t k = 0; k < size[1]; k++) {
			float x = values[i * size[1] + k];
			size_t gene = first[0] + i, cell = first[1] + k;

			if (!isfinite(x))
				return err_set(err, "%s: gene %s of cell %s is not a finite number",
					       l->file->path, in->genes.s[gene], in->cells.s[cell]);
			if (x != 0 && spool_add(spool, (uint32_t)cell, (uint32_t)gene, x, err))
				return -1;
		}
	}
	return 0;
}

static int read_matrix(const struct loom *l, struct import *in, struct err *err)
{
	struct spool *spool = spool_new(spool_bucket(l->n_cells, l->n_genes), err);
	float *values;
	int ret = spool ? 0 : -1;

	MEM_ARRAY(values, mem_product(l->tile_genes, l->tile_cells));
	for (size_t gene = 0; gene < l->n_genes; gene += l->tile_genes) {
		for (size_t cell = 0; cell < l->n_cells && ret == 0; cell += l->tile_cells) {
			const size_t first[2] = {gene, cell};
			const size_t size[2] = {MIN(l->tile_genes, l->n_genes - gene),
						MIN(l->tile_cells, l->n_cells - cell)};

			ret = read_tile(l, first, size, values, err);
			if (ret == 0)
				ret = add_tile(l, in, first, size, values, spool, err);
		}
	}
	free(values);
	if (ret) {
		spool_free(spool);
		return -1;
	}
	in->stream = spool_stream(spool, l->n_cells, l->n_genes);
	return 0;
}

int import_loom(const char *path, struct import *in, struct spatial *table, struct err *err)
{
	struct loom l = {.file = h5_file_new(path, err), .matrix = H5I_INVALID_HID};
	int ret = l.file ? 0 : -1;

	*in = (struct import){.stream = NULL};
	if (ret == 0)
		ret = open_matrix(&l, err) || read_genes(&l, in, err) ||
		      read_cells(&l, in, table, err) || read_matrix(&l, in, err);
	snprintf(in->decision, sizeof(in->decision), "a loom file: genes x cells, turned");
	h5_close(l.matrix);
	h5_file_free(l.file);
	if (ret)
		import_release(in);
	return ret ? -1 : 0;
}
