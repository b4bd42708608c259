/* download.h - a file over HTTP into a cache entry's part, resumed where it can be.
 *
 * One struct lives through all attempts at one file: it knows how much of the part is there and
 * the SHA-256 of that much, so that nothing is read twice for it. An MD5 is only reckoned when
 * there is one to compare with.
 *
 *	if (download_open(&d, entry, plan, size, err))
 *		return -1;
 *	while ((got = download_try(&d, url, &reply, err)) && may_help(&reply))
 *		continue;
 *	if (!got && !download_check(&d, &known, err))
 *		got = download_finish(&d, err);
 *	download_close(&d);
 */
#ifndef REF_DOWNLOAD_H
#define REF_DOWNLOAD_H

#include "base/sha256.h"
#include "net/cache.h"
#include "ref/fetch.h"

/* What the file is known to be: 0 and "" where nothing is known. */
struct known_file {
	uint64_t size;
	const char *sha256, *md5;
};

struct download {
	struct cache_entry *entry;
	const struct fetch_plan *plan;
	uint64_t expected_size; /* 0: not known */
	int fd;                 /* of the part */
	uint64_t have, total;   /* bytes of the part; of the whole, 0 when not known */
	char *validator;        /* of the version the part is of; "" when it cannot be resumed */
	struct sha256 sha256;   /* of the part so far */
	bool resumed, sized;
	int64_t metered; /* what the meter has been told to expect */
	char etag_md5[33];
};

/* Open the part, and take up what an earlier run left. */
int download_open(struct download *d, struct cache_entry *entry, const struct fetch_plan *plan,
		  uint64_t expected_size, struct err *err) MUST_USE;

/* One attempt. 'reply' says whether another may help. */
int download_try(struct download *d, const char *url, struct http_reply *reply,
		 struct err *err) MUST_USE;

/*
 * Is it what it should be? Fills the entry's size and sha256. On -1 the part is worthless: forget
 * it with download_restart.
 */
int download_check(struct download *d, const struct known_file *e, struct err *err) MUST_USE;

/* Begin again with an empty part. */
int download_restart(struct download *d, struct err *err) MUST_USE;

/*
 * Close the part, which is complete. It is not forced to the disk: the cache checks a file's sum
 * whenever it is used, and would fetch again what a power cut spoilt.
 */
int download_finish(struct download *d, struct err *err) MUST_USE;
void download_close(struct download *d);

#endif
