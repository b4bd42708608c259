/* filters.c - HDF5's filters are undone, and damaged bytes are refused. */
#include "base/util.h"

#include <zlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/rng.h"
#include "h5ad/hdf5/filters.h"
#include "h5ad/hdf5/long_chunk.h"
#include "h5ad/hdf5/lzf_compress.h"
#include "h5ad/hdf5/lzf_stream.h"
#include "h5ad/hdf5/number.h"
#include "tap.h"

static void lzf(void)
{
	static const uint8_t literal[] = {2, 'a', 'b', 'c'};
	static const uint8_t repeat[] = {0, 'x', 0x80, 0}; /* x, then 6 from 1 back */
	static const uint8_t far[] = {3,   'a',  'b', 'c',
				      'd', 0xe0, 1,   3};  /* 7 + 1 + 2 from 4 back */
	static const uint8_t before[] = {0, 'x', 0x20, 1}; /* from before the start */
	uint8_t out[16];

	OK(lzf_decode(literal, 4, out, 16) == 3 && !memcmp(out, "abc", 3), "lzf: literals");
	OK(lzf_decode(repeat, 4, out, 16) == 7 && !memcmp(out, "xxxxxxx", 7), "lzf: a run");
	OK(lzf_decode(far, 8, out, 16) == 14 && !memcmp(out, "abcdabcdabcdab", 14),
	   "lzf: a long match");
	OK(lzf_decode(before, 4, out, 16) == SIZE_MAX, "lzf: a match from before the start");
	OK(lzf_decode(far, 8, out, 13) == SIZE_MAX, "lzf: more than there is room for");
	OK(lzf_decode(far, 7, out, 16) == SIZE_MAX && lzf_decode(far, 6, out, 16) == SIZE_MAX &&
		   lzf_decode(literal, 3, out, 16) == SIZE_MAX,
	   "lzf: cut short");
	OK(lzf_decode(literal, 0, out, 0) == 0, "lzf: nothing");
}

/* Random input neither crashes nor runs past the room (sanitizers watch). */
static void lzf_noise(void)
{
	struct rng rng = rng_seeded(7);
	bool within = true;

	for (int i = 0; i < 20000; i++) {
		uint8_t in[40], *out = mem_alloc(64, 1);
		size_t n = rng_below(&rng, sizeof(in) + 1);
		for (size_t j = 0; j < n; j++)
			in[j] = (uint8_t)(rng_next(&rng) & (i % 2 ? 0xff : 0x27));
		size_t got = lzf_decode(in, n, out, 64);
		within &= got == SIZE_MAX || got <= 64;
		free(out);
	}
	OK(within, "lzf: noise stays within the room");
}

/* What is compressed decodes to the same: noise, runs, far matches, and every small length. */
static void lzf_both_ways(void)
{
	enum { MOST = 20000 };
	struct rng rng = rng_seeded(11);
	uint8_t *in = mem_alloc(MOST, 1), *packed = mem_alloc(MOST, 1), *out = mem_alloc(MOST, 1);
	uint32_t *table;
	bool good = true, smaller = false;

	MEM_ARRAY(table, LZF_TABLE);
	for (size_t i = 0; i < 2000; i++) {
		size_t n = i < 300 ? i + 2 : 2 + rng_below(&rng, MOST - 2);
		uint64_t letters = 1 + rng_below(&rng, i % 3 ? 4 : 256);
		for (size_t j = 0; j < n; j++)
			in[j] = j > 9000 && i % 2 ? in[j - 8190]
						  : (uint8_t)rng_below(&rng, letters);
		size_t len = lzf_compress(in, n, packed, n - 1, table);
		good &= len < n;
		if (len == 0) /* it would not become smaller */
			continue;
		smaller |= len < n / 2;
		good &= lzf_decode(packed, len, out, n) == n && !memcmp(in, out, n);
	}
	OK(good && smaller, "lzf: what is compressed decodes to the same");
	free(in);
	free(packed);
	free(out);
	free(table);
}

static const char *undo_says(const struct filters *f, const uint8_t *raw, size_t n)
{
	static struct err err;
	struct filter_room room = {.inflater = NULL};

	err_clear(&err);
	bool good = filters_undo(f, 0, 0, raw, n, &room, &err);
	filter_room_release(&room);
	return good ? "good" : err.text;
}

static void damaged(void)
{
	uint8_t plain[100], raw[200];
	uLongf n = sizeof(raw);
	struct filters gzip = {.n = 1, .list = {{FILTER_DEFLATE, 0}}, .chunk_bytes = 100};
	struct filters sum = {.n = 1, .list = {{FILTER_FLETCHER32, 0}}, .chunk_bytes = 100};

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * i);
	compress2(raw, &n, plain, sizeof(plain), 6);
	OK(str_eq(undo_says(&gzip, raw, n), "good"), "gzip: good bytes");
	OK(strstr(undo_says(&gzip, raw, n - 5), "gzip data are damaged"), "gzip: cut short");
	raw[n - 1] ^= 1;
	OK(strstr(undo_says(&gzip, raw, n), "gzip data are damaged"), "gzip: a wrong checksum");
	raw[n - 1] ^= 1;
	gzip.chunk_bytes = 101;
	OK(strstr(undo_says(&gzip, raw, n), "100 bytes instead of 101"), "gzip: too few bytes");
	gzip.chunk_bytes = 10;
	OK(!str_eq(undo_says(&gzip, raw, n), "good"), "gzip: too many bytes");

	memcpy(raw, plain, 100);
	struct fletcher32 added = {0, 0};
	fletcher32_add(&added, plain, 100);
	uint32_t check = fletcher32_sum(&added);
	for (int i = 0; i < 4; i++)
		raw[100 + i] = (uint8_t)(check >> 8 * i);
	OK(str_eq(undo_says(&sum, raw, 104), "good"), "fletcher32: the sum fits");
	raw[50] ^= 4;
	OK(strstr(undo_says(&sum, raw, 104), "checksum does not fit"), "fletcher32: a changed bit");
	OK(strstr(undo_says(&sum, raw, 3), "checksum"), "fletcher32: too short for a sum");
}

/* Any run of shuffled elements comes out as it went in, and nothing behind it is touched. */
static void shuffled_runs(void)
{
	enum { N = 37 };
	uint8_t plain[N * 8], planes[N * 8];
	bool good = true;

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 37 + i / 11);
	for (size_t size = 2; size <= 8; size++) {
		for (size_t i = 0; i < N * size; i++)
			planes[i % size * N + i / size] = plain[i];
		for (size_t from = 0; from < N; from++) {
			uint64_t out[N + 1];
			size_t n = (N - from + 1) / 2;
			memset(out, 0xee, sizeof(out));
			filters_unshuffle(planes, N * size, size, from, n, out);
			good &= !memcmp(out, plain + from * size, n * size) &&
				((uint8_t *)out)[n * size] == 0xee;
		}
	}
	OK(good, "shuffle: runs of elements of 2 to 8 bytes");
}

/* A chunk of N numbers behind 13 other bytes: shuffled, packed and summed, or not. */
enum { N_LONG = 50000, BEFORE = 13 };

struct long_case {
	struct filters filters;
	struct place place;
	int32_t plain[N_LONG];
	FILE *file;
};

static void add_filter(struct long_case *c, int id, size_t element)
{
	c->filters.list[c->filters.n++] = (struct filter){id, element};
}

/* What 'packing' (a filter's number, or 0) makes of N_LONG numbers; how many bytes, into 'out'. */
static size_t pack_long(int packing, const uint8_t *in, uint8_t *out, size_t cap)
{
	uint32_t *table = mem_zero(LZF_TABLE, sizeof(*table));
	uLongf n = cap;

	if (packing == FILTER_DEFLATE)
		compress2(out, &n, in, N_LONG * 4, 1);
	else if (packing == FILTER_LZF)
		n = lzf_compress(in, N_LONG * 4, out, cap, table);
	else
		memcpy(out, in, n = N_LONG * 4);
	free(table);
	return n;
}

static void write_long(struct long_case *c, bool shuffled, int packing, bool summed)
{
	size_t cap = N_LONG * 8, n;
	uint8_t *planes = mem_alloc(N_LONG, 4), *raw = mem_alloc(cap, 1);
	struct fletcher32 sum = {0, 0};
	uint32_t check;

	c->filters = (struct filters){.chunk_bytes = N_LONG * 4};
	if (shuffled)
		add_filter(c, FILTER_SHUFFLE, 4);
	if (packing)
		add_filter(c, packing, 0);
	if (summed)
		add_filter(c, FILTER_FLETCHER32, 0);
	for (size_t i = 0; i < N_LONG; i++)
		c->plain[i] = (int32_t)(i * i % 1000 + i);
	for (size_t i = 0; i < N_LONG * 4; i++)
		planes[shuffled ? i % 4 * N_LONG + i / 4 : i] = ((uint8_t *)c->plain)[i];
	n = pack_long(packing, planes, raw, cap);
	fletcher32_add(&sum, raw, n);
	check = fletcher32_sum(&sum);
	for (size_t i = 0; summed && i < 4; i++)
		raw[n++] = (uint8_t)(check >> 8 * i);
	c->place = (struct place){.at = BEFORE, .n = n};
	c->file = tmpfile();
	fwrite("thirteen byte", 1, BEFORE, c->file);
	fwrite(raw, 1, n, c->file);
	fflush(c->file);
	free(raw);
	free(planes);
}

/* Is the whole chunk what filters_undo says? */
static bool undone_alike(const struct long_case *c)
{
	struct filter_room room = {.inflater = NULL};
	struct err err = ERR_INIT;
	uint8_t *raw = mem_alloc(c->place.n, 1);
	bool read = read_at(fileno(c->file), raw, c->place.n, BEFORE) == 0;
	const uint8_t *plain =
		read ? filters_undo(&c->filters, 0, 0, raw, c->place.n, &room, &err) : NULL;
	bool alike = plain && !memcmp(plain, c->plain, sizeof(c->plain));

	filter_room_release(&room);
	free(raw);
	return alike;
}

/* "" when all runs come out as they went in, else what is said. */
static const char *read_long(const struct long_case *c, const struct filters *filters)
{
	static const size_t runs[][2] = {{0, 10},   {10, 40000}, {40000, 0}, {49000, 990},
					 {5, 1000}, {49990, 10}, {0, N_LONG}};
	static struct err err;
	struct long_chunk chunk = {.state = LONG_CHUNK_CLOSED};
	static int32_t out[N_LONG];
	bool good = true;

	err_clear(&err);
	if (!long_chunk_open(&chunk, filters, 4, fileno(c->file), &c->place, &err))
		for (size_t i = 0; i < ARRAY_LEN(runs) && !err_is_set(&err); i++)
			if (!long_chunk_read(&chunk, runs[i][0], runs[i][1], out, &err))
				good &= !memcmp(out, c->plain + runs[i][0], 4 * runs[i][1]);
	long_chunk_release(&chunk);
	return err_is_set(&err) ? err.text : good ? "" : "other numbers";
}

/* Flip a bit of the chunk's byte 'at', and flip it back after what 'filters' say of it. */
static const char *say_of_change(const struct long_case *c, size_t at)
{
	const char *said;
	uint8_t byte;

	if (read_at(fileno(c->file), &byte, 1, BEFORE + at))
		return "not there";
	byte ^= 1;
	if (write_at(fileno(c->file), &byte, 1, BEFORE + at))
		return "not writable";
	said = read_long(c, &c->filters);
	byte ^= 1;
	return write_at(fileno(c->file), &byte, 1, BEFORE + at) ? "not writable" : said;
}

static void long_chunks(void)
{
	static const int packings[] = {0, FILTER_DEFLATE, FILTER_LZF};
	static const char *const words[] = {"plain", "gzip", "lzf"};
	static struct long_case c;

	for (size_t how = 0; how < 12; how++) {
		bool shuffled = how & 1, summed = how & 2;
		int packing = packings[how / 4];
		const char *word = words[how / 4];
		struct filters other;

		write_long(&c, shuffled, packing, summed);
		OK(long_chunk_knows(&c.filters, 4) && undone_alike(&c) &&
			   str_eq(read_long(&c, &c.filters), ""),
		   "long chunks, %s%s%s: forward, over a gap, and back", word,
		   shuffled ? ", shuffled" : "", summed ? ", summed" : "");
		other = c.filters;
		other.chunk_bytes += 4;
		/* of packed numbers that are not shuffled the end is not read */
		OK((packing && !shuffled) || !str_eq(read_long(&c, &other), ""),
		   "long chunks, %s: shorter than they should be", word);
		other.chunk_bytes -= 8;
		OK((packing && !shuffled) || !str_eq(read_long(&c, &other), ""),
		   "long chunks, %s: longer", word);
		OK(!summed || strstr(say_of_change(&c, c.place.n / 2), "checksum does not fit"),
		   "long chunks, %s: a changed bit under a checksum", word);
		OK(packing != FILTER_DEFLATE || summed ||
			   strstr(say_of_change(&c, c.place.n - 1), "gzip data are damaged"),
		   "long chunks, %s: a changed byte at the end", word);
		c.place.n -= 6;
		OK(!str_eq(read_long(&c, &c.filters), ""), "long chunks, %s: cut short", word);
		c.place.skipped = shuffled ? 2 : 1;
		OK(!packing || summed || strstr(read_long(&c, &c.filters), "bytes instead of"),
		   "long chunks, %s: said not to be packed", word);
		fclose(c.file);
	}
	c.filters = (struct filters){.n = 2,
				     .list = {{FILTER_FLETCHER32, 0}, {FILTER_LZF, 0}},
				     .chunk_bytes = N_LONG * 4};
	OK(!long_chunk_knows(&c.filters, 4), "long chunks: a checksum inside is not known");
}

/* What comes in pieces is what comes at once, however both are cut; noise stays within the room. */
static void lzf_pieces(void)
{
	enum { MOST = 30000 };
	struct rng rng = rng_seeded(5);
	static struct lzf_stream s;
	uint8_t *in = mem_alloc(MOST, 1), *packed = mem_alloc(MOST, 1), *out = mem_alloc(MOST, 1);
	uint32_t *table = mem_alloc(LZF_TABLE, sizeof(*table));
	bool good = true, within = true;

	for (size_t i = 0; i < 400; i++) {
		size_t n = 2 + rng_below(&rng, MOST - 2), done = 0, len;
		uint64_t letters = 1 + rng_below(&rng, i % 3 ? 4 : 100);
		const uint8_t *at = packed;

		for (size_t j = 0; j < n; j++)
			in[j] = j > 9000 && i % 2 ? in[j - 8190]
						  : (uint8_t)rng_below(&rng, letters);
		len = lzf_compress(in, n, packed, n - 1, table);
		if (i % 10 == 9) /* noise */
			for (size_t j = 0; j < len; j++)
				packed[j] = (uint8_t)(rng_next(&rng) & 0x27);
		s = (struct lzf_stream){.done = 0};
		for (size_t left = len, made = 1; done < n && (left || made);) {
			size_t drawn = rng_below(&rng, 50), room = 1 + rng_below(&rng, 300);
			size_t piece = MIN(left, drawn), over = piece;
			const uint8_t *was = at;

			room = MIN(n - done, room);
			if (lzf_stream_some(&s, &at, &over, out + done, room, &made))
				break;
			within &= at == was + (piece - over) && made <= room;
			left -= piece - over;
			done += made;
		}
		good &= i % 10 == 9 || len == 0 ||
			(done == n && lzf_stream_may_end(&s) && !memcmp(in, out, n));
	}
	OK(good, "lzf: in pieces as at once");
	OK(within, "lzf: pieces of noise stay within the room");
	free(in);
	free(packed);
	free(out);
	free(table);
}

static void halves(void)
{
	static const uint16_t stored[] = {0x0000, 0x3c00, 0xc000, 0x7bff, 0x0001,
					  0x03ff, 0x0400, 0x7c00, 0x3555, 0x8001};
	static const float want[] = {
		0,        1,           -2,          65504,    0x1p-24f, 1023 * 0x1p-24f,
		0x1p-14f, (float)1e39, 0x1.554p-2f, -0x1p-24f};
	float got[ARRAY_LEN(stored)];

	number_to_floats(NUMBER_F16, stored, got, ARRAY_LEN(stored));
	OK(!memcmp(got, want, sizeof(want)), "half precision, subnormal and infinite too");
}

static void exact_integers(void)
{
	static const int64_t values[] = {5, -16777216, 16777218, INT64_MIN, 16777217, 3};
	float got[ARRAY_LEN(values)];

	OK(number_to_floats(NUMBER_I64, values, got, 4) == 4 && got[3] == -0x1p63f,
	   "large integers that floats hold");
	OK(number_to_floats(NUMBER_I64, values, got, 6) == 4,
	   "the first that no float holds is found");
}

int main(void)
{
	lzf();
	lzf_noise();
	lzf_both_ways();
	damaged();
	shuffled_runs();
	long_chunks();
	lzf_pieces();
	halves();
	exact_integers();
	return done_testing();
}
