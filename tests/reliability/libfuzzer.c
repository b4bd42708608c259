/* libfuzzer - clang's fuzzer on the parser that PARSER names (see parsers.h): a program for each, so
 * that it holds, and the fuzzer looks through, no code but that parser's.
 *
 *	build/fuzzing/reliability/libfuzzer-json -max_total_time=60 corpus/
 *
 * Each input becomes the content of one file in memory, which stays open; of an archive of torch it
 * is the pickle within, so that no checksum stands in the way. Built by `make fuzz` with clang;
 * nothing else needs it.
 */
#include "base/util.h"

#include <fcntl.h>
#include <unistd.h>

#include "parsers.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define NUMBER_OF(id) PARSER_##id
#define NUMBER(id) NUMBER_OF(id)

static const struct parser *const parser = &parsers[NUMBER(PARSER)];
static char *path;
static int file; /* at 'path' */

static void take_away(void)
{
	unlink(path);
}

int LLVMFuzzerInitialize(int *argc UNUSED, char ***argv UNUSED)
{
	path = mem_printf("/dev/shm/pipette-fuzz-%d%s", (int)getpid(), parser->ending);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		abort();
	atexit(take_away);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct err err = ERR_INIT;
	uint64_t sum = 0;

	if (parser_put(parser, file, bytes, n))
		abort();
	if (parser->read(path, &sum, &err) && (!err_is_set(&err) || strchr(err.text, '\n')))
		BUG("refused with \"%s\"", err.text);
	return 0;
}
