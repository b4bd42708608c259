/* Parts that follow the cells and genes, when only some of those are kept: writer_carry_taken. */
#include "base/util.h"

#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h5ad/h5ad_private.h"
#include "h5ad/writer_private.h"
#include "tap.h"

#define N_CELLS 6
#define N_GENES 4

static const size_t cells[] = {1, 4, 5}, genes[] = {0, 2};

/* ---- a file with something in every part -------------------------------------------------- */

static void put_numbers(hid_t file, const char *name, int rank, const hsize_t *dims)
{
	int32_t values[N_CELLS * N_CELLS * 2];
	struct err err = ERR_INIT;

	for (int32_t i = 0; i < (int32_t)ARRAY_LEN(values); i++)
		values[i] = i;
	if (put_array(file, name, H5T_STD_I32LE, rank, dims, values, NULL, &err))
		BUG("%s", err.text);
}

/* Line i holds (i, i + 1) modulo the width, in that order, with values 10 i and 10 i + 1. */
static void put_lines(hid_t file, const char *name, const char *encoding, size_t n_lines,
		      size_t n_across)
{
	bool by_row = str_eq(encoding, "csr_matrix");
	const size_t shape[2] = {by_row ? n_lines : n_across, by_row ? n_across : n_lines};
	const hsize_t n_starts[1] = {n_lines + 1}, n[1] = {2 * n_lines};
	int32_t starts[N_CELLS + 1], indices[2 * N_CELLS];
	double values[2 * N_CELLS];
	struct err err = ERR_INIT;
	hid_t group = put_group(file, name, encoding, "0.1.0", &err);

	for (size_t i = 0; i <= n_lines; i++)
		starts[i] = (int32_t)(2 * i);
	for (size_t i = 0; i < n_lines; i++) {
		for (size_t k = 0; k < 2; k++) {
			indices[2 * i + k] = (int32_t)((i + k) % n_across);
			values[2 * i + k] = (double)(10 * i + k);
		}
	}
	if (put_attr_sizes(group, "shape", shape, 2, &err) ||
	    put_array(group, "indptr", H5T_STD_I32LE, 1, n_starts, starts, NULL, &err) ||
	    put_array(group, "indices", H5T_STD_I32LE, 1, n, indices, NULL, &err) ||
	    put_array(group, "data", H5T_IEEE_F64LE, 1, n, values, NULL, &err))
		BUG("%s", err.text);
	H5Gclose(group);
}

static struct frame *make_frame(size_t n, char letter)
{
	struct frame *f = frame_new(n);
	char *names[N_CELLS];

	for (size_t i = 0; i < n; i++)
		names[i] = mem_printf("%c%zu", letter, i);
	frame_set_keys(f, names);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	return f;
}

static void put_table(hid_t file)
{
	char *kinds[N_CELLS] = {"a", "b", "c", NULL, "b", "b"};
	struct frame *f = make_frame(N_CELLS, 'c');
	struct column kind = column_categories("kind", kinds, N_CELLS);
	struct column size = column_new("size", COLUMN_INT, N_CELLS);
	const struct encoding none = {ENCODE_NONE};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < N_CELLS; i++)
		column_set_number(&size, i, (double)(100 * i));
	frame_add(f, &kind);
	frame_add(f, &size);
	if (put_frame(file, "obsm/table", f, &none, &err))
		BUG("%s", err.text);
	frame_free(f);
}

static void put_members(hid_t file)
{
	static const hsize_t flat[2] = {N_CELLS, 2}, deep[3] = {N_CELLS, 2, 2},
			     square[2] = {N_CELLS, N_CELLS}, by_gene[2] = {N_GENES, 3};
	char *words[N_CELLS] = {"zero", "one", "two", "three", "four", "five"};
	struct err err = ERR_INIT;

	put_numbers(file, "obsm/flat", 2, flat);
	put_numbers(file, "obsm/deep", 3, deep);
	put_numbers(file, "obsp/dense", 2, square);
	put_numbers(file, "varm/flat", 2, by_gene);
	put_lines(file, "obsm/csr", "csr_matrix", N_CELLS, 3);
	put_lines(file, "obsm/csc", "csc_matrix", 3, N_CELLS);
	put_lines(file, "obsp/csr", "csr_matrix", N_CELLS, N_CELLS);
	put_lines(file, "obsp/csc", "csc_matrix", N_CELLS, N_CELLS);
	put_lines(file, "varp/csr", "csr_matrix", N_GENES, N_GENES);
	put_table(file);
	if (put_strings(file, "obsm/words", words, N_CELLS, &err) ||
	    put_text(file, "uns/note", "kept", &err))
		BUG("%s", err.text);
}

/* 'more' adds what a case is about; NULL for nothing. */
static void make_file(void (*more)(hid_t file))
{
	struct cells none = {.n_cells = N_CELLS, .n_genes = N_GENES};
	size_t starts[N_CELLS + 1] = {0};
	struct frame *obs = make_frame(N_CELLS, 'c'), *var = make_frame(N_GENES, 'g');
	struct pool *pool = pool_new(1);
	struct err err = ERR_INIT;
	struct writer *w = writer_open("in.h5ad", "none", pool, &err);

	none.starts = starts;
	if (!w || writer_matrix(w, "X", N_GENES, WRITE_FLOAT, &err) ||
	    writer_cells(w, &none, &err) || writer_matrix_end(w, &err) ||
	    writer_frame(w, "obs", obs, &err) || writer_frame(w, "var", var, &err))
		BUG("%s", err.text);
	put_members(w->file);
	if (more)
		more(w->file);
	if (writer_finish(w, &err))
		BUG("%s", err.text);
	frame_free(obs);
	frame_free(var);
	pool_free(pool);
}

/* ---- taking ------------------------------------------------------------------------------- */

static int take(const size_t *rows, size_t n_rows, const size_t *columns, size_t n_columns,
		const char *compression, struct err *err)
{
	struct pool *pool = pool_new(2);
	struct h5ad *in = h5ad_open("in.h5ad", err);
	struct writer *w = in ? writer_open("out.h5ad", compression, pool, err) : NULL;
	int ret = -1;

	if (w && !writer_carry_taken(w, in, rows, n_rows, columns, n_columns, err)) {
		ret = writer_finish(w, err);
		w = NULL;
	}
	writer_abort(w);
	h5ad_close(in);
	pool_free(pool);
	return ret;
}

/* Are the numbers at a path these, and no others? */
static bool holds(hid_t file, const char *path, const double *want, size_t n)
{
	hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
	double have[N_CELLS * N_CELLS * 2];
	bool same = (size_t)H5Sget_simple_extent_npoints(space) == n &&
		    H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, have) >= 0;

	for (size_t i = 0; i < n && same; i++)
		same = have[i] == want[i];
	H5Sclose(space);
	H5Dclose(set);
	return same;
}

#define HOLDS(file, path, ...)                                            \
	OK(holds(file, path, (const double[]){__VA_ARGS__},               \
		 sizeof((const double[]){__VA_ARGS__}) / sizeof(double)), \
	   "%s", path)

static void check_dense(hid_t f)
{
	HOLDS(f, "obsm/flat", 2, 3, 8, 9, 10, 11);
	HOLDS(f, "obsm/deep", 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
	HOLDS(f, "obsp/dense", 7, 10, 11, 25, 28, 29, 31, 34, 35);
	HOLDS(f, "varm/flat", 0, 1, 2, 6, 7, 8);
}

static void check_sparse(hid_t f)
{
	HOLDS(f, "obsm/csr/indptr", 0, 2, 4, 6);
	HOLDS(f, "obsm/csr/indices", 1, 2, 1, 2, 2, 0);
	HOLDS(f, "obsm/csr/data", 10, 11, 40, 41, 50, 51);
	/* Columns 0, 1, 2 hold rows (0, 1), (1, 2), (2, 3): of the cells kept only row 1. */
	HOLDS(f, "obsm/csc/indptr", 0, 1, 2, 2);
	HOLDS(f, "obsm/csc/indices", 0, 0);
	HOLDS(f, "obsm/csc/data", 1, 10);
	/* Rows 1, 4, 5 hold columns (1, 2), (4, 5), (5, 0). */
	HOLDS(f, "obsp/csr/indptr", 0, 1, 3, 4);
	HOLDS(f, "obsp/csr/indices", 0, 1, 2, 2);
	HOLDS(f, "obsp/csr/data", 10, 40, 41, 50);
	HOLDS(f, "obsp/csc/indptr", 0, 1, 3, 4);
	HOLDS(f, "obsp/csc/indices", 0, 1, 2, 2);
	HOLDS(f, "varp/csr/indptr", 0, 1, 2);
	HOLDS(f, "varp/csr/data", 0, 20);
}

static void check_table(const struct h5_file *out)
{
	struct err err = ERR_INIT;
	struct frame *f = frame_of_file(out, "/obsm/table", &err);
	char **keys = f ? frame_keys(f, &err) : NULL;
	const struct column *kind = f ? frame_column(f, "kind", &err) : NULL;
	const struct column *size = f ? frame_column(f, "size", &err) : NULL;
	bool there = keys && kind && size && f->n_rows == 3;

	OK(there, "a table: %s", err.text);
	OK(there && str_eq(keys[0], "c1") && str_eq(keys[2], "c5"), "... its names");
	OK(there && kind->n_categories == 1 && str_eq(kind->categories[0], "b"),
	   "... the categories that are left");
	OK(there && size->ints[0] == 100 && size->ints[2] == 500, "... its numbers");
	frame_free(f);
}

static bool is_word(hid_t file, size_t row, const char *word)
{
	hid_t set = H5Dopen2(file, "obsm/words", H5P_DEFAULT), type = type_text();
	hid_t space = H5Dget_space(set);
	char *words[3] = {NULL};
	bool same = H5Sget_simple_extent_npoints(space) == 3 &&
		    H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) >= 0 &&
		    str_eq(words[row], word);

	H5Dvlen_reclaim(type, space, H5P_DEFAULT, words);
	H5Sclose(space);
	H5Tclose(type);
	H5Dclose(set);
	return same;
}

/* out.h5ad has no X: its file is looked at, not opened as an h5ad. */
static void takes(const char *compression)
{
	struct err err = ERR_INIT;

	if (!OK(!take(cells, 3, genes, 2, compression, &err), "taken, %s: %s", compression,
		err.text))
		return;
	struct h5_file *out = h5_file_new("out.h5ad", &err);
	OK(out, "opened: %s", err.text);
	check_dense(out->file);
	check_sparse(out->file);
	check_table(out);
	OK(is_word(out->file, 0, "one") && is_word(out->file, 2, "five"), "words");
	OK(h5_exists(out->file, "/uns/note"), "uns is carried");
	h5_file_free(out);
}

static void takes_all_of_a_side(void)
{
	struct err err = ERR_INIT;

	OK(!take(NULL, 0, genes, 2, "none", &err), "all cells: %s", err.text);
	struct h5_file *out = h5_file_new("out.h5ad", &err);
	HOLDS(out->file, "obsm/flat", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
	HOLDS(out->file, "varm/flat", 0, 1, 2, 6, 7, 8);
	h5_file_free(out);
	OK(!take(cells, 0, NULL, 0, "none", &err), "no cell: %s", err.text);
	out = h5_file_new("out.h5ad", &err);
	OK(holds(out->file, "obsm/flat", NULL, 0), "nothing of obsm/flat");
	HOLDS(out->file, "obsp/csr/indptr", 0);
	HOLDS(out->file, "varm/flat", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
	h5_file_free(out);
}

/* ---- what cannot be taken ----------------------------------------------------------------- */

static void few_rows(hid_t file)
{
	static const hsize_t dims[2] = {N_CELLS - 1, 2};

	put_numbers(file, "obsm/short", 2, dims);
}

static void narrow_pairs(hid_t file)
{
	static const hsize_t dims[2] = {N_CELLS, 2};

	put_numbers(file, "obsp/narrow", 2, dims);
}

static void few_lines(hid_t file)
{
	put_lines(file, "obsm/few", "csr_matrix", N_CELLS - 2, 3);
}

static void overwrite(hid_t file, const char *name, int32_t value)
{
	hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
	int32_t values[2 * N_CELLS];

	H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	values[3] = value;
	H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	H5Dclose(set);
}

static void far_index(hid_t file)
{
	overwrite(file, "obsm/csr/indices", 3);
}

static void falling_starts(hid_t file)
{
	overwrite(file, "obsp/csr/indptr", 1);
}

static void strange_kind(hid_t file)
{
	struct err err = ERR_INIT;
	hid_t group = put_group(file, "obsm/strange", "awkward-array", "0.1.0", &err);

	H5Gclose(group);
}

static void refuses(void (*more)(hid_t file), const char *words)
{
	struct err err = ERR_INIT;
	struct stat st;

	unlink("out.h5ad");
	make_file(more);
	OK(take(cells, 3, genes, 2, "none", &err) && strstr(err.text, words), "%s", err.text);
	OK(stat("out.h5ad", &st) != 0, "... and no file is there");
}

int main(void)
{
	char folder[] = "/tmp/carry.XXXXXX";

	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	make_file(NULL);
	takes("none");
	takes("gzip");
	takes_all_of_a_side();
	refuses(few_rows, "obsm/short: has 5 rows, expected 6");
	refuses(narrow_pairs, "obsp/narrow: has 2 columns, expected 6");
	refuses(few_lines, "obsm/few: has 4 rows, expected 6");
	refuses(far_index, "obsm/csr: index 3 is out of range");
	refuses(falling_starts, "obsp/csr: indptr is damaged");
	refuses(strange_kind, "obsm/strange: is of a kind whose rows cannot be taken");
	unlink("in.h5ad");
	OK(rmdir(folder) == 0, "nothing temporary is left");
	return done_testing();
}
