/* model - damaged models: pickles read in this process, containers in a child.
 *
 *	model CASES SEED FILE.pkl...
 *
 * Every file is also turned into a container. Bytes changed, words set to what breaks readers,
 * pieces zeroed, moved, repeated or cut off. A case is fine when the model is read and holds what
 * model.h promises, or when there is one line of an error. For pickles anything else stops this
 * program. For containers a case fails when the child breaks an invariant, gives up without a
 * reason or in several lines, does not end, or when a sanitizer complains of our code: a crash
 * inside HDF5 is counted, not blamed on us.
 */
/* inputs: tests/golden/lr.sk15.proto?.pkl tests/golden/sgd.sk19.proto?.pkl
 *	tests/golden/binary.sk15.pkl tests/golden/nomean.sk15.pkl those of tests/golden/odd
 * cases: 6000 */
#include "base/util.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "blame.h"
#include "model/container.h"
#include "model/model_file.h"
#include "spoil.h"

#define CPU_SECONDS 20

enum { READ = 0, REFUSED = 1, NO_REASON = 40, NOT_ONE_LINE = 41, PROMISE = 42 };

struct tally {
	size_t read, refused, hdf5_crashed, failed;
};

/* ---- damage ------------------------------------------------------------------------------- */

/* Half of the time at an end, where the structure is. */
static size_t somewhere(struct rng *rng, size_t n)
{
	size_t near = rng_below(rng, MIN(n, 4096));

	return rng_below(rng, 2) ? rng_below(rng, n) : rng_below(rng, 2) ? near : n - 1 - near;
}

/* Copy a piece over another place, or put it in between. */
static void move_piece(struct bytes *b, struct rng *rng, bool insert)
{
	size_t drawn = 1 + rng_below(rng, 64), n = MIN(drawn, b->n);
	size_t from = rng_below(rng, b->n - n + 1), to = rng_below(rng, b->n - n + 1);
	uint8_t piece[64];

	memcpy(piece, b->at + from, n);
	if (insert) {
		memmove(b->at + to + n, b->at + to, b->n - to);
		b->n += n;
	}
	memcpy(b->at + to, piece, n);
}

static void damage(struct bytes *b, struct rng *rng)
{
	static const char opcodes[] =
		"(.012FIJKLMNPQRSTUVXabcdeghijlopqrstu)]}GBC"
		"\x80\x81\x85\x86\x87\x8a\x8b\x8c\x8f\x90\x91\x92\x93\x94\x96";
	size_t times = 1 + rng_below(rng, 4);

	for (size_t i = 0; i < times; i++) {
		switch (rng_below(rng, 10)) {
		case 0:
		case 1:
			move_piece(b, rng, b->n < 1 << 18 && i == 0);
			break;
		case 2:
			if (i == 0)
				b->n = 1 + rng_below(rng, b->n);
			break;
		case 3:
		case 4:
			set_word(b, somewhere(rng, b->n), rng);
			break;
		case 5:
		case 6:
			b->at[somewhere(rng, b->n)] =
				(uint8_t)opcodes[rng_below(rng, sizeof(opcodes) - 1)];
			break;
		default:
			b->at[somewhere(rng, b->n)] = (uint8_t)rng_below(rng, 256);
		}
	}
}

/* ---- reading ------------------------------------------------------------------------------ */

static int read_model(const char *path, struct err *err)
{
	struct model *m = model_read(path, err);
	struct err again = ERR_INIT;
	bool promised = !m || (m->card.name && m->card.trained_on && !model_check(m, path, &again));

	if (!promised)
		return PROMISE;
	if (!m && !err_is_set(err))
		return NO_REASON;
	if (!m && strchr(err->text, '\n'))
		return NOT_ONE_LINE;
	model_free(m);
	return m ? READ : REFUSED;
}

static int read_in_child(const char *path, const char *said)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct err err = ERR_INIT;
		int fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(fd, STDERR_FILENO);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS});
		_exit(read_model(path, &err));
	}
	waitpid(child, &status, 0);
	return status;
}

static void judge_child(int status, const char *said, struct tally *t, const char *name,
			size_t number)
{
	bool sanitized = blames_someone(said);

	if (sanitized ? blames_hdf5(said) : strstr(said, "crashed (") != NULL) {
		t->hdf5_crashed++;
	} else if (!sanitized && WIFEXITED(status) && WEXITSTATUS(status) == READ) {
		t->read++;
	} else if (!sanitized && WIFEXITED(status) && WEXITSTATUS(status) == REFUSED) {
		t->refused++;
	} else {
		t->failed++;
		printf("case %zu of %s: status %#x\n%.3000s\n", number, name, (unsigned)status,
		       said);
	}
}

static void judge_here(const char *path, struct tally *t, const char *name, size_t number)
{
	struct err err = ERR_INIT;
	int status = read_model(path, &err);

	t->read += status == READ;
	t->refused += status == REFUSED;
	if (status == READ || status == REFUSED)
		return;
	t->failed++;
	printf("case %zu of %s: status %d: %s\n", number, name, status, err.text);
}

/* ---- the run ------------------------------------------------------------------------------ */

static char folder[] = "/tmp/fuzz-model.XXXXXX";

static void run_case(const struct bytes *input, bool container, const char *name, size_t number,
		     uint64_t seed, struct tally *t)
{
	struct rng rng = rng_seeded(mix64(seed + number));
	struct bytes b = {mem_copy(input->at, 2 * input->n + 1, 1), input->n};
	char *path = mem_printf("%s/case", folder), *said = mem_printf("%s/said", folder);

	if (number)
		damage(&b, &rng);
	spill_bytes(path, b.at, b.n);
	if (container) {
		int status = read_in_child(path, said);
		struct bytes text = read_file(said);

		judge_child(status, (char *)text.at, t, name, number);
		free(text.at);
	} else {
		judge_here(path, t, name, number);
	}
	unlink(path);
	unlink(said);
	free(path);
	free(said);
	free(b.at);
}

/* The pickle's model as a container. */
static struct bytes as_container(const char *pickle)
{
	struct err err = ERR_INIT;
	char *path = mem_printf("%s/good.h5", folder);
	struct model *m = model_read(pickle, &err);
	struct bytes b;

	if (!m || container_write(m, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	b = read_file(path);
	unlink(path);
	free(path);
	model_free(m);
	return b;
}

int main(int argc, char **argv)
{
	struct tally t = {0, 0, 0, 0};
	size_t n_cases, n_files = (size_t)argc - 3, seed;
	struct bytes *inputs;

	if (argc < 4 || !parse_size(argv[1], 1, SIZE_MAX, &n_cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed)) {
		fprintf(stderr, "usage: model CASES SEED FILE.pkl...\n");
		return 2;
	}
	if (!mkdtemp(folder))
		return 2;
	MEM_ARRAY(inputs, 2 * n_files);
	for (size_t i = 0; i < n_files; i++) {
		inputs[2 * i] = read_file(argv[3 + i]);
		inputs[2 * i + 1] = as_container(argv[3 + i]);
	}
	for (size_t i = 0; i < n_cases; i++) {
		/* A child costs as much as ten pickles. */
		size_t which = i < 2 * n_files ? i
			       : i % 10        ? i / 10 % n_files * 2
					       : i / 10 % n_files * 2 + 1;

		run_case(&inputs[which], which % 2, argv[3 + which / 2], i < 2 * n_files ? 0 : i,
			 seed, &t);
		if (i + 1 == 2 * n_files && t.read != 2 * n_files) {
			printf("the files are not all read as they are\n");
			t.failed++;
		}
	}
	printf("model: %zu cases: %zu read, %zu refused, %zu crashes of HDF5, %zu failed\n",
	       n_cases, t.read, t.refused, t.hdf5_crashed, t.failed);
	for (size_t i = 0; i < 2 * n_files; i++)
		free(inputs[i].at);
	free(inputs);
	rmdir(folder);
	return t.failed ? 1 : 0;
}
