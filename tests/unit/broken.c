/* broken.c - a system that fails under what keeps its work in scratch files, and callers that ask for too much:
 * an error with its reason, and nothing else. */
#include "base/util.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/sha256.h"
#include "base/unpacked.h"
#include "base/write_behind.h"
#include "expression/pca.h"
#include "expression/rank_sums.h"
#include "graph/knn.h"
#include "matrix/row_file.h"
#include "matrix/spool.h"
#include "stored.h"
#include "tap.h"
#include "vae/count_store.h"
#include "vae/scvi/scvi_model.h"

enum { N = 100, MANY = 3000 };

static bool reads_fail, writes_fail, streams_fail;
static struct pool *pool;
static struct err err;

/* libc's, of a disk that may be broken. */
ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
	if (!reads_fail)
		return syscall(SYS_pread64, fd, bytes, n, at);
	errno = EIO;
	return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	if (!writes_fail)
		return syscall(SYS_pwrite64, fd, bytes, n, at);
	errno = ENOSPC;
	return -1;
}

/* libc's own, of a function that stands here before it. */
static void *libc_own(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

FILE *fdopen(int fd, const char *mode)
{
	FILE *(*own)(int fd, const char *mode);
	void *found = libc_own("fdopen");

	if (streams_fail) {
		errno = ENOMEM;
		return NULL;
	}
	memcpy(&own, &found, sizeof(own));
	return own(fd, mode);
}

FILE *open_memstream(char **bytes, size_t *n)
{
	FILE *(*own)(char **bytes, size_t *n);
	void *found = libc_own("open_memstream");

	if (streams_fail) {
		errno = ENOMEM;
		return NULL;
	}
	memcpy(&own, &found, sizeof(own));
	return own(bytes, n);
}

/* Does the error say so? Everything works again. */
static bool said(const char *words)
{
	bool so = strstr(err.text, words);

	if (!so)
		printf("# it said: %s\n", err.text);
	err_clear(&err);
	reads_fail = writes_fail = streams_fail = false;
	return so;
}

static void files(void)
{
	char hex[65], *name = NULL;
	uint64_t size;

	OK(sha256_file("/nowhere/at/all", hex, &size, &err) < 0 && said("/nowhere/at/all: No such"),
	   "the hash of a file that is not there");
	OK(sha256_file("/", hex, &size, &err) < 0 && said("/: Is a directory"),
	   "the hash of a folder");
	OK(unpacked_copy(-1, "a.gz", &name, &err) < 0 && !name && said("a.gz: cannot be read"),
	   "unpacking what is not open");
	struct behind *b = behind_new(path, 1 << 20, false, &err);
	OK(b && behind_copy(b, -1, 0, 1, 0, &err) < 0 && said("cannot be read: Bad file"),
	   "copying what is not open");
	behind_free(b);
}

/* More rows than are held. */
static int fill_rows(struct row_file *f)
{
	float row[1000] = {0};
	int ret = 0;

	for (int i = 0; i < 20000 && !ret; i++)
		ret = row_file_add(f, row, 1, &err);
	return ret;
}

static void rows(void)
{
	struct row_file f = row_file_new(1000);

	writes_fail = true;
	OK(fill_rows(&f) < 0 && said("scratch file of rows: No space left"), "rows: a full disk");
	row_file_release(&f);
	f = row_file_new(1000);
	bool filled = !fill_rows(&f);
	reads_fail = true;
	OK(filled && !row_file_at(&f, 0, 1, &err) && said("scratch file of rows: Input/output"),
	   "rows: a disk that cannot be read");
	row_file_release(&f);
}

/* A full matrix. */
static int fill_spool(struct spool *spool)
{
	int ret = 0;

	for (uint32_t cell = 0; cell < MANY && !ret; cell++)
		for (uint32_t gene = 0; gene < N && !ret; gene++)
			ret = spool_add(spool, cell, gene, 1, &err);
	return ret;
}

static void spooled(void)
{
	struct spool *spool = spool_new(spool_bucket(MANY, N), &err);
	struct cells *block;
	int got = 1;

	writes_fail = true;
	OK(spool && fill_spool(spool) < 0 &&
		   said("temporary file for the matrix: cannot be written"),
	   "spool: a full disk");
	spool_free(spool);
	spool = spool_new(spool_bucket(MANY, N), &err);
	bool filled = spool && !fill_spool(spool);
	reads_fail = true;
	struct stream *cells = spool_stream(spool, MANY, N);
	while (got > 0)
		got = stream_next(cells, &block, &err);
	OK(filled && got < 0 && said("temporary file for the matrix: cannot be read: Input/output"),
	   "spool: a disk that cannot be read");
	stream_free(cells);
}

/* Counts that do not fit into memory. */
static void counts(void)
{
	static const uint32_t cells[] = {1, 2}, batches[MANY] = {0};
	const struct cell_facts facts = {.batch = batches};
	struct spool *spool = spool_new(spool_bucket(MANY, N), &err);
	struct fetched f = {0};
	bool filled = spool && !fill_spool(spool);
	struct count_store *s =
		filled ? count_store_of(spool_stream(spool, MANY, N), N, 1, &err) : NULL;

	OK(s && !count_store_fetch(s, cells, 2, &facts, false, &f, &err), "counts from a file");
	reads_fail = true;
	OK(s && count_store_fetch(s, cells, 2, &facts, false, &f, &err) < 0 &&
		   said("scratch file of counts: Input/output"),
	   "counts: a disk that cannot be read");
	fetched_release(&f);
	count_store_free(s);
}

/* No memory for a stream: what is written is not begun, or what is there is not touched. */
static void streams(void)
{
	struct vae none = {0};
	struct stat before, after;

	streams_fail = true;
	OK(!outfile_open_whole("-", &err) && said("stdout: Cannot allocate"),
	   "no stream for stdout");
	streams_fail = true;
	OK(stat(path, &before) == 0 && scvi_write(&none, path, &err) < 0 &&
		   strstr(err.text, path) && said("no memory for a stream: Cannot allocate"),
	   "no stream for a pickle");
	OK(stat(path, &after) == 0 && before.st_ino == after.st_ino &&
		   before.st_mtim.tv_nsec == after.st_mtim.tv_nsec,
	   "and the file is what it was");
}

/* One block of cells whose every value is another. */
static int fill_ranks(struct rank_sums *r)
{
	struct cells block = {0};
	uint32_t *group_of = mem_zero(MANY, sizeof(*group_of));

	cells_reserve(&block, MANY, (size_t)MANY * N);
	block.n_cells = MANY;
	block.n_genes = N;
	block.starts[0] = 0;
	for (size_t cell = 0; cell < MANY; cell++) {
		for (size_t gene = 0; gene < N; gene++) {
			block.genes[cell * N + gene] = (uint32_t)gene;
			block.values[cell * N + gene] = (float)(1 + cell);
		}
		block.starts[cell + 1] = (cell + 1) * N;
	}
	int ret = rank_sums_add(r, &block, group_of, &err);
	cells_release(&block);
	free(group_of);
	return ret;
}

static void ranks(void)
{
	struct rank_sums *r = rank_sums_new(RANK_MOST_GROUPS, 1, 1, 1 << 20, &err);

	OK(!r && said("67108864 groups are more than can be ranked"), "ranks: too many groups");
	r = rank_sums_new(2, N, MANY, 1 << 16, &err);
	writes_fail = true;
	OK(r && fill_ranks(r) < 0 && said("temporary file for the ranks: cannot be written"),
	   "ranks: a full disk");
	rank_sums_free(r);
	r = rank_sums_new(2, N, MANY, 1 << 16, &err);
	bool filled = r && !fill_ranks(r);
	reads_fail = true;
	OK(filled && rank_sums_finish(r, RANK_REST, pool, NULL, NULL, &err) < 0 &&
		   said("temporary file for the ranks: cannot be read: Input/output"),
	   "ranks: a disk that cannot be read");
	rank_sums_free(r);
}

/* A matrix by column, more than may be transposed at once: a storage of it, and how many pieces came. */
static int by_column(bool writes, bool reads, int *n)
{
	const struct how how = {.as = CSC};
	hid_t file = new_file(&how);
	int64_t *starts = mem_zero(N + 1, sizeof(*starts)),
		*indices = mem_zero(MANY * N, sizeof(*indices));
	double *values = mem_zero(MANY * N, sizeof(*values));
	struct cells piece = {0};
	int got = -1;

	for (int i = 0; i < MANY * N; i++) {
		indices[i] = i % MANY;
		values[i] = 1;
		starts[i / MANY + 1] = i + 1;
	}
	put_sparse(file, &how, starts, N + 1, indices, values, MANY * N);
	struct task task = {.file = file,
			    .file_name = "m.h5ad",
			    .path = "/X",
			    .n_rows = MANY,
			    .n_columns = N,
			    .row = "cell",
			    .column = "gene",
			    .limits = STREAM_LIMITS,
			    .pool = pool};
	task.limits.transpose = 1 << 16;
	struct storage *s = csc_storage(&task, &err);
	writes_fail = writes;
	for (*n = 0; s && (got = s->fill(s, &piece, &err)) > 0; ++*n)
		reads_fail = reads;
	cells_release(&piece);
	if (s)
		s->free(s);
	H5Fclose(file);
	free(starts);
	free(indices);
	free(values);
	return got;
}

static void columns(void)
{
	int n;

	OK(by_column(false, false, &n) == 0 && n > 2, "a matrix by column comes in buckets");
	OK(by_column(true, false, &n) < 0 && said("scratch file for m.h5ad: /X: No space left"),
	   "buckets: a full disk");
	OK(by_column(false, true, &n) < 0 && n == 1 &&
		   said("scratch file for m.h5ad: /X: Input/output"),
	   "buckets: a disk that cannot be read");
}

static void asked_too_much(void)
{
	const float points[] = {1, 2, 3};
	double mean[] = {0, 0}, deviation[] = {1, 1};
	const struct scaled_genes genes = {.n = 2, .mean = mean, .deviation = deviation};
	struct spool *spool = spool_new(1, &err);

	OK(!knn_find(points, 3, 1, 4, 100, pool, &err) &&
		   said("4 neighbours of 3 cells cannot be found"),
	   "more neighbours than cells");
	OK(!knn_find(points, 3, 1, 1, 100, pool, &err) && said("1 neighbours of 3"),
	   "no neighbours");
	struct stream *one =
		spool && !spool_add(spool, 0, 1, 2, &err) ? spool_stream(spool, 1, 2) : NULL;
	OK(one && !pca_of(one, &genes, 2, pool, &err) &&
		   said("1 cells are too few for principal components"),
	   "components of one cell");
	if (one)
		stream_free(one);
}

int main(void)
{
	make_file();
	pool = pool_new(2);
	files();
	rows();
	spooled();
	counts();
	streams();
	ranks();
	columns();
	asked_too_much();
	pool_free(pool);
	unlink(path);
	return done_testing();
}
