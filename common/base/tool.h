/* tool.h - the life of a tool: begin, speak (say.h), end.
 *
 *	tool_begin("lognorm", argc, argv);
 *	struct inputs in = opt_parse(&usage, argc, argv);
 *	say("%zu cells", n);
 *	return tool_end();
 *
 * What is written as text in one go, or not at all:
 *
 *	struct outfile *out = tool_open(o.output);
 *	fprintf(outfile_stream(out), "%s\n", name);
 *	tool_commit(out);                               // and the manifest names it
 *
 * tool_begin sets signals and the clock: INT, TERM, HUP, QUIT and PIPE take the temporaries away
 * first. tool_end closes stdout (a full disk or closed device is a failure), writes the manifest,
 * frees what opt_parse made, and returns 0, for main to return.
 */
#ifndef BASE_TOOL_H
#define BASE_TOOL_H

#include "base/outfile.h"
#include "base/say.h"

void tool_begin(const char *name, int argc, char **argv);
int tool_end(void);

/* outfile_open and outfile_commit (outfile.h) whose failure ends the tool. */
struct outfile *tool_open(const char *path);
void tool_commit(struct outfile *out);

#endif
