/* manifest.h - what a run read, wrote and decided, as one JSON object.
 *
 * A tool notes things as they happen; tool_end writes them if --manifest was given. Noting is
 * cheap and always allowed. Inputs and outputs are hashed at the end (--manifest-hash none,
 * size or sha256); "-" is noted by name only.
 *
 *	manifest_input(in.paths[0]);
 *	manifest_output(o.output);
 *	manifest_decision("matrix", "%s: log1p_10k", slot);
 *	manifest_count("cells", n_cells);
 */
#ifndef BASE_MANIFEST_H
#define BASE_MANIFEST_H

#include "base/err.h"

void manifest_start(int argc, char **argv);
void manifest_input(const char *path);
void manifest_output(const char *path);
void manifest_seed(uint64_t seed);
PRINTF_LIKE(2, 3) void manifest_decision(const char *what, const char *format, ...);
void manifest_count(const char *what, uint64_t value);
void manifest_value(const char *what, double value);

/* Write it if it was asked for, and forget everything. */
int manifest_write(const char *path, const char *hash, struct err *err) MUST_USE;

#endif
