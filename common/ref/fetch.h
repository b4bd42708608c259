/* fetch.h - one reference, from wherever it is, as a checked file.
 *
 * Looks in the cache, and downloads what is not there or not intact. A download goes on where an
 * earlier one broke off, if the server says that the file is still the same; its size and sums are
 * checked against the list's, the service's and the server's; then it takes its name. What may
 * pass is tried again, later and later; a refusal (401, 403, 404) is not.
 *
 *	struct fetch_plan plan = {.cache = folder, .patience = {5, 1, 60}};
 *	struct fetched_file got;
 *	if (fetch_reference(&got, &reference, &plan, &err))
 *		puts(err.text);
 *
 * Safe from several threads, and beside other processes with the same cache.
 */
#ifndef REF_FETCH_H
#define REF_FETCH_H

#include "net/ask.h"
#include "ref/ref_entry.h"

/* Told how many bytes came (or went again: less than 0) and how many more are expected. */
typedef void fetch_meter(void *arg, int64_t done, int64_t expected);

struct fetch_plan {
	const char *cache;
	bool offline;         /* only what is in the cache */
	bool refresh;         /* download even what is in the cache */
	const char *region;   /* of s3:// addresses */
	const char *endpoint; /* for s3:// addresses, or "" */
	const char *synapse;  /* the service */
	const char *token;    /* for it, or NULL */
	struct patience patience;
	fetch_meter *meter; /* or NULL; called from the thread that fetches */
	void *meter_arg;
};

enum fetch_status { FETCH_FAILED, FETCH_LOCAL, FETCH_CACHED, FETCH_DOWNLOADED, FETCH_RESUMED };

struct fetched_file {
	enum fetch_status status;
	char *path;
	uint64_t size;
	char sha256[65];
	const char *note; /* something to know about it, or "" */
};

extern const char *const fetch_status_names[];

int fetch_reference(struct fetched_file *got, const struct ref_entry *ref,
		    const struct fetch_plan *plan, struct err *err) MUST_USE;
void fetched_file_release(struct fetched_file *got);

#endif
