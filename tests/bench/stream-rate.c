/* stream-rate - how fast the cell stream reads a CSR matrix, next to plain HDF5.
 *
 *	stream-rate [-t THREADS] FILE.h5ad
 *
 * Prints a TSV row per way of reading X: seconds and processor seconds of all threads (the best of
 * five each) and GB/s of decoded numbers (8 bytes a stored value). "stream" is the checked stream;
 *"hdf5" is H5Dread of the same datasets into one buffer, a million numbers at a time, checking
 * nothing.
 */
#include "base/util.h"

#include <hdf5.h>
#include <sys/resource.h>

#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "h5ad/h5ad.h"

#define REPEATS 5
#define RUN ((hsize_t)1 << 20)

static struct opts {
	const char *slot;
} o = {.slot = "X"};

/* clang-format off */
static const struct opt options[] = {
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix to read (X)"),
	OPT_THREADS, OPT_END
};
/* clang-format on */

struct took {
	double seconds, processor;
};

static struct took now(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (struct took){clock_seconds(),
			     (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
				     (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6};
}

static void best(struct took *best, struct took started)
{
	struct took ended = now();

	best->seconds = MIN(best->seconds, ended.seconds - started.seconds);
	best->processor = MIN(best->processor, ended.processor - started.processor);
}

/* Counts what comes, so that it is looked at. */
static size_t read_stream(const char *path, struct pool *pool, struct took *took, struct err *err)
{
	struct h5ad *in = h5ad_open(path, err);
	const struct slot *slot = in ? h5ad_slot(in, o.slot, err) : NULL;
	struct stream *s = slot ? h5ad_stream(in, slot, NULL, pool, err) : NULL;
	struct cells *block;
	struct took started = now();
	size_t n_stored = 0;
	int got;

	if (!s)
		die_err(err);
	while ((got = stream_next(s, &block, err)) > 0)
		n_stored += cells_stored(block);
	if (got < 0)
		die_err(err);
	best(took, started);
	stream_free(s);
	h5ad_close(in);
	return n_stored;
}

static void read_plain(hid_t file, const char *slot, const char *member, hid_t type, void *buffer)
{
	char *path = mem_printf("/%s/%s", slot, member);
	hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
	hsize_t n = 0;

	H5Sget_simple_extent_dims(space, &n, NULL);
	for (hsize_t at = 0; at < n; at += RUN) {
		hsize_t run = MIN(RUN, n - at);
		hid_t here = H5Screate_simple(1, &run, NULL);
		H5Sselect_hyperslab(space, H5S_SELECT_SET, &at, NULL, &run, NULL);
		if (H5Dread(set, type, here, space, H5P_DEFAULT, buffer) < 0)
			die("%s: cannot be read", path);
		H5Sclose(here);
	}
	H5Sclose(space);
	H5Dclose(set);
	free(path);
}

static void read_hdf5(const char *path, const char *slot, struct took *took)
{
	hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	void *buffer = mem_alloc(RUN, 4);
	struct took started = now();

	read_plain(file, slot, "indices", H5T_NATIVE_INT32, buffer);
	read_plain(file, slot, "data", H5T_NATIVE_FLOAT, buffer);
	best(took, started);
	free(buffer);
	H5Fclose(file);
}

static const struct opt_usage usage = {
	.summary = "how fast the cell stream reads, next to plain HDF5",
	.synopsis = "[OPTIONS] FILE.h5ad",
	.options = options,
	.max_inputs = 1,
};

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	tool_begin("stream-rate", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	struct pool *pool = pool_new(tool_threads);
	struct took ours = {1e9, 1e9}, plain = {1e9, 1e9};
	size_t n_stored = 0;

	for (int i = 0; i < REPEATS; i++) {
		read_hdf5(in.paths[0], o.slot, &plain);
		n_stored = read_stream(in.paths[0], pool, &ours, &err);
	}
	double gigabytes = (double)n_stored * 8 / 1e9;
	printf("way\tseconds\tprocessor\tGB_per_s\tof_hdf5\n");
	printf("hdf5\t%.3f\t%.3f\t%.2f\t1\n", plain.seconds, plain.processor,
	       gigabytes / plain.seconds);
	printf("stream\t%.3f\t%.3f\t%.2f\t%.2f\n", ours.seconds, ours.processor,
	       gigabytes / ours.seconds, plain.seconds / ours.seconds);
	pool_free(pool);
	return tool_end();
}
