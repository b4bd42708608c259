/* lzf_compress.h - the LZF byte format that h5py's "lzf" filter stores in chunks.
 *
 * A stream of runs: a control byte under 32 is followed by that many bytes plus one, as they
 * are; any other says to copy 3 to 264 bytes from up to 8192 bytes back.
 *
 *	MEM_ARRAY(table, LZF_TABLE);
 *	size_t len = lzf_compress(in, n, out, n - 1, table);
 *	if (len == 0)
 *		store_as_it_is(in, n);
 */
#ifndef H5AD_HDF5_LZF_COMPRESS_H
#define H5AD_HDF5_LZF_COMPRESS_H

#include "base/util.h"

#define LZF_TABLE (1 << 14)

/*
 * Compress in[0..n) into out[0..cap). Returns the length, or 0 when it does not fit. 'table' is
 * scratch for LZF_TABLE places. The result depends on the input alone.
 */
size_t lzf_compress(const uint8_t *in, size_t n, uint8_t *out, size_t cap, uint32_t *table);

#endif
