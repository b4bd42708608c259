/* answer_cache.h - answers of language models, kept by the question they answer.
 *
 * A folder with a file per question, named by the SHA-256 of the whole request: model, words,
 * schema, seed, temperature. So a cache is a record that can be replayed, and a change of anything
 * asks anew.
 *
 *	struct kept_answer kept;
 *	if (answer_cache_get(folder, request, &kept))
 *		use(kept.content);
 *	answer_cache_put(folder, request, &kept, &err);
 *	kept_answer_release(&kept);
 *
 * Files appear whole. One that cannot be read, or is of another question, is as if it were not
 * there. No keys and no addresses are in them.
 */
#ifndef EVIDENCE_ANSWER_CACHE_H
#define EVIDENCE_ANSWER_CACHE_H

#include "base/err.h"

struct kept_answer {
	char *content, *model;
	size_t prompt_tokens, completion_tokens;
};

/* 'request' is the body as text, with sorted keys. */
bool answer_cache_get(const char *folder, const char *request, struct kept_answer *kept);
int answer_cache_put(const char *folder, const char *request, const struct kept_answer *kept,
		     struct err *err) MUST_USE;
void kept_answer_release(struct kept_answer *kept);

#endif
