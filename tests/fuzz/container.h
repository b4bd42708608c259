/* container.h - for fuzzers of our HDF5 files: how they are damaged, and read in a child.
 *
 * A case changes bytes of the file, or writes what does not belong there into one of its arrays
 * (NaN, infinity, negative and huge numbers), or gives an array another shape, or takes it away.
 * The child that reads it is bounded in processor time and leaves no core. Where HDF5 itself
 * crashes on damaged heaps, the handler's one line is the refusal; under a sanitizer its report
 * must blame HDF5.
 *
 *	static const struct container_fuzz f = {"mtl", make, arrays, ARRAY_LEN(arrays), 300, use, NULL};
 *	return container_main(&f, argc, argv);
 */
#ifndef FUZZ_CONTAINER_H
#define FUZZ_CONTAINER_H

#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "blame.h"

#define CPU_SECONDS 30

/* What reading came to: read and used, refused with one line, or wrong. */
enum { READ = 0, REFUSED = 1, NO_REASON = 40, NOT_ONE_LINE = 41, NOT_FINITE = 42 };

static void change_bytes(const char *path, struct rng *rng)
{
	FILE *f = fopen(path, "r+be");
	long size;

	fseek(f, 0, SEEK_END);
	size = ftell(f);
	for (size_t i = 0, n = 1 + rng_below(rng, 8); i < n; i++) {
		/* Most of what breaks readers is in the first tenth: names, shapes, types. */
		size_t within = rng_below(rng, 2) ? (size_t)size : (size_t)size / 10 + 1;

		fseek(f, (long)rng_below(rng, within), SEEK_SET);
		fputc((int)rng_below(rng, 256), f);
	}
	fclose(f);
	if (rng_below(rng, 10) == 0 && truncate(path, (off_t)rng_below(rng, (size_t)size)))
		exit(2);
}

static void change_numbers(hid_t file, const char *name, struct rng *rng)
{
	static const double bad[] = {NAN, INFINITY, -1, -1e300, 1e300, 1e9, 0};
	hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
	size_t n = (size_t)H5Sget_simple_extent_npoints(space);
	double *values = mem_alloc(n + 1, sizeof(*values));

	H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	for (size_t i = 0, times = 1 + rng_below(rng, 3); i < times; i++)
		values[rng_below(rng, n)] = bad[rng_below(rng, ARRAY_LEN(bad))];
	H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	free(values);
	H5Sclose(space);
	H5Dclose(dataset);
}

static void change_shape(hid_t file, const char *name, struct rng *rng)
{
	hsize_t dims[2] = {rng_below(rng, 5) ? rng_below(rng, 1000) : 1ull << 40,
			   rng_below(rng, 50)};
	hid_t space = H5Screate_simple(1 + (int)rng_below(rng, 2), dims, NULL);
	hid_t dataset;

	H5Ldelete(file, name, H5P_DEFAULT);
	if (rng_below(rng, 4)) {
		dataset = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT,
				     H5P_DEFAULT);
		H5Dclose(dataset);
	}
	H5Sclose(space);
}

/* One of those, or of the file's bytes. */
static void container_damage(const char *path, const char *const *arrays, size_t n_arrays,
			     struct rng *rng)
{
	const char *name = arrays[rng_below(rng, n_arrays)];
	hid_t file;

	if (rng_below(rng, 3) == 0) {
		change_bytes(path, rng);
		return;
	}
	file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
	if (rng_below(rng, 2))
		change_numbers(file, name, rng);
	else
		change_shape(file, name, rng);
	H5Fclose(file);
}

/* The status of what could not be read: has it one reason, of one line? */
static int container_refusal(const struct err *err)
{
	return !err_is_set(err) ? NO_REASON : strchr(err->text, '\n') ? NOT_ONE_LINE : REFUSED;
}

/* Did the child end by a crash of HDF5's? 'said': where its stderr went. */
static bool container_blames_hdf5(const char *said)
{
	char report[20000] = "";
	FILE *f = fopen(said, "r");

	if (f) {
		report[fread(report, 1, sizeof(report) - 1, f)] = '\0';
		fclose(f);
	}
	return blames_someone(report) && blames_hdf5(report);
}

static int container_in_child(const char *path, const char *said, int (*read_and_use)(const char *))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(fd, STDOUT_FILENO);
		fd = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		dup2(fd, STDERR_FILENO);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS});
		_exit(read_and_use(path));
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

struct container_fuzz {
	const char *name;
	void (*make)(const char *from, const char *path); /* a whole file; stops when it cannot */
	const char *const *arrays;
	size_t n_arrays, most; /* cases at most: each costs a child, and the child's own */
	int (*read_and_use)(const char *path);
	bool (*beside)(struct rng *rng); /* one more case without a file; NULL for none */
};

/* How many of the cases went wrong. The first is the file as it was made: it must be read. */
static size_t container_cases(const struct container_fuzz *f, const char *folder, size_t n_cases,
			      size_t seed)
{
	char *good = mem_printf("%s/good.h5", folder), *path = mem_printf("%s/case.h5", folder);
	char *said = mem_printf("%s/said", folder), *copy = mem_printf("cp %s %s", good, path);
	size_t n[4] = {0}; /* read, refused, crashes of HDF5, failed */

	n_cases = MIN(n_cases, f->most);
	for (size_t i = 0; i < n_cases; i++) {
		struct rng rng = rng_seeded(mix64(seed + i));
		int status;

		if (system(copy))
			exit(2);
		if (i)
			container_damage(path, f->arrays, f->n_arrays, &rng);
		status = container_in_child(path, said, f->read_and_use);
		if (status > REFUSED && container_blames_hdf5(said)) {
			n[2]++;
		} else if (status > REFUSED || (i == 0 && status != READ) ||
			   (f->beside && !f->beside(&rng))) {
			printf("case %zu: status %d\n", i, status);
			n[3]++;
		} else {
			n[status]++;
		}
	}
	printf("%s: %zu cases: %zu read, %zu refused, %zu crashes of HDF5, %zu failed\n", f->name,
	       n_cases, n[0], n[1], n[2], n[3]);
	unlink(said);
	unlink(path);
	free(said);
	free(copy);
	free(path);
	free(good);
	return n[3];
}

/* A fuzzer's main: CASES SEED INPUT. */
static int container_main(const struct container_fuzz *f, int argc, char **argv)
{
	size_t n_cases, seed, failed;
	char *folder = mem_printf("/tmp/fuzz-%s.XXXXXX", f->name), *good;

	if (argc != 4 || !parse_size(argv[1], 1, SIZE_MAX, &n_cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed) || !mkdtemp(folder))
		return 2;
	good = mem_printf("%s/good.h5", folder);
	f->make(argv[3], good);
	failed = container_cases(f, folder, n_cases, seed);
	unlink(good);
	rmdir(folder);
	free(good);
	free(folder);
	return failed ? 1 : 0;
}

#endif
