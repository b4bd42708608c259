/* interview.h - all questions put to a language model, one at a time or several together.
 *
 * What has been answered before comes out of the cache; what has not goes to the service, until the
 * budget or the quota ends. Every question gets a proposal, if only one that says why there is no
 * label. Asked with several seeds, the label that most of them give counts.
 *
 *	struct interview talk = {.model = "qwen", .batch = 1, .repeat = 1, .chat = {.url = url}};
 *	if (interview_hold(&talk, &questions, proposals, NULL, NULL, &err))
 *		die_err(&err);                          // key, address or request are wrong
 *	if (talk.stopped)
 *		...                                     // budget or quota: the rest is not asked
 *	proposals_free(proposals, questions.clusters.n);
 *
 * A batch is kept in the cache when every answer in it is right in form; those that are not are
 * asked again alone, as are all of a batch that was cut or refused. A service that does not answer
 * several times in a row is not asked any more.
 */
#ifndef EVIDENCE_INTERVIEW_H
#define EVIDENCE_INTERVIEW_H

#include "evidence/proposals_table.h"
#include "net/chat.h"

#define INTERVIEW_LARGEST_BATCH ((size_t)50)

struct interview {
	const char *model;
	const char *cache; /* a folder, or NULL */
	bool cache_only;
	size_t budget; /* tokens; 0: no limit */
	size_t batch, repeat, seed;
	struct chat chat;
	/* What came of it. */
	size_t used; /* tokens */
	bool stopped;
	size_t n_cached, n_asked, n_unenforced, n_in_vain; /* requests; the last: in a row */
	struct err why; /* the first thing that went wrong with the service */
};

/*
 * Fill proposals[0 .. q->clusters.n). 'heard', or NULL, is told how many are done. Fails when the
 * service will not have us at all, or the cache cannot be written.
 */
int interview_hold(struct interview *talk, const struct questions *q, struct proposal *proposals,
		   void (*heard)(void *arg, size_t n), void *arg, struct err *err) MUST_USE;

/* Write the requests, a line of JSON each, to 'out' instead; returns their tokens, about. */
size_t interview_write_requests(const struct interview *talk, const struct questions *q, FILE *out,
				size_t *n_requests);

#endif
