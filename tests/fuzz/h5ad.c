/* h5ad - damaged h5ad files of every dialect, read whole: tables, matrices, obsm, in a child.
 *
 *	h5ad CASES SEED FILE...
 *
 * Bytes changed, words set to what breaks readers, pieces zeroed or moved, ends cut off. A case is
 * fine when all is read, or when there is one line of an error. It fails when the child is killed,
 * breaks one of our invariants, gives up without saying why, runs out of time, or when a sanitizer
 * complains of our code. HDF5 crashes on some of these files; that is counted, not blamed on us:
 * with sanitizers, when the innermost function on the stack that is no sanitizer's or libc's is
 * libhdf5's; without them, when the crash was caught and told in one line.
 */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "h5ad/h5ad.h"
#include "spoil.h"

#define CPU_SECONDS 30
#define DETAILS_BYTES ((size_t)1 << 18)

enum { READ_ALL = 0, REFUSED = 1, NO_REASON = 40, NOT_ONE_LINE = 41 };

/* ---- damage ------------------------------------------------------------------------------- */

/* Half of the time near the front, where HDF5 keeps most of what it finds its way with. */
static size_t somewhere(struct rng *rng, size_t n)
{
	return rng_below(rng, rng_below(rng, 2) ? n : MIN(n, (size_t)16 << 10));
}

static void move_piece(struct bytes *b, struct rng *rng)
{
	size_t n = MIN(1 + rng_below(rng, 512), b->n);
	size_t from = rng_below(rng, b->n - n + 1), to = rng_below(rng, b->n - n + 1);

	memmove(b->at + to, b->at + from, n);
}

static void zero_piece(struct bytes *b, struct rng *rng)
{
	size_t n = MIN(1 + rng_below(rng, 256), b->n);

	memset(b->at + rng_below(rng, b->n - n + 1), rng_below(rng, 2) ? 0 : 0xff, n);
}

static void damage(struct bytes *b, struct rng *rng)
{
	size_t times = 1 + rng_below(rng, 4);

	for (size_t i = 0; i < times; i++) {
		switch (rng_below(rng, 12)) {
		case 0:
			move_piece(b, rng);
			break;
		case 1:
			zero_piece(b, rng);
			break;
		case 2:
			if (i == 0)
				b->n = 1 + rng_below(rng, b->n);
			break;
		case 3:
		case 4:
		case 5:
			set_word(b, somewhere(rng, b->n), rng);
			break;
		case 6:
			b->at[somewhere(rng, b->n)] ^= (uint8_t)(1u << rng_below(rng, 8));
			break;
		default:
			b->at[somewhere(rng, b->n)] = (uint8_t)rng_below(rng, 256);
			break;
		}
	}
}

/* ---- the child ---------------------------------------------------------------------------- */

/* Every value of a column, as text and as a number. */
static void use_column(const struct column *c)
{
	struct column_groups g = column_group(c);
	struct text scratch = TEXT_INIT;
	double sum = 0;

	for (size_t row = 0; row < c->n; row++)
		sum += column_number(c, row) + (double)strlen(column_text(c, row, &scratch));
	if (g.n_missing > c->n && sum > 0)
		BUG("more missing than there are");
	column_groups_release(&g);
	text_release(&scratch);
}

/* Names in parts, which fail where names read whole do. */
static int use_names(struct frame *f, struct err *err)
{
	size_t total = 0;

	for (size_t first = 0, n; first < f->n_rows; first += n) {
		n = MIN(f->n_rows - first, (size_t)100);
		char *const *names = frame_keys_at(f, first, n, err);
		for (size_t i = 0; names && i < n; i++)
			total += strlen(names[i]);
		if (!names)
			return -1;
	}
	return total < SIZE_MAX ? 0 : -1;
}

static int use_frame(struct frame *f, struct err *err)
{
	int parts = use_names(f, err);
	char **keys = frame_keys(f, err);
	size_t total = 0;

	if (!parts != !!keys)
		BUG("names in parts are not the names");

	for (size_t row = 0; keys && row < f->n_rows; row++)
		total += strlen(keys[row]);
	for (size_t i = 0; keys && i < f->n_columns; i++) {
		const struct column *c = frame_column_at(f, i, err);
		if (!c)
			return -1;
		if (c->n != f->n_rows)
			BUG("%zu rows of %zu", c->n, f->n_rows);
		use_column(c);
		frame_forget(f, c);
	}
	return keys && total < SIZE_MAX ? 0 : -1;
}

/* What matrix/cells.h and stream.h promise. */
static void check_block(const struct cells *b, const struct slot *slot, size_t done)
{
	if (b->n_cells == 0 || b->n_genes != slot->n_genes || b->first != done || b->starts[0] != 0)
		BUG("a block of another shape");
	for (size_t row = 0; row < b->n_cells; row++)
		for (size_t i = b->starts[row]; i < b->starts[row + 1]; i++)
			if (b->genes[i] >= b->n_genes || b->values[i] - b->values[i] != 0 ||
			    (i > b->starts[row] && b->genes[i] <= b->genes[i - 1]))
				BUG("cell %zu: a value that breaks the promise", done + row);
}

static int use_slot(struct h5ad *f, const struct slot *slot, struct pool *pool, struct err *err)
{
	struct stream *s = h5ad_stream(f, slot, NULL, pool, err);
	struct cells *block;
	size_t done = 0;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0) {
		check_block(block, slot, done);
		done += block->n_cells;
	}
	stream_free(s);
	if (got == 0 && done != slot->n_cells)
		BUG("%zu cells of %zu", done, slot->n_cells);
	return got;
}

static int use_obsm(struct h5ad *f)
{
	for (size_t i = 0; i < h5ad_n_members(f, "obsm"); i++) {
		struct err err = ERR_INIT;
		double *values = NULL;
		size_t n;

		if (h5ad_obsm(f, h5ad_member(f, "obsm", i), &values, &n, &err) && !err_is_set(&err))
			return -1;
		free(values);
	}
	return 0;
}

static int use_all(struct h5ad *f, struct pool *pool, struct err *err)
{
	struct frame *raw;

	if (use_frame(h5ad_obs(f), err) || use_frame(h5ad_var(f), err) || use_obsm(f))
		return -1;
	raw = h5ad_raw_var(f, err);
	if (raw && use_frame(raw, err))
		return -1;
	if (!raw)
		err_clear(err);
	for (size_t i = 0; i < h5ad_n_slots(f); i++)
		if (use_slot(f, h5ad_slot_at(f, i), pool, err))
			return -1;
	return 0;
}

NORETURN static void read_in_child(const char *path, const char *details)
{
	struct err err = ERR_INIT;
	int fd = open(details, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, STDERR_FILENO);
	dup2(fd, STDOUT_FILENO);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS});
#if !defined(__SANITIZE_ADDRESS__)
	setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)8 << 30, (rlim_t)8 << 30});
#endif
	struct h5ad *f = h5ad_open(path, &err);
	struct pool *pool = pool_new(2);
	int failed = !f || use_all(f, pool, &err);
	pool_free(pool);
	h5ad_close(f);
	if (failed && !err_is_set(&err))
		_exit(NO_REASON);
	if (failed && strchr(err.text, '\n'))
		_exit(NOT_ONE_LINE);
	fprintf(stderr, "%s\n", err.text);
	_exit(failed ? REFUSED : READ_ALL);
}

/* ---- the verdict -------------------------------------------------------------------------- */

struct tally {
	size_t read, refused, hdf5_crashed, failed;
};

/* Is the first frame of our own or a library's, after those of the sanitizer and libc, HDF5's? */
static bool blames_hdf5(const char *report)
{
	for (const char *frame = strstr(report, "\n    #"); frame;
	     frame = strstr(frame + 1, "\n    #")) {
		size_t n = strcspn(frame + 1, "\n");
		char *line = mem_strn(frame + 1, n);
		bool skip = strstr(line, "libasan") || strstr(line, "libubsan") ||
			    strstr(line, "libc.so") || strstr(line, "asan_") ||
			    strstr(line, "sanitizer_");
		bool hdf5 = strstr(line, "libhdf5");
		free(line);
		if (!skip)
			return hdf5;
	}
	return false;
}

/* NULL when the case is fine, else what is wrong. */
static const char *judge(int status, const char *details, struct tally *t)
{
	bool sanitized = strstr(details, "Sanitizer") || strstr(details, "runtime error");

	if (strstr(details, "BUG at"))
		return "an invariant of ours is broken";
	if (sanitized && blames_hdf5(details)) {
		t->hdf5_crashed++;
		return NULL;
	}
	if (sanitized)
		return "a sanitizer complains";
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL
			       ? "it does not end"
			       : "killed by a signal";
	if (WEXITSTATUS(status) == NO_REASON)
		return "it fails without a reason";
	if (WEXITSTATUS(status) == NOT_ONE_LINE)
		return "its error is more than one line";
	if (WEXITSTATUS(status) == READ_ALL)
		t->read++;
	else if (WEXITSTATUS(status) != REFUSED)
		return "an odd exit status";
	else if (strstr(details, "crashed ("))
		t->hdf5_crashed++;
	else
		t->refused++;
	return NULL;
}

static void run_case(const struct bytes *input, const char *name, size_t number, uint64_t seed,
		     const char *folder, struct tally *t)
{
	struct rng rng = rng_seeded(mix64(seed + number));
	struct bytes b = {mem_copy(input->at, input->n, 1), input->n};
	char *path = mem_printf("%s/case.h5ad", folder), *details = mem_printf("%s/said", folder);
	int status = 0;

	if (number) /* case 0 of each seed is the file as it is */
		damage(&b, &rng);
	spill_bytes(path, b.at, b.n);
	pid_t child = fork();
	if (child == 0)
		read_in_child(path, details);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	struct bytes said = read_file(details);
	said.at[MIN(said.n, DETAILS_BYTES)] = '\0';
	const char *wrong = judge(status, (char *)said.at, t);
	if (wrong) {
		t->failed++;
		printf("case %zu of %s: %s\n%.3000s\n", number, name, wrong, (char *)said.at);
		fflush(stdout);
	}
	free(said.at);
	free(b.at);
	free(path);
	free(details);
}

int main(int argc, char **argv)
{
	struct tally t = {0, 0, 0, 0};
	char folder[] = "/tmp/fuzz-h5ad.XXXXXX";
	size_t n_cases, n_files = (size_t)argc - 3, seed;
	struct bytes *inputs;

	if (argc < 4 || !parse_size(argv[1], 1, SIZE_MAX, &n_cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed)) {
		fprintf(stderr, "usage: h5ad CASES SEED FILE...\n");
		return 2;
	}
	if (!mkdtemp(folder)) {
		perror(folder);
		return 2;
	}
	MEM_ARRAY(inputs, n_files);
	for (size_t i = 0; i < n_files; i++)
		inputs[i] = read_file(argv[3 + i]);
	for (size_t i = 0; i < n_cases; i++) {
		size_t which = i % n_files;
		run_case(&inputs[which], argv[3 + which], i < n_files ? 0 : i, seed, folder, &t);
		if (i + 1 == n_files && t.read != n_files) {
			printf("the files are not all read as they are\n");
			t.failed++;
		}
	}
	printf("h5ad: %zu cases: %zu read, %zu refused, %zu crashes of HDF5, %zu failed\n", n_cases,
	       t.read, t.refused, t.hdf5_crashed, t.failed);
	for (size_t i = 0; i < n_files; i++)
		free(inputs[i].at);
	free(inputs);
	char *path = mem_printf("%s/case.h5ad", folder), *said = mem_printf("%s/said", folder);
	unlink(path);
	unlink(said);
	rmdir(folder);
	free(path);
	free(said);
	return t.failed ? 1 : 0;
}
