/* corpus.c - what the fuzzers have found worth keeping is read, or refused in one line. */
#include "base/util.h"

#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "../reliability/parsers.h"
#include "tap.h"

static char place[] = "/tmp/pipette-corpus.XXXXXX";

/* One file of a corpus, through the file that the parser reads. False: not as it should be. */
static bool read_one(const struct parser *p, const char *path, int file, const char *at)
{
	struct err err = ERR_INIT;
	struct text bytes = TEXT_INIT;
	FILE *from = fopen(path, "rbe");
	uint64_t sum = 0;
	bool good = from && text_add_stream(&bytes, from, 1 << 20) == 0 &&
		    parser_put(p, file, bytes.s, bytes.len) == 0;

	if (good && p->read(at, &sum, &err))
		good = err_is_set(&err) && !strchr(err.text, '\n');
	if (!good)
		printf("# %s: %s\n", path, err.text);
	if (from)
		fclose(from);
	text_release(&bytes);
	return good;
}

static void read_corpus(const struct parser *p)
{
	char *folder = mem_printf("tests/fuzz/corpus/%s", p->name);
	char *at = mem_printf("%s/input%s", place, p->ending);
	DIR *all = opendir(folder);
	int file = open(at, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	size_t n = 0, n_bad = 0;

	for (struct dirent *e; all && (e = readdir(all));) {
		char *path = mem_printf("%s/%s", folder, e->d_name);

		if (e->d_name[0] != '.') {
			n++;
			n_bad += !read_one(p, path, file, at);
		}
		free(path);
	}
	OK(n > 0 && n_bad == 0, "%s: %zu files are read, or refused in one line", p->name, n);
	if (all)
		closedir(all);
	close(file);
	unlink(at);
	free(at);
	free(folder);
}

int main(void)
{
	clock_t begin = clock();

	if (!mkdtemp(place))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(parsers); i++)
		if (!parsers[i].hdf5)
			read_corpus(&parsers[i]);
	OK(clock() - begin < 60 * CLOCKS_PER_SEC, "none takes long");
	pool_free(parsers_pool);
	rmdir(place);
	return done_testing();
}
