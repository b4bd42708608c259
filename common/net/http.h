/* http.h - one HTTP request, its reply handed on as it arrives.
 *
 * The only file that sees libcurl. Redirects are followed here, each address checked first
 * (address.h); a request with a token is never redirected, so the token cannot leave its host.
 * Proxies are those of the environment (https_proxy, all_proxy, no_proxy), certificates those of
 * the system, or of CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR. Nothing is retried here.
 *
 *	struct http_request ask = {.url = url, .body = keep, .arg = &file, .stall = 60};
 *	struct http_reply reply;
 *	if (http_get(&ask, &reply, &err))
 *		give_up(reply.again);
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/err.h"

struct http_reply {
	long status;    /* 0 when there was no reply */
	bool again;     /* it failed, and may well not the next time */
	size_t wait;    /* seconds the server asks to wait before that; 0: it does not say */
	char etag[256]; /* as sent, with quotes; "" without */
	char last_modified[64]; /* "" without */
	bool s3, sealed;        /* Amazon S3; encrypted so that the ETag is no MD5 */
	bool sized;             /* the end of the body could be told from a broken connection */
	uint64_t length;        /* of the body, when 'has_length' */
	bool has_length;
	uint64_t first, total; /* of Content-Range, status 206; total 0 when not said */
};

struct http_request {
	const char *url;
	const char *post;      /* a JSON body to send, or NULL to GET */
	const char *token;     /* bearer token, or NULL */
	uint64_t from;         /* ask for the bytes from here on; 0: for all */
	const char *validator; /* ... if the file is still this one (ETag or date) */
	size_t stall;          /* seconds without a byte before giving up */
	size_t limit;          /* seconds for the whole of it; 0: none */
	bool stays;            /* do not follow redirects: they are a failure */
	bool wants_refusals;   /* 'body' gets what comes with another status, too */

	/* The reply's head has come (status 200 or 206); then pieces of its body. -1 with 'err'
	 * filled ends the transfer for good. 'head' may be NULL. */
	int (*head)(void *arg, const struct http_reply *reply, struct err *err);
	int (*body)(void *arg, const void *bytes, size_t n, struct err *err);
	void *arg;
};

/* 0 when the whole body has been handed on; else -1, with 'err' and 'reply' saying what happened.
 */
int http_get(const struct http_request *ask, struct http_reply *reply, struct err *err) MUST_USE;

#endif
