/* ask.h - ask a service, again when that may help, and get its answer whole.
 *
 *	struct patience p = {.retries = 5, .wait = 1, .stall = 60};
 *	struct http_reply reply;
 *	json_t *answer = ask_json(url, NULL, NULL, &p, &reply, &err);
 */
#ifndef NET_ASK_H
#define NET_ASK_H

#include "format/json_read.h"
#include "net/http.h"

struct patience {
	size_t retries; /* after the first attempt */
	double wait;    /* seconds before the first of them; doubled each time */
	size_t stall;   /* seconds without a byte before an attempt is given up */
};

#define PATIENCE_LONGEST_WAIT 120.0

/*
 * Wait before attempt number 'attempt' (1 is the first retry): what the server asked for, or a
 * growing time. False, at once, when there are no more attempts or it would not help.
 */
bool patience_again(const struct patience *p, size_t attempt, const struct http_reply *reply);

/* GET, or POST 'post', with a bearer token or without. */
json_t *ask_json(const char *url, const char *post, const char *token, const struct patience *p,
		 struct http_reply *reply, struct err *err) MUST_USE;

/* From a URL or from a saved file. */
json_t *ask_or_read(const char *where, const struct patience *p, struct err *err) MUST_USE;

#endif
