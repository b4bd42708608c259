/* outfile.h - output appears whole or not at all.
 *
 * An outfile is written under a temporary name beside its target, and takes the target's name
 * only when it is complete, closed and on disk. If the process fails, or gets INT, TERM, HUP
 * or PIPE, or exits in any ordinary way before that, the temporary is removed and the target
 * is as it was. A process that is killed (or a machine that stops) leaves its temporary, locked by
 * nobody; the next run that writes the same target removes it.
 *
 * What is on the disk when a filter returns is up to --sync, or PIPETTE_SYNC where it is not
 * given: with "file", the default, the bytes, so that no crash of the machine leaves a file that is
 * not whole; with "all" its name in the folder too; with "none" neither waits for the disk, and the
 * system writes when it likes.
 *
 *	struct outfile *out = outfile_open("calls.tsv", &err);   // "-" is stdout
 *	fprintf(outfile_stream(out), "cell\tlabel\n");
 *	if (outfile_commit(out, &err))
 *		die_err(&err);
 *
 * For a library that wants a name (HDF5): outfile_path gives the temporary one. With target
 * "-" that is a spool under TMPDIR, copied to stdout by outfile_commit; outfile_opened, once the
 * library has it open, takes its name away, so that even a killed process leaves nothing.
 */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include "base/err.h"

struct outfile;

extern const char *outfile_sync; /* the word of --sync, NULL when it is not given */
extern const char *const outfile_sync_words[];

/* A text file or stream. 'path' ending in .gz is compressed. Binary data to a terminal is refused
 * by outfile_open_binary, which is for files that are written by name. */
struct outfile *outfile_open(const char *path, struct err *err) MUST_USE;
struct outfile *outfile_open_binary(const char *path, struct err *err) MUST_USE;

/* As outfile_open, but nothing reaches stdout or a device either before outfile_commit. */
struct outfile *outfile_open_whole(const char *path, struct err *err) MUST_USE;

FILE *outfile_stream(struct outfile *out);
const char *outfile_path(const struct outfile *out); /* the name to write to */
void outfile_opened(struct outfile *out);
const char *outfile_target(const struct outfile *out); /* the name to be, "stdout" for "-" */
bool outfile_is_lasting(const struct outfile *out);    /* is it to be on the disk? */

/* Flush, check, sync, rename; then free 'out'. On failure the temporary is gone. */
int outfile_commit(struct outfile *out, struct err *err) MUST_USE;

/* A file without a byte, whole as all are: the table of a step that was passed over. */
int outfile_empty(const char *path, struct err *err) MUST_USE;

/*
 * From now on no output of this process gets its name, and none ends well: something that was to be
 * read was not to be had ('why', static), and who noticed cannot say so.
 */
void outfile_veto(const char *why);

/* Give up: remove the temporary and free. NULL is fine. */
void outfile_abort(struct outfile *out);

/* Remove every temporary of this process: safe in a signal handler. */
void outfile_remove_all(void);

/*
 * A private file to scratch in, under TMPDIR (or /tmp), that has no name (where the file system
 * knows such files, it never had one). Returns a descriptor or -1. 'dir' other than NULL overrides
 * the place.
 */
int scratch_open(const char *dir, struct err *err) MUST_USE;

/*
 * The same with a name, for a library to open. scratch_unname takes the name away as soon as that
 * is done, and frees 'path' (NULL is fine); until then outfile_remove_all does.
 */
int scratch_named(const char *dir, char **path, struct err *err) MUST_USE;
void scratch_unname(char *path);

#endif
