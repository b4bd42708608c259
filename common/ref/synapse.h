/* synapse.h - from a Synapse id to an address that can be fetched.
 *
 * Asks for the entity's file handle, then for its pre-signed URL, with a personal access token.
 * The token is sent to the Synapse service alone, and is never shown or kept.
 *
 *	char *token = synapse_token(NULL, err);
 *	struct synapse_file f;
 *	if (token && !synapse_find(&f, service, ref, token, &patience, &reply, err))
 *		fetch(f.url);
 *	synapse_release(&f);
 */
#ifndef REF_SYNAPSE_H
#define REF_SYNAPSE_H

#include "net/ask.h"
#include "ref/ref_entry.h"

struct synapse_file {
	char *url; /* pre-signed: good for minutes, and a key: not to be shown */
	char *name, *md5;
	size_t size;
};

/*
 * The token: SYNAPSE_AUTH_TOKEN, or the first line of 'file', which only its owner may read.
 * NULL without 'err' when there is none. The caller frees.
 */
char *synapse_token(const char *file, struct err *err) MUST_USE;

/* 'reply' says whether to try again. An error tells how to get the permission that lacks. */
int synapse_find(struct synapse_file *f, const char *service, const struct ref_entry *ref,
		 const char *token, const struct patience *p, struct http_reply *reply,
		 struct err *err) MUST_USE;
void synapse_release(struct synapse_file *f);

#endif
