/* encode.c - shuffle, deflate and lzf, as HDF5 readers undo them. */
#include "base/util.h"

#include <libdeflate.h>

#include "base/mem.h"
#include "base/text.h"
#include "h5ad/hdf5/encode.h"
#include "h5ad/hdf5/lzf_compress.h"

#define FILTER_LZF 32000
#define LZF_FILTER_REVISION 4
#define LZF_VERSION 0x0105
#define LZF_MASK 2u /* the second filter, after shuffle */
#define DEFAULT_LEVEL 4

int encoding_parse(const char *text, struct encoding *e, struct err *err)
{
	int64_t level = DEFAULT_LEVEL;

	*e = (struct encoding){.kind = ENCODE_NONE};
	if (str_eq(text, "none"))
		return 0;
	if (str_eq(text, "lzf")) {
		e->kind = ENCODE_LZF;
		return 0;
	}
	if (!str_eq(text, "gzip") &&
	    !(str_starts(text, "gzip:") && parse_int(text + 5, 1, 9, &level)))
		return err_set(err, "compression '%s' is not none, gzip, gzip:1 to gzip:9 or lzf",
			       text);
	e->kind = ENCODE_GZIP;
	e->level = (int)level;
	return 0;
}

void encoding_declare(const struct encoding *e, hid_t creation, size_t size, size_t bytes)
{
	const unsigned lzf[3] = {LZF_FILTER_REVISION, LZF_VERSION, (unsigned)bytes};

	if (e->kind == ENCODE_NONE)
		return;
	if (size > 1)
		H5Pset_shuffle(creation);
	if (e->kind == ENCODE_GZIP)
		H5Pset_deflate(creation, (unsigned)e->level);
	else
		H5Pset_filter(creation, FILTER_LZF, H5Z_FLAG_OPTIONAL, ARRAY_LEN(lzf), lzf);
}

CLONES static void shuffle4(const uint8_t *restrict in, uint8_t *restrict out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[i] = in[4 * i];
		out[n + i] = in[4 * i + 1];
		out[2 * n + i] = in[4 * i + 2];
		out[3 * n + i] = in[4 * i + 3];
	}
}

static void shuffle(const uint8_t *in, uint8_t *out, size_t bytes, size_t size)
{
	size_t n = bytes / size;

	if (size == 4) {
		shuffle4(in, out, n);
		return;
	}
	for (size_t b = 0; b < size; b++) {
		for (size_t i = 0; i < n; i++)
			out[b * n + i] = in[i * size + b];
	}
}

static void make_room(struct encoder *enc, const struct encoding *e, size_t n)
{
	if (e->kind == ENCODE_GZIP && !enc->gzip) {
		enc->gzip = libdeflate_alloc_compressor(e->level);
		if (!enc->gzip)
			BUG("libdeflate has no level %d", e->level);
	}
	if (e->kind == ENCODE_LZF && !enc->table)
		MEM_ARRAY(enc->table, LZF_TABLE);
	if (n <= enc->cap)
		return;
	enc->cap = n;
	enc->out_cap = e->kind == ENCODE_GZIP ? libdeflate_zlib_compress_bound(enc->gzip, n) : n;
	enc->shuffled = mem_resize(enc->shuffled, n, 1);
	enc->out = mem_resize(enc->out, enc->out_cap, 1);
}

struct encoded encode_chunk(struct encoder *enc, const struct encoding *e, const void *raw,
			    size_t n, size_t size)
{
	if (e->kind == ENCODE_NONE)
		return (struct encoded){.bytes = raw, .n = n};
	make_room(enc, e, n);
	const uint8_t *in = raw;
	if (size > 1) {
		shuffle(raw, enc->shuffled, n, size);
		in = enc->shuffled;
	}
	if (e->kind == ENCODE_GZIP) {
		size_t len = libdeflate_zlib_compress(enc->gzip, in, n, enc->out, enc->out_cap);
		return (struct encoded){.bytes = enc->out, .n = len};
	}
	/* What lzf cannot make smaller is stored without it; readers see that in the mask. */
	size_t len = n > 1 ? lzf_compress(in, n, enc->out, n - 1, enc->table) : 0;
	if (len == 0)
		return (struct encoded){.bytes = in, .n = n, .skipped = size > 1 ? LZF_MASK : 1};
	return (struct encoded){.bytes = enc->out, .n = len};
}

void encoder_release(struct encoder *enc)
{
	if (enc->gzip)
		libdeflate_free_compressor(enc->gzip);
	free(enc->shuffled);
	free(enc->out);
	free(enc->table);
	memset(enc, 0, sizeof(*enc));
}
