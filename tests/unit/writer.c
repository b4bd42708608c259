/* The writer: the same bytes however the cells come in, and failures that are told. */
#include "base/util.h"

#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/sha256.h"
#include "h5ad/writer_private.h"
#include "tap.h"

/* HDF5 keeps what it could not write to the disk, when writing is made to fail. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libhdf5\n";
}

#define N_CELLS 3000
#define N_GENES 1000

/* About a third of the genes in a cell; the first, the last and some in between are empty. */
static struct cells make_cells(void)
{
	struct cells all = {.n_cells = N_CELLS, .n_genes = N_GENES};
	struct rng rng = rng_seeded(7);
	size_t n = 0;

	MEM_ZERO(all.starts, N_CELLS + 1);
	MEM_ARRAY(all.genes, (size_t)N_CELLS * N_GENES);
	MEM_ARRAY(all.values, (size_t)N_CELLS * N_GENES);
	for (size_t cell = 0; cell < N_CELLS; cell++) {
		bool empty = cell == 0 || cell + 1 == N_CELLS || cell % 7 == 3;
		for (uint32_t gene = 0; gene < N_GENES && !empty; gene++) {
			if (rng_below(&rng, 3))
				continue;
			all.genes[n] = gene;
			all.values[n++] = (float)rng_below(&rng, 1000);
		}
		all.starts[cell + 1] = n;
	}
	return all;
}

/* Cells [first, first + n) with row starts from 0. The caller frees block.starts. */
static struct cells cut(const struct cells *all, size_t first, size_t n)
{
	struct cells block = {.first = first, .n_cells = n, .n_genes = all->n_genes};

	MEM_ARRAY(block.starts, n + 1);
	for (size_t i = 0; i <= n; i++)
		block.starts[i] = all->starts[first + i] - all->starts[first];
	block.genes = all->genes + all->starts[first];
	block.values = all->values + all->starts[first];
	return block;
}

static int write_matrix(struct writer *w, const struct cells *all, size_t n_block,
			enum write_type type, struct err *err)
{
	if (writer_matrix(w, "X", N_GENES, type, err))
		return -1;
	for (size_t first = 0; first < N_CELLS; first += n_block) {
		struct cells block = cut(all, first, MIN(n_block, N_CELLS - first));
		int failed = writer_cells(w, &block, err);
		free(block.starts);
		if (failed)
			return -1;
	}
	return writer_matrix_end(w, err);
}

static int write_frames(struct writer *w, struct err *err)
{
	struct frame *obs = frame_new(N_CELLS), *var = frame_new(N_GENES);
	struct column kind = column_new("kind", COLUMN_STRING, N_CELLS);
	struct text name = TEXT_INIT;
	char **names;
	int ret;

	MEM_ARRAY(names, N_CELLS);
	for (size_t i = 0; i < N_CELLS; i++) {
		text_clear(&name);
		text_add(&name, "n%zu", i);
		names[i] = mem_str(name.s);
		column_set_string(&kind, i, i % 2 ? "odd" : "even");
	}
	frame_set_keys(obs, names);
	frame_set_keys(var, names);
	frame_add(obs, &kind);
	ret = writer_frame(w, "obs", obs, err) || writer_frame(w, "var", var, err);
	for (size_t i = 0; i < N_CELLS; i++)
		free(names[i]);
	free(names);
	text_release(&name);
	frame_free(obs);
	frame_free(var);
	return ret;
}

struct way {
	const char *compression;
	size_t n_threads, n_block;
	size_t narrow_max;
	enum write_type type;
};

static int write_file(const char *path, const struct cells *all, const struct way *way,
		      struct err *err)
{
	struct pool *pool = pool_new(way->n_threads);
	struct writer *w = writer_open(path, way->compression, pool, err);
	int ret = -1;

	if (w && way->narrow_max)
		w->narrow_max = way->narrow_max;
	if (w && !write_matrix(w, all, way->n_block, way->type, err) && !write_frames(w, err))
		ret = writer_finish(w, err);
	else
		writer_abort(w);
	pool_free(pool);
	return ret;
}

static void same_bytes(const struct cells *all, const char *compression)
{
	static const struct way ways[] = {
		{.n_threads = 1, .n_block = N_CELLS}, {.n_threads = 8, .n_block = N_CELLS},
		{.n_threads = 1, .n_block = 1},       {.n_threads = 3, .n_block = 17},
		{.n_threads = 2, .n_block = 1300},
	};
	char first[65], hex[65];
	uint64_t size;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct way way = ways[i];
		struct err err = ERR_INIT;
		way.compression = compression;
		bool done = write_file("a.h5ad", all, &way, &err) == 0 &&
			    sha256_file("a.h5ad", i ? hex : first, &size, &err) == 0;
		OK(done, "%s: %zu threads, blocks of %zu cells %s", compression, way.n_threads,
		   way.n_block, err.text);
		if (i)
			OK(done && str_eq(first, hex), "%s: ... the same bytes", compression);
	}
}

/* Read X back with HDF5 alone. */
static bool reads_back(const char *path, const struct cells *all, hid_t start_type)
{
	static int64_t starts[N_CELLS + 1];
	size_t n = cells_stored(all);
	hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	hid_t data = H5Dopen2(file, "X/data", H5P_DEFAULT);
	hid_t indices = H5Dopen2(file, "X/indices", H5P_DEFAULT);
	hid_t indptr = H5Dopen2(file, "X/indptr", H5P_DEFAULT);
	hid_t type = H5Dget_type(indptr);
	float *values;
	uint32_t *genes;

	MEM_ARRAY(values, n);
	MEM_ARRAY(genes, n);
	bool same = H5Tequal(type, start_type) > 0;
	H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	H5Dread(indices, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, genes);
	H5Dread(indptr, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, starts);
	same = same && memcmp(values, all->values, n * sizeof(*values)) == 0;
	same = same && memcmp(genes, all->genes, n * sizeof(*genes)) == 0;
	for (size_t i = 0; i <= N_CELLS; i++)
		same = same && (size_t)starts[i] == all->starts[i];
	free(values);
	free(genes);
	H5Tclose(type);
	H5Dclose(data);
	H5Dclose(indices);
	H5Dclose(indptr);
	H5Fclose(file);
	return same;
}

static void reads(const struct cells *all)
{
	struct way way = {.compression = "none", .n_threads = 2, .n_block = 700};
	struct err err = ERR_INIT;

	OK(!write_file("r.h5ad", all, &way, &err) && reads_back("r.h5ad", all, H5T_STD_I32LE),
	   "plain matrix reads back");
	way.compression = "gzip:6";
	OK(!write_file("r.h5ad", all, &way, &err) && reads_back("r.h5ad", all, H5T_STD_I32LE),
	   "gzip matrix reads back");
	way.type = WRITE_COUNTS;
	OK(!write_file("r.h5ad", all, &way, &err) && reads_back("r.h5ad", all, H5T_STD_I32LE),
	   "counts read back");
	way.narrow_max = 5000;
	OK(!write_file("r.h5ad", all, &way, &err) && reads_back("r.h5ad", all, H5T_STD_I64LE),
	   "row starts that outgrow their type are widened %s", err.text);
}

static void refusals(struct cells *all)
{
	struct way way = {.compression = "none", .n_threads = 1, .n_block = 100};
	struct err err = ERR_INIT;
	struct stat st;

	way.type = WRITE_COUNTS;
	all->values[12345] = 1.5f;
	OK(write_file("bad.h5ad", all, &way, &err) && strstr(err.text, "1.5 is not a count"),
	   "a value that is no count is refused: %s", err.text);
	OK(stat("bad.h5ad", &st) != 0, "... and no file is there");
	all->values[12345] = 1;

	err_clear(&err);
	way.compression = "zip";
	OK(write_file("bad.h5ad", all, &way, &err) && strstr(err.text, "'zip'"), "%s", err.text);
}

/* Every limit on the size must end in one message that says why, and no file. */
static void full_disk(const struct cells *all)
{
	static const char *const compressions[] = {"none", "gzip", "lzf"};
	struct rlimit limit;
	struct stat st;
	int bad = 0;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	rlim_t before = limit.rlim_cur;
	for (size_t i = 0; i < ARRAY_LEN(compressions); i++) {
		for (size_t size = 0; size < (1 << 20); size = size * 3 + 1000) {
			struct way way = {compressions[i], 2, 500, 0, WRITE_FLOAT};
			struct err err = ERR_INIT;
			limit.rlim_cur = size;
			setrlimit(RLIMIT_FSIZE, &limit);
			bool failed = write_file("full.h5ad", all, &way, &err) != 0;
			limit.rlim_cur = before;
			setrlimit(RLIMIT_FSIZE, &limit);
			if (!failed || !strstr(err.text, "File too large") ||
			    stat("full.h5ad", &st) == 0) {
				printf("# %s, %zu bytes: %s\n", compressions[i], size, err.text);
				bad++;
			}
		}
	}
	OK(bad == 0, "a disk that is full at any point is told, and leaves nothing");
}

int main(void)
{
	char folder[] = "/tmp/writer.XXXXXX";
	struct cells all = make_cells();

	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	same_bytes(&all, "none");
	same_bytes(&all, "gzip:1");
	same_bytes(&all, "lzf");
	reads(&all);
	refusals(&all);
	full_disk(&all);
	unlink("a.h5ad");
	unlink("r.h5ad");
	OK(rmdir(folder) == 0, "nothing temporary is left");
	cells_release(&all);
	return done_testing();
}
