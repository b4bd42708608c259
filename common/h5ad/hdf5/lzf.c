/* lzf.c - LibLZF's format, as h5py's "lzf" filter stores it, undone at once or a stretch at a time.
 *
 * A control byte below 32 is followed by that many plus one literal bytes. Otherwise its upper
 * three bits are a length (7: one more byte is added) and its lower five, with the next byte, the
 * distance back from the end of the output, minus one.
 */
#include "base/util.h"

#include "h5ad/hdf5/filters.h"
#include "h5ad/hdf5/lzf_stream.h"

/* The copy may overlap what it writes: a distance of 1 repeats one byte. */
static void copy_back(uint8_t *out, size_t distance, size_t length)
{
	const uint8_t *from = out - distance;

	if (distance >= length) {
		memcpy(out, from, length);
		return;
	}
	for (size_t i = 0; i < length; i++)
		out[i] = from[i];
}

size_t lzf_decode(const uint8_t *in, size_t n, uint8_t *out, size_t cap)
{
	size_t at = 0, done = 0;

	while (at < n) {
		size_t control = in[at++];
		if (control < 32) {
			size_t length = control + 1;
			if (length > n - at || length > cap - done)
				return SIZE_MAX;
			memcpy(out + done, in + at, length);
			at += length;
			done += length;
			continue;
		}
		size_t length = control >> 5;
		if (length == 7) {
			if (at == n)
				return SIZE_MAX;
			length += in[at++];
		}
		length += 2;
		if (at == n)
			return SIZE_MAX;
		size_t distance = ((control & 31) << 8 | in[at++]) + 1;
		if (distance > done || length > cap - done)
			return SIZE_MAX;
		copy_back(out + done, distance, length);
		done += length;
	}
	return done;
}

/* ---- a stretch at a time ---- */

/* Plain bytes, to be copied from later. */
static void remember(struct lzf_stream *s, const uint8_t *bytes, size_t n)
{
	size_t at = s->done % LZF_BACK, first = MIN(n, LZF_BACK - at);

	memcpy(s->past + at, bytes, first);
	memcpy(s->past, bytes + first, n - first);
	s->done += n;
}

/* Bytes that come as they are: a run is 32 of them at most. */
static size_t take_literal(struct lzf_stream *s, const uint8_t **in, size_t *n_in, uint8_t *out,
			   size_t n)
{
	size_t take = MIN(MIN(n, *n_in), s->run);

	memcpy(out, *in, take);
	remember(s, out, take);
	*in += take;
	*n_in -= take;
	s->run -= take;
	return take;
}

/* The copy may overlap what it writes: a distance of 1 repeats one byte. */
static size_t copy_some(struct lzf_stream *s, uint8_t *out, size_t n)
{
	size_t take = MIN(n, s->run);

	for (size_t i = 0; i < take; i++, s->done++)
		out[i] = s->past[s->done % LZF_BACK] = s->past[(s->done - s->back) % LZF_BACK];
	s->run -= take;
	return take;
}

/* A byte that says what comes. -1: from before the beginning. */
static int take_word(struct lzf_stream *s, size_t byte)
{
	if (s->wants == LZF_CONTROL && byte < 32) {
		s->run = byte + 1;
		s->back = 0;
		return 0;
	}
	if (s->wants == LZF_CONTROL) {
		s->control = byte;
		s->run = 0;
		s->wants = byte >> 5 == 7 ? LZF_LENGTH : LZF_DISTANCE;
		return 0;
	}
	if (s->wants == LZF_LENGTH) {
		s->control += byte << 5; /* above the five bits of the distance */
		s->wants = LZF_DISTANCE;
		return 0;
	}
	s->run = (s->control >> 5) + 2;
	s->back = ((s->control & 31) << 8 | byte) + 1;
	s->wants = LZF_CONTROL;
	return s->back > s->done ? -1 : 0;
}

int lzf_stream_some(struct lzf_stream *s, const uint8_t **in, size_t *n_in, uint8_t *out, size_t n,
		    size_t *made)
{
	for (*made = 0; *made < n;) {
		if (s->run && s->back) {
			*made += copy_some(s, out + *made, n - *made);
			continue;
		}
		if (*n_in == 0)
			return 0;
		if (s->run) {
			*made += take_literal(s, in, n_in, out + *made, n - *made);
			continue;
		}
		--*n_in;
		if (take_word(s, *(*in)++))
			return -1;
	}
	return 0;
}
