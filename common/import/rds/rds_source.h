/* rds_source.h - the bytes of an RDS file, unpacked.
 *
 * R writes RDS files through gzip, bzip2, xz or nothing. Which one is told by the first bytes,
 * never by the name. Unpacking runs one buffer ahead of the reader on the pool, in constant
 * memory. Things that are no RDS file (a workspace, an h5ad, a web page) are named in the error.
 *
 *	struct rds_source *s = rds_source_open("atlas.rds", pool, &err);
 *	if (!s || rds_source_take(s, word, sizeof(word), &err))
 *		die_err(&err);
 *	rds_source_close(s);
 *
 * gzip is read with streaming zlib rather than libdeflate: for 123 MB of a Seurat object libdeflate
 * saves some 0.15 s of 0.35 s, but it needs the whole unpacked object in memory at once, before
 * anything has looked at whether it is one.
 */
#ifndef IMPORT_RDS_RDS_SOURCE_H
#define IMPORT_RDS_RDS_SOURCE_H

#include "base/err.h"
#include "base/pool.h"
#include "base/progress.h"

struct rds_source {
	const unsigned char *at, *end; /* what is unpacked and not yet taken */
	struct rds_unpack *unpack;
};

/* "-" is standard input. 'pool' must outlive the source. NULL with 'err' on failure. */
struct rds_source *rds_source_open(const char *path, struct pool *pool, struct err *err) MUST_USE;
void rds_source_close(struct rds_source *s); /* NULL is fine */

const char *rds_source_path(const struct rds_source *s);    /* "stdin" for "-" */
const char *rds_source_packing(const struct rds_source *s); /* "gzip", "bzip2", "xz", "none" */
uint64_t rds_source_position(const struct rds_source *s);   /* unpacked bytes taken so far */
uint64_t rds_source_size(const struct rds_source *s);       /* packed bytes, 0 when not known */

/* Tell 'p' the packed bytes read whenever a buffer is taken up. NULL stops that. */
void rds_source_watch(struct rds_source *s, struct progress *p);

/*
 * Could 'n' more bytes follow? False only when it is certain that they cannot: a file that is
 * not packed is too short, or no gzip data of that size can unpack to so much.
 */
bool rds_source_may_hold(const struct rds_source *s, uint64_t n);

/* Make at least one byte available at 'at', or none at the end of the data. -1 on failure. */
int rds_source_fill(struct rds_source *s, struct err *err) MUST_USE;

/* Copy out (or, with 'to' NULL, pass over) exactly 'n' bytes. The end before that is an error. */
int rds_source_take_slow(struct rds_source *s, void *to, size_t n, struct err *err) MUST_USE;

/* Read to the end, so that a packing with a checksum has checked it. */
int rds_source_drain(struct rds_source *s, struct err *err) MUST_USE;

static inline int rds_source_take(struct rds_source *s, void *to, size_t n, struct err *err)
{
	if ((size_t)(s->end - s->at) < n || !to)
		return rds_source_take_slow(s, to, n, err);
	memcpy(to, s->at, n);
	s->at += n;
	return 0;
}

#endif
