/* png.c - see png.h. */
#include "base/util.h"

#include <zlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/png.h"

static void put_u32(struct text *out, uint32_t v)
{
	const char bytes[] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};

	text_add_bytes(out, bytes, 4);
}

static void put_chunk(struct text *out, const char *type, const void *data, size_t len)
{
	uLong crc = crc32(0, (const Bytef *)type, 4);

	put_u32(out, (uint32_t)len);
	text_add_bytes(out, type, 4);
	text_add_bytes(out, data, len);
	put_u32(out, (uint32_t)(len ? crc32(crc, data, (uInt)len) : crc));
}

/* Kinds of pixel. */
enum { RGB = 2, PALETTE = 3 };

static void put_header(struct text *out, size_t width, size_t height, char pixel)
{
	struct text header = TEXT_INIT;
	const char kind[] = {8, pixel, 0, 0, 0}; /* 8 bits, no interlace */

	text_add_bytes(out, "\x89PNG\r\n\x1a\n", 8);
	put_u32(&header, (uint32_t)width);
	put_u32(&header, (uint32_t)height);
	text_add_bytes(&header, kind, sizeof(kind));
	put_chunk(out, "IHDR", header.s, header.len);
	text_release(&header);
}

static void put_colours(struct text *out, const uint32_t *colours, size_t n)
{
	unsigned char rgb[3 * 256];

	for (size_t i = 0; i < n; i++) {
		rgb[3 * i] = (unsigned char)(colours[i] >> 16);
		rgb[3 * i + 1] = (unsigned char)(colours[i] >> 8);
		rgb[3 * i + 2] = (unsigned char)colours[i];
	}
	put_chunk(out, "PLTE", rgb, 3 * n);
	put_chunk(out, "tRNS", "", 1); /* the first colour's opacity: none */
}

/* 'width' is a row's bytes. */
static void put_pixels(struct text *out, const unsigned char *pixels, size_t width, size_t height)
{
	uLong n = (uLong)mem_product(height, width + 1);
	uLongf packed_len = compressBound(n);
	unsigned char *rows = mem_zero(n, 1), *packed = mem_alloc(packed_len, 1);

	/* Each row begins with its filter: 0, none. */
	for (size_t y = 0; y < height; y++)
		memcpy(rows + y * (width + 1) + 1, pixels + y * width, width);
	if (compress2(packed, &packed_len, rows, n, 9) != Z_OK)
		BUG("a picture does not compress");
	put_chunk(out, "IDAT", packed, packed_len);
	free(rows);
	free(packed);
}

unsigned char *png_indexed(const unsigned char *pixels, size_t width, size_t height,
			   const uint32_t *colours, size_t n_colours, size_t *len)
{
	struct text out = TEXT_INIT;

	put_header(&out, width, height, PALETTE);
	put_colours(&out, colours, MIN(n_colours, 256));
	put_pixels(&out, pixels, width, height);
	put_chunk(&out, "IEND", "", 0);
	*len = out.len;
	return (unsigned char *)text_take(&out);
}

unsigned char *png_rgb(const unsigned char *rgb, size_t width, size_t height, size_t *len)
{
	struct text out = TEXT_INIT;

	put_header(&out, width, height, RGB);
	put_pixels(&out, rgb, 3 * width, height);
	put_chunk(&out, "IEND", "", 0);
	*len = out.len;
	return (unsigned char *)text_take(&out);
}
