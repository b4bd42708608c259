/* tool.c - see tool.h. */
#include "base/util.h"

#include <malloc.h>
#include <signal.h>

#include "base/manifest.h"
#include "base/notice.h"
#include "base/opt.h"
#include "base/tool.h"

static void on_signal(int number)
{
	outfile_remove_all();
	signal(number, SIG_DFL);
	raise(number);
}

void tool_begin(const char *name, int argc, char **argv)
{
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT};

	tool_name = name;
	mallopt(M_ARENA_MAX, 1); /* threads share one heap: large blocks, seldom asked for */
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
		struct sigaction now;

		if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(fatal[i], &(struct sigaction){.sa_handler = on_signal}, NULL);
	}
	signal(SIGXFSZ, SIG_IGN); /* a file too large is an error to report, not a death */
	manifest_start(argc, argv);
}

struct outfile *tool_open(const char *path)
{
	struct err err = ERR_INIT;
	struct outfile *out = outfile_open(path, &err);

	if (!out)
		die_err(&err);
	manifest_output(path);
	return out;
}

void tool_commit(struct outfile *out)
{
	struct err err = ERR_INIT;

	if (outfile_commit(out, &err))
		die_err(&err);
}

static void say_line(const char *line)
{
	say("%s", line);
}

int tool_end(void)
{
	struct err err = ERR_INIT;

	stdout_close();
	notice_tell(say_line);
	if (manifest_write(tool_manifest, tool_manifest_hash, &err))
		die_err(&err);
	opt_release();
	return 0;
}
