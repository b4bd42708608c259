/* notice.h - what the user should know of a step that went well.
 *
 * common/ never prints (base/err.h); where it decides something on the way, deep below the tool, it
 * leaves a line here, and tool_end says it.
 *
 *	notice_add("%s: uns/a is None there: left out", path);
 *
 * A line that is there already is not added again. Not for threads of a pool.
 */
#ifndef BASE_NOTICE_H
#define BASE_NOTICE_H

#include "base/util.h"

PRINTF_LIKE(1, 2) void notice_add(const char *format, ...);

/* Hand each line to 'tell', in their order, and forget them. */
void notice_tell(void tell(const char *line));

#endif
