/* libfuzzer - clang's fuzzer on the parser that FUZZ names (see parsers.h).
 *
 *	FUZZ=json build/fuzzing/libfuzzer -max_total_time=60 corpus/
 *
 * Each input becomes a file in memory. Built by `make fuzz` with clang; nothing else needs it.
 */
#include "base/util.h"

#include <fcntl.h>
#include <unistd.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct err err = ERR_INIT;
	uint64_t sum = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd))
		abort();
	if (parser->read(path, &sum, &err) && (!err_is_set(&err) || strchr(err.text, '\n')))
		BUG("refused with \"%s\"", err.text);
	return 0;
}
