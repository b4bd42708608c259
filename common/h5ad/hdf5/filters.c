/* filters.c - undo HDF5's filters on the raw bytes of a chunk. */
#include "base/util.h"

#include <libdeflate.h>

#include "base/mem.h"
#include "h5ad/hdf5/filters.h"

void filter_room_release(struct filter_room *room)
{
	free(room->bytes[0]);
	free(room->bytes[1]);
	if (room->inflater)
		libdeflate_free_decompressor(room->inflater);
	memset(room, 0, sizeof(*room));
}

bool filters_known(const struct filters *f)
{
	for (size_t i = 0; i < f->n; i++) {
		int id = f->list[i].id;
		if (id != FILTER_DEFLATE && id != FILTER_SHUFFLE && id != FILTER_FLETCHER32 &&
		    id != FILTER_LZF)
			return false;
	}
	return true;
}

/* ---- fletcher32 --------------------------------------------------------------------------- */

static void fold(struct fletcher32 *f)
{
	f->low = (f->low & 0xffff) + (f->low >> 16);
	f->high = (f->high & 0xffff) + (f->high >> 16);
}

/* Sums of at most 360 words stay within 32 bits before they are folded. */
void fletcher32_add(struct fletcher32 *f, const uint8_t *bytes, size_t n)
{
	size_t words = n / 2;

	while (words) {
		size_t run = MIN(words, (size_t)360);
		words -= run;
		for (; run; run--, bytes += 2) {
			f->low += (uint32_t)bytes[0] << 8 | bytes[1];
			f->high += f->low;
		}
		fold(f);
	}
	if (n % 2) {
		f->low += (uint32_t)bytes[0] << 8;
		f->high += f->low;
		fold(f);
	}
}

uint32_t fletcher32_sum(const struct fletcher32 *f)
{
	struct fletcher32 last = *f;

	fold(&last);
	return last.high << 16 | last.low;
}

/* The sum's low byte is the first. HDF5 also takes what its release 1.6.2 wrote on little-endian
 * machines: each half with its bytes swapped. */
bool fletcher32_fits(const struct fletcher32 *f, const uint8_t stored[4])
{
	uint32_t said = (uint32_t)stored[0] | (uint32_t)stored[1] << 8 | (uint32_t)stored[2] << 16 |
			(uint32_t)stored[3] << 24;
	uint32_t sum = fletcher32_sum(f);
	uint32_t swapped = (sum & 0x00ff00ffu) << 8 | (sum >> 8 & 0x00ff00ffu);

	return said == sum || said == swapped;
}

static bool checksum_fits(const uint8_t *bytes, size_t n)
{
	struct fletcher32 f = {0, 0};

	fletcher32_add(&f, bytes, n);
	return fletcher32_fits(&f, bytes + n);
}

/* ---- shuffle ------------------------------------------------------------------------------ */

/* 'apart' is how far the planes of an element's bytes are from each other. */
CLONES static void unshuffle_2(const uint8_t *restrict in, size_t apart, uint16_t *restrict out,
			       size_t n)
{
	const uint8_t *b0 = in, *b1 = in + apart;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint16_t)(b0[i] | b1[i] << 8);
}

CLONES static void unshuffle_4(const uint8_t *restrict in, size_t apart, uint32_t *restrict out,
			       size_t n)
{
	const uint8_t *b0 = in, *b1 = b0 + apart, *b2 = b1 + apart, *b3 = b2 + apart;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)b0[i] | (uint32_t)b1[i] << 8 | (uint32_t)b2[i] << 16 |
			 (uint32_t)b3[i] << 24;
}

CLONES static void unshuffle_8(const uint8_t *restrict in, size_t apart, uint64_t *restrict out,
			       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = 0;
		for (size_t b = 0; b < 8; b++)
			v |= (uint64_t)in[b * apart + i] << 8 * b;
		out[i] = v;
	}
}

/* Byte b of all elements stands together. */
void filters_unshuffle(const uint8_t *bytes, size_t n_bytes, size_t element, size_t from, size_t n,
		       void *out)
{
	size_t apart = n_bytes / element;
	const uint8_t *in = bytes + from;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (element == 2)
		unshuffle_2(in, apart, out, n);
	else if (element == 4)
		unshuffle_4(in, apart, out, n);
	else if (element == 8)
		unshuffle_8(in, apart, out, n);
	else
#endif
		for (size_t b = 0; b < element; b++)
			for (size_t i = 0; i < n; i++)
				((uint8_t *)out)[i * element + b] = in[b * apart + i];
}

/* Bytes that fill no element follow as they were. */
static void unshuffle(const uint8_t *in, uint8_t *out, size_t n_bytes, size_t element)
{
	size_t n = n_bytes / element;

	filters_unshuffle(in, n_bytes, element, 0, n, out);
	memcpy(out + n * element, in + n * element, n_bytes - n * element);
}

/* ---- one filter after the other ----------------------------------------------------------- */

/* What a filter gives back may be a little longer than the plain chunk: checksums, lzf. */
static size_t longest(const struct filters *f)
{
	return f->chunk_bytes + f->chunk_bytes / 16 + 1024;
}

static size_t inflate_bytes(const uint8_t *in, size_t n, uint8_t *out, size_t cap,
			    struct filter_room *room)
{
	size_t got;

	if (!room->inflater)
		room->inflater = libdeflate_alloc_decompressor();
	if (!room->inflater)
		BUG("no memory for a decompressor");
	if (libdeflate_zlib_decompress(room->inflater, in, n, out, cap, &got) != LIBDEFLATE_SUCCESS)
		return SIZE_MAX;
	return got;
}

/* The new length, SIZE_MAX when the bytes are damaged. */
static size_t undo(const struct filter *filter, const uint8_t *in, size_t n, uint8_t *out,
		   size_t cap, struct filter_room *room)
{
	switch (filter->id) {
	case FILTER_DEFLATE:
		return inflate_bytes(in, n, out, cap, room);
	case FILTER_LZF:
		return lzf_decode(in, n, out, cap);
	case FILTER_SHUFFLE:
		if (n > cap || filter->element == 0)
			return SIZE_MAX;
		unshuffle(in, out, n, filter->element);
		return n;
	default:
		BUG("filter %d", filter->id);
	}
}

static const char *filter_name(int id)
{
	return id == FILTER_DEFLATE ? "gzip" : id == FILTER_LZF ? "lzf" : "shuffle";
}

const uint8_t *filters_undo(const struct filters *f, size_t n_left, uint32_t skipped,
			    const uint8_t *raw, size_t n_raw, struct filter_room *room,
			    struct err *err)
{
	const uint8_t *bytes = raw;
	size_t n = n_raw, side = 0, cap = longest(f);

	for (size_t i = f->n; i-- > n_left;) {
		const struct filter *filter = &f->list[i];
		if (skipped >> i & 1)
			continue;
		if (filter->id == FILTER_FLETCHER32) {
			if (n < 4 || !checksum_fits(bytes, n - 4))
				return err_null(err, "the checksum does not fit the data");
			n -= 4;
			continue;
		}
		if (filter->id == FILTER_SHUFFLE && filter->element == 1)
			continue;
		MEM_GROW(room->bytes[side], cap, room->cap[side]);
		n = undo(filter, bytes, n, room->bytes[side], cap, room);
		if (n == SIZE_MAX)
			return err_null(err, "the %s data are damaged", filter_name(filter->id));
		bytes = room->bytes[side];
		side = !side;
	}
	if (n != f->chunk_bytes)
		return err_null(err, "it holds %zu bytes instead of %zu", n, f->chunk_bytes);
	return bytes;
}
