/* sha256.c - see sha256.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t K[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2};

static inline uint32_t rotr(uint32_t x, int k)
{
	return x >> k | x << (32 - k);
}

static void blocks_plain(uint32_t state[8], const unsigned char *p, size_t n)
{
	for (; n; n--, p += 64) {
		uint32_t w[64], s[8];

		for (int i = 0; i < 16; i++)
			w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
			       (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
		for (int i = 16; i < 64; i++) {
			uint32_t a = w[i - 15], b = w[i - 2];

			w[i] = w[i - 16] + w[i - 7] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) +
			       (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
		}
		memcpy(s, state, sizeof(s));
		for (int i = 0; i < 64; i++) {
			uint32_t t1 = s[7] + (rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25)) +
				      ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
			uint32_t t2 = (rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22)) +
				      ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

			memmove(s + 1, s, 7 * sizeof(*s));
			s[4] += t1;
			s[0] = t1 + t2;
		}
		for (int i = 0; i < 8; i++)
			state[i] += s[i];
	}
}

#if defined(__x86_64__)
__attribute__((target("sha,sse4.1"))) static void blocks_sha_ni(uint32_t state[8],
								const unsigned char *p, size_t n)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
	__m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(low, high, 8);
	__m128i cdgh = _mm_blend_epi16(high, low, 0xf0);

	for (; n; n--, p += 64) {
		__m128i was_abef = abef, was_cdgh = cdgh, w[4];

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + 16 * i)),
						swap);
		for (int g = 0; g < 16; g++) {
			__m128i *w0 = &w[g & 3], *w3 = &w[(g + 3) & 3];
			__m128i m =
				_mm_add_epi32(*w0, _mm_load_si128((const __m128i *)(K + 4 * g)));

			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, m);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(m, 0x0e));
			if (g < 12) /* words 16 ahead take the place of these */
				*w0 = _mm_sha256msg2_epu32(
					_mm_add_epi32(_mm_sha256msg1_epu32(*w0, w[(g + 1) & 3]),
						      _mm_alignr_epi8(*w3, w[(g + 2) & 3], 4)),
					*w3);
		}
		abef = _mm_add_epi32(abef, was_abef);
		cdgh = _mm_add_epi32(cdgh, was_cdgh);
	}
	low = _mm_shuffle_epi32(abef, 0x1b);
	high = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static bool has_sha_ni(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29) &&
	       __builtin_cpu_supports("sse4.1");
}
#endif

static void add_blocks(uint32_t state[8], const unsigned char *p, size_t n)
{
#if defined(__x86_64__)
	static atomic_int known; /* 1: plain, 2: the processor's own; any thread may ask first */
	int how = atomic_load_explicit(&known, memory_order_relaxed);

	if (!how) {
		how = 1 + has_sha_ni();
		atomic_store_explicit(&known, how, memory_order_relaxed);
	}
	if (how == 2) {
		blocks_sha_ni(state, p, n);
		return;
	}
#endif
	blocks_plain(state, p, n);
}

void sha256_start(struct sha256 *s)
{
	*s = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				       0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(struct sha256 *s, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t held = s->n_bytes % 64;

	s->n_bytes += len;
	if (held) {
		size_t take = MIN(len, 64 - held);

		memcpy(s->pending + held, p, take);
		p += take;
		len -= take;
		if (held + take < 64)
			return;
		add_blocks(s->state, s->pending, 1);
	}
	add_blocks(s->state, p, len / 64);
	if (len % 64)
		memcpy(s->pending, p + len / 64 * 64, len % 64);
}

void sha256_hex(struct sha256 *s, char hex[65])
{
	static const unsigned char padding[64] = {0x80};
	uint64_t bits = s->n_bytes * 8;
	size_t held = s->n_bytes % 64;
	unsigned char length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(s, padding, (held < 56 ? 56 : 120) - held);
	sha256_add(s, length, 8);
	for (int i = 0; i < 8; i++)
		snprintf(hex + 8 * i, 9, "%08x", s->state[i]);
}

int sha256_file(const char *path, char hex[65], uint64_t *size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = (size_t)1 << 20;
	char *buffer;
	struct sha256 s;
	ssize_t n;

	if (fd < 0)
		return err_errno(err, "%s", path);
	buffer = mem_alloc(room, 1);
	sha256_start(&s);
	while ((n = read(fd, buffer, room)) > 0)
		sha256_add(&s, buffer, (size_t)n);
	if (n < 0)
		err_errno(err, "%s", path);
	*size = s.n_bytes;
	sha256_hex(&s, hex);
	free(buffer);
	close(fd);
	return n < 0 ? -1 : 0;
}
