/* md5.h - MD5, for checking downloads against the sums that services publish.
 *
 * Finds damage, not malice: where a SHA-256 is known, that is what counts.
 *
 *	struct md5 m;
 *	md5_start(&m);
 *	md5_add(&m, bytes, len);
 *	md5_hex(&m, hex);       // ends it; 33 bytes
 */
#ifndef REF_MD5_H
#define REF_MD5_H

#include "base/util.h"

struct md5 {
	uint32_t state[4];
	uint64_t n_bytes;
	unsigned char pending[64];
};

void md5_start(struct md5 *m);
void md5_add(struct md5 *m, const void *bytes, size_t len);
void md5_hex(struct md5 *m, char hex[33]);

#endif
