/* mapping - damaged references, read in a child, and used when they are read; damaged trees, here.
 *
 *	mapping CASES SEED symphony_ref.h5ad
 *
 * The file is imported and written as a reference. A case changes its bytes, or writes what does
 * not belong there into one of its arrays (NaN, infinity, negative and huge numbers), or gives an
 * array another shape. A case is fine when the reference is refused with one line, or read and then
 * maps cells to places that are numbers. Where HDF5 itself crashes on damaged heaps, the handler's
 * one line is the refusal; under a sanitizer its report must blame HDF5.
 */
/* inputs: tests/golden/map/symphony_ref.h5ad
 * cases: 300 */
#include "base/util.h"

#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "blame.h"
#include "map/correction.h"
#include "map/import_symphony.h"
#include "map/spread.h"
#include "map/tree/label_tree.h"

#define CPU_SECONDS 30

enum { READ = 0, REFUSED = 1, NO_REASON = 40, NOT_ONE_LINE = 41, NOT_FINITE = 42 };

static char folder[] = "/tmp/fuzz-mapping.XXXXXX";

static const char *const arrays[] = {"mean",
				     "sd",
				     "loadings",
				     "variance",
				     "coords/pca",
				     "clusters/Nr",
				     "clusters/C",
				     "clusters/chol_pca",
				     "clusters/centroids",
				     "labels/label/codes",
				     "n_cells",
				     "clip_low",
				     "knn_k",
				     "clusters/sigma",
				     "labels/label/counts",
				     "calibration/label/knn"};

static void make_reference(const char *from, const char *path)
{
	const char *const label[] = {"label"};
	struct build_rules rules = {.neighbors = true, .seed = 1};
	struct err err = ERR_INIT;
	struct pool *pool = pool_new(1);
	struct h5ad *f = h5ad_open(from, &err);
	struct reference *ref = f ? import_symphonypy(f, label, 1, &rules, pool, &err) : NULL;

	if (!ref || reference_write(ref, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	reference_free(ref);
	h5ad_close(f);
	pool_free(pool);
}

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

static void damage(const char *path, struct rng *rng)
{
	const char *name = arrays[rng_below(rng, ARRAY_LEN(arrays))];
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

/* Map a few points: nothing that is read may lead to what is not finite. */
static int use(const struct reference *ref)
{
	size_t n = 5, dims = ref->n_dims;
	double *points = mem_zero(n * dims, sizeof(*points));
	struct pool *pool = pool_new(1);
	struct err err = ERR_INIT;
	struct batches all;
	int status = READ;

	for (size_t i = 0; i < n * dims; i++)
		points[i] = sin((double)i);
	batches_none(&all, n);
	if (ref->clusters.n && !correction_apply(ref, points, &all, 1, pool, points, &err))
		for (size_t i = 0; i < n * dims; i++)
			if (isnan(points[i]))
				status = NOT_FINITE;
	batches_release(&all);
	pool_free(pool);
	free(points);
	return status;
}

static int read_and_use(const char *path)
{
	struct err err = ERR_INIT;
	struct reference *ref = reference_read(path, &err);
	int status = ref ? use(ref) : REFUSED;

	if (!ref && !err_is_set(&err))
		return NO_REASON;
	if (!ref && strchr(err.text, '\n'))
		return NOT_ONE_LINE;
	reference_free(ref);
	return status;
}

/* Did the child end by a crash of HDF5's? 'said': where its stderr went. */
static bool crashed_in_hdf5(const char *said)
{
	char report[20000] = "";
	FILE *f = fopen(said, "r");

	if (f) {
		report[fread(report, 1, sizeof(report) - 1, f)] = '\0';
		fclose(f);
	}
	return blames_someone(report) && blames_hdf5(report);
}

static int in_child(const char *path, const char *said)
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

static bool tree_case(struct rng *rng)
{
	char text[64] = "((CD4,'CD8 T'=x)T:0.1,B)root;";
	struct err err = ERR_INIT;
	struct text out = TEXT_INIT;
	struct label_tree *t, *again;
	bool fine;

	for (size_t i = 0, n = rng_below(rng, 6); i < n; i++)
		text[rng_below(rng, 30)] = "(),'=;: ax\xff"[rng_below(rng, 11)];
	t = label_tree_read(text, &err);
	fine = t || err_is_set(&err);
	if (t) {
		again = label_tree_read(label_tree_text(t, &out), &err);
		fine = again != NULL;
		label_tree_free(again);
	}
	label_tree_free(t);
	text_release(&out);
	return fine;
}

int main(int argc, char **argv)
{
	size_t n_cases, seed, n_read = 0, n_refused = 0, n_crashed = 0, failed = 0;
	char *good, *path, *copy, *said;

	if (argc != 4 || !parse_size(argv[1], 1, SIZE_MAX, &n_cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed) || !mkdtemp(folder))
		return 2;
	good = mem_printf("%s/good.h5", folder);
	path = mem_printf("%s/case.h5", folder);
	said = mem_printf("%s/said", folder);
	copy = mem_printf("cp %s %s", good, path);
	make_reference(argv[3], good);
	n_cases = MIN(n_cases, (size_t)300); /* each costs a child, and the child's own */
	for (size_t i = 0; i < n_cases; i++) {
		struct rng rng = rng_seeded(mix64(seed + i));
		int status;

		if (system(copy))
			return 2;
		if (i)
			damage(path, &rng);
		status = in_child(path, said);
		if (status > REFUSED && crashed_in_hdf5(said)) {
			n_crashed++;
			continue;
		}
		n_read += status == READ;
		n_refused += status == REFUSED;
		if (status > REFUSED || (i == 0 && status != READ) || !tree_case(&rng)) {
			printf("case %zu: status %d\n", i, status);
			failed++;
		}
	}
	printf("mapping: %zu cases: %zu read, %zu refused, %zu crashes of HDF5, %zu failed\n",
	       n_cases, n_read, n_refused, n_crashed, failed);
	unlink(said);
	free(said);
	unlink(good);
	unlink(path);
	rmdir(folder);
	free(copy);
	free(path);
	free(good);
	return failed ? 1 : 0;
}
