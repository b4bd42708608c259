/* hdf5.h - HDF5 made quiet and checked; knows no AnnData.
 *
 * Call h5_start before anything else of HDF5, and h5_quiet first in every other thread that calls
 * it. Objects are opened by absolute path; errors name the file and that path.
 *
 *	struct h5_file f = {0};
 *	if (h5_file_open(&f, path, NULL, NULL, err))
 *		goto close_file;
 *	hid_t matrix = h5_open(&f, "/matrix", err);
 */
#ifndef H5AD_HDF5_HDF5_H
#define H5AD_HDF5_HDF5_H

#include <hdf5.h>

#include "base/err.h"
#include "base/mem.h"

/* ---- a file (hdf5_file.c) ---- */

/* A file open for reading. */
struct h5_file {
	char *path; /* as given, "stdin" for "-" */
	hid_t file;
	uint64_t n_bytes;   /* of the file: nothing in it is larger, before decompression */
	struct arena arena; /* of what is read and kept as long as the file */
};

/*
 * Open 'path'; a pipe and what gzip packed are copied first (base/unpacked.h). A child process
 * opens it first, walks through all of it and has 'look' look at it, under limits; then it is
 * opened here and 'look' runs again. 'look' returns -1 with 'err' when it is not what it should be;
 * NULL when there is nothing to look for. Returns -1 on failure; close 'f' in any case.
 */
typedef int h5_look(void *arg, struct err *err);
int h5_file_open(struct h5_file *f, const char *path, h5_look *look, void *arg,
		 struct err *err) MUST_USE;
void h5_file_close(struct h5_file *f); /* one that was never opened must be zeroed */

/* The same, made and freed, for a file to look at by oneself. */
struct h5_file *h5_file_new(const char *path, struct err *err) MUST_USE;
void h5_file_free(struct h5_file *f); /* NULL is fine */

/* ---- the library (hdf5.c) ---- */

/* Once per process, cheap after: no plugins, no messages of its own, lzf known, crashes caught. */
void h5_start(void);
void h5_quiet(void); /* once per thread, cheap after */

/* Why the last call failed, in HDF5's words; "" when it did not say. Forgets it. */
const char *h5_reason(char *out, size_t size);

/* The system's errno of the last call of this thread that failed with one, 0 when there was none
 * since this was asked last. */
int h5_last_errno(void);

/* How files are opened and made: locks where there are any, caches small. Close with H5Pclose. */
hid_t h5_access(void);

/* May 'file' be a name in messages of a crash? Borrowed until taken back. See crash.c. */
void crash_name(const char *path);
void crash_unname(const char *path);
/*
 * The disk failed to give bytes ('why' is the errno): the process ends with one line. HDF5 would go
 * on at some places as if nothing were there, and keeps objects of which half was read. In a probe
 * it returns, and the read fails; crash_was_unread then says why, NULL when nothing was unread.
 */
void crash_unread(int why);
const char *crash_was_unread(void);
void crash_catch(void);        /* this process; h5_start does it */
void crash_catch_thread(void); /* room for the handler in this thread; h5_quiet does it */

/* ---- objects (hdf5.c) ---- */

/*
 * HDF5's yes or no. Neither is what damage makes of it, which counts as no; but where memory was
 * wanting "no" would leave out what is there, and the process ends with one line.
 */
bool h5_yes(htri_t answer);

/* Is there an object? Looks step by step, so that no step is an error. */
bool h5_exists(hid_t at, const char *path);

/* Open an object; an error names file and path. Invalid on failure. Close with h5_close. */
hid_t h5_open(const struct h5_file *f, const char *path, struct err *err) MUST_USE;

/* Any kind of id; invalid ids are fine. h5_reason still tells what failed before. */
void h5_close(hid_t id);

bool h5_is_group(hid_t object);
bool h5_is_dataset(hid_t object);

/* The rank of a dataset and its first two dimensions, or -1. Scalars have rank 0; no data: -1. */
int h5_shape(hid_t dataset, uint64_t dims[2]);

/* What H5Dread is to make of one field of records: 'element' alone. The caller closes it. */
hid_t h5_field_type(const char *field, hid_t element);

/*
 * The bytes of a number as everybody writes them, of either byte order: IEEE's floats of 2, 4 and 8
 * bytes, integers of 1, 2, 4 and 8 that use all of their bits. 0 for any other: HDF5 can describe
 * floats and integers of any bits, and damage does.
 */
size_t h5_float_size(hid_t type);
size_t h5_integer_size(hid_t type);

/* What its numbers are: "float32", "uint8", "bool", "string", ...; "" when none of these. */
const char *h5_type_name(hid_t type, bool *is_integer);

/* "none", "gzip", "gzip+shuffle", "lzf", ... Static. */
const char *h5_compression(hid_t dataset);

/*
 * May a dataset be read whole? What it claims to hold is compared with what the file stores of it:
 * no compression makes more than a thousandfold.
 */
int h5_check_stored(const struct h5_file *f, hid_t dataset, const char *path,
		    struct err *err) MUST_USE;

/* ---- attributes (hdf5.c) ---- */

/* One string, NULL when there is no such attribute or it is something else. The caller frees. */
char *h5_attr_string(hid_t object, const char *name);
bool h5_attr_is(hid_t object, const char *name, const char *value);
bool h5_attr_flag(hid_t object, const char *name); /* false when absent */

/* 'n' integers that are not negative; -1 when it is absent or has another length. */
int h5_attr_sizes(hid_t object, const char *name, size_t *values, size_t n) MUST_USE;

/* A list of strings, owned by 'arena'. 1, or 0 when it is absent; -1 when it is damaged. */
int h5_attr_strings(const struct h5_file *f, hid_t object, const char *name, struct arena *arena,
		    char ***strings, size_t *n, struct err *err) MUST_USE;

/* ---- what is in a file, before it is trusted ---- */

#define H5_DEEPEST 100 /* groups in groups; AnnData has three or four */

/* Everything a file links to and how it stores it; refuses what leads outside (survey.c). */
int survey(hid_t file, const char *name, struct err *err) MUST_USE;

/*
 * Let a child process look at the file called 'path', under limits: -1 with 'err' when that fails,
 * crashes or does not end (probe.c). 'look' returns -1 with 'err'; what it opens ends with the
 * child.
 */
int probe(const char *path, int fd, h5_look *look, void *arg, struct err *err) MUST_USE;

struct members {
	char **names; /* in byte order; owned by the file's arena */
	size_t n;
};

/*
 * The names in a group, sorted by bytes, or the fields of a compound dataset in their order. None
 * when there is no such object.
 */
int list_members(struct h5_file *f, const char *path, struct members *m, struct err *err) MUST_USE;

/* May several threads be inside the library? */
bool hdf5_is_threadsafe(void);

#endif
