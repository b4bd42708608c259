/* tool.h - the life of a tool: begin, speak (say.h), end.
 *
 *	tool_begin("lognorm", argc, argv);
 *	struct inputs in = opt_parse(&usage, argc, argv);
 *	say("%zu cells", n);
 *	return tool_end();
 *
 * tool_begin sets signals and the clock: INT, TERM, HUP, QUIT and PIPE take the temporaries away
 * first. tool_end closes stdout (a full disk or closed device is a failure), writes the manifest,
 * frees what opt_parse made, and returns 0, for main to return.
 */
#ifndef BASE_TOOL_H
#define BASE_TOOL_H

#include "base/say.h"

void tool_begin(const char *name, int argc, char **argv);
int tool_end(void);

#endif
