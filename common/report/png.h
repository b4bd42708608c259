/* png.h - pictures as PNG bytes in memory.
 *
 *	size_t len;
 *	unsigned char *bytes = png_indexed(pixels, 640, 640, colours, n_colours, &len);
 *	unsigned char *figure = png_rgb(rgb, 1920, 1280, &len);
 *
 * Of few colours for a page, which are small, and of any for figures. The same pixels give the same
 * bytes with the same zlib. The caller frees.
 */
#ifndef REPORT_PNG_H
#define REPORT_PNG_H

#include "base/util.h"

/*
 * 'pixels' are colour numbers, row by row from the top; 'colours' are 0xRRGGBB, at most 256. Colour
 * 0 is clear, so that the picture stands on any ground.
 */
unsigned char *png_indexed(const unsigned char *pixels, size_t width, size_t height,
			   const uint32_t *colours, size_t n_colours, size_t *len);

/* 'rgb' is three bytes a pixel, row by row from the top. */
unsigned char *png_rgb(const unsigned char *rgb, size_t width, size_t height, size_t *len);

#endif
