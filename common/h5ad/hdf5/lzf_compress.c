/* lzf_compress.c - LZF compression: greedy, one candidate per hash of three bytes. */
#include "base/util.h"

#include "h5ad/hdf5/lzf_compress.h"

#define MAX_LITERALS 32
#define MAX_BACK 8192
#define MAX_MATCH 264

struct output {
	uint8_t *out;
	size_t n, cap;
};

static bool put_literals(struct output *o, const uint8_t *from, size_t n)
{
	while (n > 0) {
		size_t run = MIN(n, MAX_LITERALS);
		if (o->cap - o->n < run + 1)
			return false;
		o->out[o->n++] = (uint8_t)(run - 1);
		memcpy(o->out + o->n, from, run);
		o->n += run;
		from += run;
		n -= run;
	}
	return true;
}

static bool put_match(struct output *o, size_t back, size_t len)
{
	if (o->cap - o->n < 3)
		return false;
	size_t far = back - 1, extra = len - 2;
	if (extra < 7) {
		o->out[o->n++] = (uint8_t)(extra << 5 | far >> 8);
	} else {
		o->out[o->n++] = (uint8_t)(7 << 5 | far >> 8);
		o->out[o->n++] = (uint8_t)(extra - 7);
	}
	o->out[o->n++] = (uint8_t)far;
	return true;
}

static uint32_t three_bytes(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static uint32_t place_of(uint32_t three)
{
	return three * 2654435761u >> 18;
}

static size_t match_length(const uint8_t *a, const uint8_t *b, size_t max)
{
	size_t len = 3;
	while (len < max && a[len] == b[len])
		len++;
	return len;
}

size_t lzf_compress(const uint8_t *in, size_t n, uint8_t *out, size_t cap, uint32_t *table)
{
	struct output o = {.out = out, .cap = cap};
	size_t at = 0, done = 0;

	/* The table holds positions plus one, so that zero means none. */
	memset(table, 0, LZF_TABLE * sizeof(*table));
	while (at + 2 < n) {
		uint32_t three = three_bytes(in + at);
		uint32_t *place = &table[place_of(three)];
		size_t back = at + 1 - *place;
		bool match = *place && back <= MAX_BACK && three_bytes(in + at - back) == three;
		*place = (uint32_t)(at + 1);
		if (!match) {
			at++;
			continue;
		}
		size_t len = match_length(in + at - back, in + at, MIN(n - at, MAX_MATCH));
		if (!put_literals(&o, in + done, at - done) || !put_match(&o, back, len))
			return 0;
		at += len;
		done = at;
	}
	return put_literals(&o, in + done, n - done) ? o.n : 0;
}
