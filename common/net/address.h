/* address.h - which addresses may be asked, and how they are shown.
 *
 * https everywhere; http only to this machine itself (127.x.y.z, ::1, localhost). No user or
 * password inside an address. Messages show an address without what follows "?": that part of a
 * signed address is a key.
 *
 *	if (address_check(url, &err))
 *		die_err(&err);
 *	char *shown = address_shown(url);               // without what is secret
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/err.h"

bool address_is_url(const char *s);      /* http:// or https:// */
bool address_is_loopback(const char *s); /* a URL of this machine */

/* May this URL be asked? */
int address_check(const char *url, struct err *err) MUST_USE;

/*
 * The same for a URL that 'from' redirects to: never from elsewhere to this machine, nor to a number
 * of a private network (what names stand for is not looked up).
 */
int address_check_redirect(const char *from, const char *to, struct err *err) MUST_USE;

/* The address without query and fragment; the caller frees. */
char *address_shown(const char *s);

/* The last part of its path, "" when there is none; the caller frees. */
char *address_file(const char *s);

/*
 * s3://BUCKET/KEY as https: at Amazon's address of 'region', or below 'endpoint' when that is not
 * "" (ENDPOINT/BUCKET/KEY). Other addresses as they are. The caller frees; NULL on failure.
 */
char *address_https(const char *s, const char *region, const char *endpoint,
		    struct err *err) MUST_USE;

/* BASE, a slash if it has none, NAME. The caller frees. */
char *address_join(const char *base, const char *name);

#endif
