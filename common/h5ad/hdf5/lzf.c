/* lzf.c - the decoder of LibLZF's format, as h5py's "lzf" filter stores it.
 *
 * A control byte below 32 is followed by that many plus one literal bytes. Otherwise its upper
 * three bits are a length (7: one more byte is added) and its lower five, with the next byte, the
 * distance back from the end of the output, minus one.
 */
#include "base/util.h"

#include "h5ad/hdf5/filters.h"

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
