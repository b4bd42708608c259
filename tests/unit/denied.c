/* denied.c - each call of HDF5 that writing, opening and taking over make fails in its turn: an error
 * that names the file, and the target is what it was; or the output is right all the same. */
#include "base/util.h"

#include <dirent.h>
#include <execinfo.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"
#include "h5ad/derive/modern.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/create.h"
#include "h5ad/writer_private.h"
#include "model/container.h"
#include "model/model_file.h"
#include "tap.h"

/* Within this program the calls stand before those of HDF5 for our own code alone. What
 * asks whether there is something, or for an attribute, does not fail here: without an answer the
 * process ends (h5_yes). */
#define PUBLIC __attribute__((visibility("hidden")))
#define ASK(type, name, parameters, arguments)
#include "../reliability/hdf5_calls.c"

/* HDF5 keeps what was not closed, and what failed is not. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libhdf5\n";
}

enum { N = 6, MANY = 5000 };

#define OLD "what was there before\n"

/* Of a trial, and of the child that looks at a file first. */
struct counting {
	size_t seen, due;
	bool on;
};

static struct counting *calls;

static struct pool *pool;
static struct h5ad *in; /* what is taken over */

/* By which functions, of the innermost, was each call come to? Of those that are by the same, the first is enough. */
struct ways {
	uint64_t known[MANY], of_call[MANY];
	size_t n;
	bool noting;
};

static struct ways *ways; /* the child's, too */

static uint64_t way_here(void)
{
	void *frames[10];
	int n = backtrace(frames, ARRAY_LEN(frames));
	uint64_t way = 0xcbf29ce484222325;

	for (int i = 0; i < n; i++)
		way = (way ^ (uintptr_t)frames[i]) * 0x100000001b3;
	return way;
}

static bool is_new(uint64_t way)
{
	for (size_t i = 0; i < ways->n; i++)
		if (ways->known[i] == way)
			return false;
	if (ways->n < MANY)
		ways->known[ways->n++] = way;
	return true;
}

bool memory_is_short(const void *caller UNUSED)
{
	if (!calls->on)
		return false;
	if (ways->noting && calls->seen < MANY)
		ways->of_call[calls->seen] = way_here();
	return ++calls->seen == calls->due;
}

/* ---- what is written ------------------------------------------------------------------------ */

static struct frame *make_frame(bool columns)
{
	static const enum column_kind kinds[] = {COLUMN_INT, COLUMN_FLOAT, COLUMN_BOOL,
						 COLUMN_STRING};
	char *words[N] = {"a", "b", "a", NULL, "b", "a"},
	     *numbers[N] = {"1", "2", "1", "2", "1", "1"};
	char *keys[N] = {"n0", "n1", "n2", "n3", "n4", "n5"};
	struct frame *f = frame_new(N);
	struct column half, group = column_categories("group", words, N);
	struct column rank = column_categories("rank", numbers, N);

	frame_set_keys(f, keys);
	for (size_t k = 0; columns && k < ARRAY_LEN(kinds); k++) {
		char name[] = {(char)('a' + k), '\0'};
		struct column c = column_new(name, kinds[k], N);

		for (size_t i = 0; i < N - 1; i++)
			if (kinds[k] == COLUMN_STRING)
				column_set_string(&c, i, words[i] ? words[i] : "");
			else
				column_set_number(&c, i, (double)(i % 2));
		frame_add(f, &c);
	}
	half = column_new("half", COLUMN_FLOAT, N);
	half.width = 2;
	rank.category_kind = COLUMN_INT;
	frame_add(f, &half);
	frame_add(f, &group);
	frame_add(f, &rank);
	return f;
}

static int put_cells(struct writer *w, const char *slot, enum write_type type, struct err *err)
{
	size_t starts[N + 1] = {0, 1, 2, 3, 4, 5, 6};
	uint32_t genes[N] = {0, 1, 2, 3, 4, 5};
	float values[N] = {1, 2, 3, 4, 5, 6};
	struct cells block = {.n_cells = N, .n_genes = N, .starts = starts, .genes = genes};

	block.values = values;
	return writer_matrix(w, slot, N, type, err) || writer_cells(w, &block, err) ||
	       writer_matrix_end(w, err);
}

static const float *rows_of(void *arg, size_t first, size_t n UNUSED, struct err *err UNUSED)
{
	const float *values = arg;

	return values + 2 * first;
}

static int put_records(struct writer *w, struct err *err)
{
	char *fields[] = {"B", "T"}, *words[] = {"x", "y", "z", "w"};
	const float floats[4] = {1, 2, 3, 4};
	const double doubles[4] = {1, 2, 3, 4};

	return writer_records(w, "uns/r/names", fields, 2, 2, RECORD_TEXT, words, err) ||
	       writer_records(w, "uns/r/scores", fields, 2, 2, RECORD_FLOAT, floats, err) ||
	       writer_records(w, "uns/r/p", fields, 2, 2, RECORD_DOUBLE, doubles, err);
}

/* Texts of a fixed width, as containers have them. */
static int put_fixed_names(struct writer *w, struct err *err)
{
	char *words[] = {"a", "bc"};

	return put_names(w->file, "uns/fixed", words, 2, err) ? writer_failed(w, err) : 0;
}

static int put_small(struct writer *w, struct err *err)
{
	float values[2 * N] = {1, 2, 3};
	const double doubles[2 * N] = {4, 5, 6};
	size_t starts[N + 1] = {0, 1, 2, 3, 4, 5, 6};
	uint32_t across[N] = {0, 1, 2, 3, 4, 5};
	struct cells graph = {.n_cells = N, .n_genes = N, .starts = starts, .genes = across};

	graph.values = values;
	return writer_dense(w, "obsm/dense", values, N, 2, err) ||
	       writer_dense_of(w, "uns/of/rows", N, 2, rows_of, values, err) ||
	       writer_doubles(w, "varm/doubles", doubles, N, 2, err) ||
	       writer_doubles(w, "uns/v/vector", doubles, N, 0, err) ||
	       writer_sparse(w, "obsp/graph", &graph, N, err) ||
	       writer_text(w, "uns/t/text", "words", err) || writer_dict(w, "uns/d/none", err) ||
	       writer_number(w, "uns/n/whole", 3, true, err) ||
	       writer_number(w, "uns/m/number", .5, false, err) ||
	       writer_bool(w, "uns/b/yes", true, err) || put_fixed_names(w, err) ||
	       put_records(w, err);
}

static int end_writer(struct writer *w, int failed, struct err *err)
{
	if (!failed)
		return writer_finish(w, err);
	writer_abort(w);
	return -1;
}

static int write_to(const char *path, struct err *err)
{
	struct frame *f = make_frame(true), *genes = make_frame(false);
	struct writer *w = writer_open(path, "gzip:1", pool, err);
	int failed = !w;

	if (w)
		w->narrow_max = 3; /* row starts outgrow their type */
	failed = failed || put_cells(w, "X", WRITE_COUNTS, err) ||
		 put_cells(w, "raw", WRITE_FLOAT, err) || writer_frame(w, "obs", f, err) ||
		 writer_frame(w, "var", genes, err) || writer_frame(w, "raw/var", genes, err) ||
		 put_small(w, err) ||
		 writer_doubles(w, "raw/varm/PCs", (const double[N]){1}, N, 0, err);
	frame_free(f);
	frame_free(genes);
	return end_writer(w, failed, err);
}

static int write_it(struct err *err)
{
	return write_to("out.h5ad", err);
}

/* ---- what is taken over --------------------------------------------------------------------- */

static int carry_all(struct err *err)
{
	struct writer *w = writer_open("out.h5ad", "none", pool, err);

	return end_writer(w, !w || writer_carry_rest(w, in, err), err);
}

static int carry_some(struct err *err)
{
	static const size_t some[] = {1, 3, 4};
	struct writer *w = writer_open("out.h5ad", "none", pool, err);

	return end_writer(w, !w || writer_carry_taken(w, in, some, 3, some, 2, err), err);
}

/* Columns as they come to another file: each is read, and written by its kind. */
static int copy_frames(struct err *err)
{
	struct writer *w = writer_open("out.h5ad", "none", pool, err);
	struct frame *obs = w ? frame_of_file(&in->h5, "/obs", err) : NULL;
	int failed = !obs || writer_frame(w, "obs", obs, err);

	frame_free(obs);
	return end_writer(w, failed, err);
}

/* Nothing is written; what is said is all that may go wrong. */
static int open_it(struct err *err)
{
	struct h5ad *file = h5ad_open("in.h5ad", err);

	h5ad_close(file);
	return file ? 0 : -1;
}

/* Nothing is written here, either. */
static int read_model(struct err *err)
{
	struct model *m = model_read("model.h5", err);

	model_free(m);
	return m ? 0 : -1;
}

static int write_scores(struct err *err)
{
	char *classes[] = {"B", "T"}, *cells[N] = {"c0", "c1", "c2", "c3", "c4", "c5"};
	const double scores[2 * N] = {1, 2, 3};
	struct score_file *f = score_file_open("out.h5ad", "decision", classes, 2, N, 2, err);

	if (!f)
		return -1;
	if (score_file_add(f, cells, scores, N, err) == 0)
		return score_file_finish(f, err);
	score_file_abort(f);
	return -1;
}

/* ---- each of the calls ---------------------------------------------------------------------- */

static char *bytes_of(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *bytes;

	if (!f || fstat(fileno(f), &st))
		BUG("cannot read %s", path);
	bytes = mem_alloc((size_t)st.st_size + 1, 1);
	*n = fread(bytes, 1, (size_t)st.st_size, f);
	fclose(f);
	return bytes;
}

static bool holds(const char *want, size_t n_want)
{
	size_t n;
	char *have = bytes_of("out.h5ad", &n);
	bool same = n == n_want && memcmp(have, want, n) == 0;

	free(have);
	return same;
}

static void put_old(void)
{
	FILE *f = fopen("out.h5ad", "w");

	if (!f || fputs(OLD, f) < 0 || fclose(f))
		BUG("cannot write out.h5ad");
}

static size_t files_here(void)
{
	DIR *folder = opendir(".");
	size_t n = 0;

	while (folder && readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static int try(int (*make)(struct err *), size_t due, struct err *err)
{
	put_old();
	*calls = (struct counting){.due = due, .on = true};
	int ret = make(err);
	calls->on = false;
	outfile_veto(NULL); /* of want of memory, which is for ever */
	H5Eclear2(H5E_DEFAULT);
	return ret;
}

/* What is wrong after a call failed; NULL when nothing is. */
static const char *fault(int ret, const struct err *err, const char *names, const char *good,
			 size_t n_good)
{
	if (ret == 0)
		return !holds(good, n_good) ? "no error, and another output" : NULL;
	if (!holds(OLD, strlen(OLD)))
		return "an error, and another target";
	if (!strstr(err->text, names))
		return "the error names no file";
	return strchr(err->text, '\n') ? "an error of several lines" : NULL;
}

static void walk(const char *title, const char *names, int (*make)(struct err *))
{
	size_t n_good, n_calls, n_tried = 0, n_failed = 0, n_wrong = 0, n_files = 0;
	struct err err = ERR_INIT;

	ways->noting = true;
	if (!OK(try(make, 0, &err) == 0, "%s: nothing fails", title)) {
		printf("# %s\n", err.text);
		return;
	}
	ways->noting = false;
	n_calls = MIN(calls->seen, (size_t)MANY);
	char *good = bytes_of("out.h5ad", &n_good);
	n_files = files_here();
	for (size_t due = 1; due <= n_calls; due++) {
		if (!is_new(ways->of_call[due - 1]))
			continue;
		int ret = try(make, due, &err);
		const char *why = fault(ret, &err, names, good, n_good);

		n_tried++;
		n_failed += ret != 0;
		n_wrong += why != NULL;
		if (why)
			printf("# call %zu: %s: %s\n", due, why, err.text);
		err_clear(&err);
	}
	printf("# %s: %zu calls, %zu ways, %zu errors\n", title, n_calls, n_tried, n_failed);
	OK(n_wrong == 0 && n_failed >= n_tried / 3, "%s: each call that HDF5 denies", title);
	OK(files_here() == n_files, "%s: nothing is left behind", title);
	free(good);
}

/* ---- the files ------------------------------------------------------------------------------ */

static void walk_on(const char *path, const char *title, int (*make)(struct err *))
{
	struct err err = ERR_INIT;

	in = h5ad_open(path, &err);
	if (OK(in != NULL, "%s: %s", title, in ? "opened" : err.text))
		walk(title, "", make);
	h5ad_close(in);
}

/* A file with names in a chunk that is larger than what HDF5 keeps. */
static void put_long(const char *path)
{
	const hsize_t n = N, most = H5S_UNLIMITED, chunk = 200000;
	const char *names[N] = {"n0", "n1", "n2", "n3", "n4", "n5"};
	hid_t type = put_text_type(H5T_VARIABLE);
	struct err err = ERR_INIT;

	if (write_to(path, &err))
		BUG("%s", err.text);
	hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT),
	      creation = H5Pcreate(H5P_DATASET_CREATE);
	hid_t space = H5Screate_simple(1, &n, &most);
	H5Pset_chunk(creation, 1, &chunk);
	H5Ldelete(file, "obs/_index", H5P_DEFAULT);
	hid_t set = H5Dcreate2(file, "obs/_index", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
	if (H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) < 0 ||
	    put_encoding(set, "string-array", "0.2.0", &err))
		BUG("cannot write %s", path);
	H5Dclose(set);
	H5Sclose(space);
	H5Pclose(creation);
	H5Tclose(type);
	H5Fclose(file);
}

/* A model whose names are of any length, as h5py writes them. */
static void put_model(const char *path)
{
	static const struct {
		const char *name;
		size_t value;
	} numbers[] = {
		{"format_version", 1}, {"clip", 10}, {"target_sum", 10000}, {"with_mean", 0}};
	char *classes[] = {"B", "T"}, *genes[] = {"CD19", "CD3D", "CD2"};
	const hsize_t dims[2] = {2, 3}, three = 3;
	const double values[6] = {1, 1, 1, 1, 1, 1};
	struct err err = ERR_INIT;
	hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
	int failed = put_strings(file, "classes", classes, 2, &err) ||
		     put_strings(file, "genes", genes, 3, &err) ||
		     put_attr_text(file, "format", "pipette-model", &err) ||
		     put_attr_text(file, "loss", "softmax", &err) ||
		     put_array(file, "coef", H5T_IEEE_F64LE, 2, dims, values, NULL, &err) ||
		     put_array(file, "intercept", H5T_IEEE_F64LE, 1, dims, values, NULL, &err) ||
		     put_array(file, "mean", H5T_IEEE_F64LE, 1, &three, values, NULL, &err) ||
		     put_array(file, "scale", H5T_IEEE_F64LE, 1, &three, values, NULL, &err);

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		failed =
			failed || put_attr_sizes(file, numbers[i].name, &numbers[i].value, 1, &err);
	if (failed)
		BUG("%s", err.text);
	H5Fclose(file);
}

int main(void)
{
	char folder[] = "/tmp/denied-test-XXXXXX", *here = getcwd(NULL, 0);
	char *old = mem_printf("%s/tests/golden/kinds_sk12.h5ad", here);
	char *today = mem_printf("%s/tests/golden/kinds_sk19.h5ad", here);
	struct err err = ERR_INIT;

	ways = mmap(NULL, sizeof(*ways), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	calls = mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (calls == MAP_FAILED || ways == MAP_FAILED || !mkdtemp(folder) || chdir(folder))
		BUG("no place to work");
	mallopt(M_MMAP_THRESHOLD, 1 << 30); /* buffers are taken again, not from the system */
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	setenv("PIPETTE_SYNC", "none", 1);
	pool = pool_new(1);
	if (!OK(!write_to("in.h5ad", &err), "a file to take over"))
		printf("# %s\n", err.text);
	walk("written", "out.h5ad", write_it);
	walk("scores", "out.h5ad", write_scores);
	walk("opened", "in.h5ad", open_it);
	put_model("model.h5");
	walk("a model", "model.h5", read_model);
	put_long("long.h5ad");
	walk_on("long.h5ad", "long chunks", copy_frames);
	walk_on("in.h5ad", "taken over", carry_all);
	walk_on("in.h5ad", "taken in part", carry_some);
	walk_on(today, "frames", copy_frames);
	walk_on(today, "anndata's own", carry_some);
	walk_on(old, "an old dialect", carry_all);
	walk_on(old, "of an old dialect, in part", carry_some);
	unlink("in.h5ad");
	unlink("out.h5ad");
	unlink("long.h5ad");
	unlink("model.h5");
	OK(chdir(here) == 0 && rmdir(folder) == 0, "and the folder is empty");
	pool_free(pool);
	free(old);
	free(today);
	free(here);
	return done_testing();
}
