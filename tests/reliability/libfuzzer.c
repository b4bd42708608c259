/* libfuzzer - clang's fuzzer on the parser that FUZZ names (see parsers.h).
 *
 *	FUZZ=json build/fuzzing/libfuzzer -max_total_time=60 corpus/
 *
 * Each input becomes a file in memory; of an archive of torch (FUZZ=torch) it is the pickle within, so
 * that no checksum stands in the way. Built by `make fuzz` with clang; nothing else needs it.
 */
#include "base/util.h"

#include <fcntl.h>
#include <unistd.h>

#include "format/zip_write.h"
#include "parsers.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct parser *parser;
static char *path;

static void take_away(void)
{
	unlink(path);
}

int LLVMFuzzerInitialize(int *argc UNUSED, char ***argv UNUSED)
{
	const char *name = getenv("FUZZ");

	parser = name ? parser_find(name) : NULL;
	if (!parser || parser->hdf5) {
		fprintf(stderr, "libfuzzer: FUZZ names no parser\n");
		exit(2);
	}
	path = mem_printf("/dev/shm/pipette-fuzz-%d%s", (int)getpid(), parser->ending);
	atexit(take_away);
	return 0;
}

/* The input as the pickle of an archive, with two tensors of some bytes beside it. */
static void put_archive(const uint8_t *bytes, size_t n)
{
	static const float values[16] = {1, 2, 3};
	struct zip_writer zip = {.file = fopen(path, "wbe")};
	struct err err = ERR_INIT;

	if (!zip.file)
		abort();
	zip_add(&zip, "m/data.pkl", bytes, n);
	zip_add(&zip, "m/byteorder", "little", 6);
	zip_add(&zip, "m/data/0", values, sizeof(values));
	zip_add(&zip, "m/data/1", values, sizeof(values));
	if (zip_finish(&zip, &err) || fclose(zip.file))
		abort();
}

static void put_plain(const uint8_t *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct err err = ERR_INIT;
	uint64_t sum = 0;

	if (str_eq(parser->name, "torch"))
		put_archive(bytes, n);
	else
		put_plain(bytes, n);
	if (parser->read(path, &sum, &err) && (!err_is_set(&err) || strchr(err.text, '\n')))
		BUG("refused with \"%s\"", err.text);
	return 0;
}
