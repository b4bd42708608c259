/* encode.h - how chunks are compressed on their way into a file.
 *
 * "gzip" is shuffle and deflate, "lzf" is shuffle and h5py's lzf; "none" stores the bytes as they
 * are. Shuffling (all first bytes, all second bytes, ...) makes gene indices and counts a
 * quarter to a half smaller. The bytes depend on the chunk alone, so chunks can be encoded by
 * any thread in any order.
 *
 *	struct encoder enc = {.cap = 0};
 *	struct encoded chunk = encode_chunk(&enc, &encoding, values, n_bytes, sizeof(*values));
 *	H5Dwrite_chunk(dataset, H5P_DEFAULT, chunk.skipped, at, chunk.n, chunk.bytes);
 *	encoder_release(&enc);
 */
#ifndef H5AD_HDF5_ENCODE_H
#define H5AD_HDF5_ENCODE_H

#include <hdf5.h>

#include "base/err.h"

enum encoding_kind { ENCODE_NONE, ENCODE_GZIP, ENCODE_LZF };

struct encoding {
	enum encoding_kind kind;
	int level; /* of gzip */
};

/* "none", "gzip", "gzip:1" to "gzip:9" or "lzf"; the error names these. gzip alone is gzip:4. */
int encoding_parse(const char *text, struct encoding *e, struct err *err) MUST_USE;

/* Declare the filters of a dataset whose chunks hold 'bytes' bytes of 'size'-byte elements. */
void encoding_declare(const struct encoding *e, hid_t creation, size_t size, size_t bytes);

/* What one thread needs to encode; a zeroed one is ready. Kept from chunk to chunk. */
struct encoder {
	struct libdeflate_compressor *gzip;
	uint8_t *shuffled, *out;
	uint32_t *table;
	size_t cap, out_cap;
};

struct encoded {
	const void
		*bytes; /* borrowed from the encoder (or the raw chunk), until it is used again */
	size_t n;
	uint32_t skipped; /* HDF5's filter mask: filters that were not applied */
};

struct encoded encode_chunk(struct encoder *enc, const struct encoding *e, const void *raw,
			    size_t n, size_t size);
void encoder_release(struct encoder *enc);

#endif
