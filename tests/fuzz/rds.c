/* rds - damaged RDS files: cut short, bytes changed, words set to what breaks readers, pieces
 * moved. Files are damaged as they are and unpacked, where no checksum stands in the way. Each is
 * read, built, listed and streamed to its last cell; any outcome but a crash, a sanitizer's report
 * or memory out of proportion is fine.
 *
 *	rds CASES SEED FILE...
 */
#include "base/util.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/tool.h"
#include "import/rds/list.h"
#include "import/rds/object.h"
#include "import/rds/read.h"
#include "import/rds/unpack.h"

/* What damaged files of a few hundred kilobytes may make us take, sanitizers included. */
enum { MEMORY_MOST_MIB = 1500, CUTS = 200 };

struct input {
	const char *path;
	unsigned char *bytes;
	size_t n;
};

static struct pool *pool;
static size_t n_read, n_refused;

static int open_bytes(const unsigned char *bytes, size_t n)
{
	int fd = memfd_create("rds", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		die("the damaged file cannot be written");
	return fd;
}

static void stream_all(const struct rds_object *o)
{
	for (size_t i = 0; i < o->n_layers; i++) {
		struct stream *s = rds_layer_stream(&o->layers[i]);
		struct err err = ERR_INIT;
		struct cells *block;
		while (stream_next(s, &block, &err) > 0)
			;
		stream_free(s);
	}
}

static void list_all(const struct rds *file)
{
	struct err err = ERR_INIT;
	FILE *sink = fopen("/dev/null", "w");
	struct tsv_writer out = {.file = sink, .path = "list", .sanitize = true};
	rds_list(file, &out);
	if (tsv_writer_close(&out, &err))
		die("listing fails: %s", err.text);
	fclose(sink);
}

/* Everything rds-import does with a file but writing. */
static void try_bytes(const unsigned char *bytes, size_t n)
{
	static const char *const drop[] = {"scale.data", "graphs", NULL};
	static const char *const narrow[] = {"x", NULL};
	struct rds_plan plan = {drop, narrow, NULL};
	struct err err = ERR_INIT;
	struct rds_object object;
	char path[40];
	int fd = open_bytes(bytes, n);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct rds *file = rds_read(path, &plan, pool, &err);
	close(fd);
	if (!file && !err_is_set(&err))
		die("refused without a word");
	n_refused += !file;
	if (!file)
		return;
	n_read++;
	list_all(file);
	if (!rds_object_open(&object, file, NULL, NULL, &err)) {
		stream_all(&object);
		rds_object_close(&object);
	} else if (!err_is_set(&err)) {
		die("not imported without a word");
	}
	rds_free(file);
}

/* ---- damage ---- */

static void put_word(unsigned char *at, struct rng *rng)
{
	static const uint32_t words[] = {0,          1,          0x7fffffff, 0x80000000, 0xffffffff,
					 0xfffffffe, 0x00ffffff, 0x000000fe, 0x000000ff, 0x00000213,
					 0x0000020d, 0x000003ee, 0x00000102, 0x00040009};
	uint32_t word = words[rng_below(rng, ARRAY_LEN(words))];
	for (size_t i = 0; i < 4; i++)
		at[i] = (unsigned char)(word >> (24 - 8 * i));
}

static void damage(unsigned char *bytes, size_t *n, struct rng *rng)
{
	size_t at = rng_below(rng, *n), from = rng_below(rng, *n);
	switch (rng_below(rng, 5)) {
	case 0:
		bytes[at] ^= (unsigned char)(1u << rng_below(rng, 8));
		break;
	case 1:
		bytes[at] = (unsigned char)rng_below(rng, 256);
		break;
	case 2:
		if (*n >= 4)
			put_word(bytes + MIN(at & ~(size_t)1, *n - 4), rng);
		break;
	case 3:
		memmove(bytes + at, bytes + from, MIN((size_t)64, *n - MAX(at, from)));
		break;
	default:
		memmove(bytes + at, bytes + MIN(at + 4, *n), *n - MIN(at + 4, *n));
		*n -= MIN((size_t)4, *n - 1);
	}
}

static void run_cuts(const struct input *in)
{
	for (size_t i = 0; i < CUTS; i++)
		try_bytes(in->bytes, in->n * i / CUTS);
}

static void run_damage(const struct input *in, size_t cases, struct rng *rng)
{
	unsigned char *copy = mem_alloc(in->n, 1);
	for (size_t i = 0; i < cases; i++) {
		size_t n = in->n, times = 1 + rng_below(rng, 4);
		memcpy(copy, in->bytes, n);
		while (times--)
			damage(copy, &n, rng);
		try_bytes(copy, n);
	}
	free(copy);
}

/* ---- inputs ---- */

static struct input read_whole(const char *path)
{
	struct input in = {.path = path};
	size_t cap = 0;
	FILE *f = fopen(path, "rb");
	if (!f)
		die("%s: cannot be opened", path);
	for (int c; (c = getc(f)) != EOF; in.bytes[in.n++] = (unsigned char)c)
		MEM_GROW(in.bytes, in.n + 1, cap);
	fclose(f);
	return in;
}

static struct input unpack_whole(const char *path)
{
	struct input in = {.path = path};
	struct err err = ERR_INIT;
	size_t cap = 0, made = 0;
	struct unpack *u = unpack_new(open(path, O_RDONLY | O_CLOEXEC), path, &err);
	do {
		MEM_GROW(in.bytes, in.n + 65536, cap);
		if (!u || unpack_some(u, in.bytes + in.n, 65536, &made, &err))
			die_err(&err);
		in.n += made;
	} while (made);
	unpack_free(u);
	return in;
}

static void run_input(struct input in, size_t cases, struct rng *rng)
{
	run_cuts(&in);
	run_damage(&in, cases, rng);
	free(in.bytes);
}

int main(int argc, char **argv)
{
	size_t cases, seed;
	struct rusage usage;
	tool_begin("rds", argc, argv);
	if (argc < 4 || !parse_size(argv[1], 1, SIZE_MAX, &cases) ||
	    !parse_size(argv[2], 0, SIZE_MAX, &seed))
		die_usage("rds CASES SEED FILE...");
	pool = pool_new(1);
	size_t each = cases / (size_t)(argc - 3) / 2 + 1;
	for (int i = 3; i < argc; i++) {
		struct rng rng = rng_seeded(seed + (size_t)i);
		run_input(read_whole(argv[i]), each, &rng);
		run_input(unpack_whole(argv[i]), each, &rng);
	}
	pool_free(pool);
	getrusage(RUSAGE_SELF, &usage);
	printf("rds: %zu damaged files read, %zu refused, %ld MiB\n", n_read, n_refused,
	       usage.ru_maxrss / 1024);
	if (usage.ru_maxrss / 1024 > MEMORY_MOST_MIB)
		die("%ld MiB for damaged files of this size", usage.ru_maxrss / 1024);
	if (!n_read || !n_refused)
		die("the damage does nothing, or everything");
	return tool_end();
}
