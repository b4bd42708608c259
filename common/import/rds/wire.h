/* wire.h - numbers and text as R's serialisation writes them.
 *
 * One interface over the three encodings: XDR (big-endian binary), native little-endian binary
 * and ASCII words. Text comes out as UTF-8, whatever encoding R had marked it with.
 *
 * Vectors are read piece by piece into memory that grows with what has arrived, so a false
 * length costs nothing.
 *
 *	struct wire w;
 *	int32_t flags, *codes;
 *	uint64_t n;
 *	if (wire_open(&w, source, err) || wire_int(&w, &flags, err) ||
 *	    wire_length(&w, &n, err) || wire_ints(&w, n, &codes, err))
 *		return -1;
 *	wire_release(&w);
 */
#ifndef IMPORT_RDS_WIRE_H
#define IMPORT_RDS_WIRE_H

#include "base/text.h"
#include "import/rds/rds_source.h"

#define RDS_NA_INT INT32_MIN

enum wire_format { WIRE_XDR, WIRE_LITTLE, WIRE_ASCII };

/* How R marked a string (the bits of the CHARSXP flags). */
enum wire_charset { WIRE_BYTES = 1 << 1, WIRE_LATIN1 = 1 << 2, WIRE_UTF8 = 1 << 3 };

struct wire {
	struct rds_source *source;
	enum wire_format format;
	int version;      /* of the serialisation: 2 or 3 */
	char native[64];  /* encoding of unmarked text, "" when the file does not say */
	struct text text; /* the last string read */
	struct text raw;  /* scratch */
};

/* Read the header. The wire is a plain struct: release with wire_release. */
int wire_open(struct wire *w, struct rds_source *source, struct err *err) MUST_USE;
void wire_release(struct wire *w);

int wire_int(struct wire *w, int32_t *value, struct err *err) MUST_USE;

/* A vector length: one word, or -1 and two words for 2^31 and more. */
int wire_length(struct wire *w, uint64_t *n, struct err *err) MUST_USE;

/*
 * 'n' numbers. With 'out' NULL they are passed over; else '*out' is allocated and the caller
 * frees it. wire_floats reads doubles and keeps them as float.
 */
int wire_ints(struct wire *w, uint64_t n, int32_t **out, struct err *err) MUST_USE;
int wire_doubles(struct wire *w, uint64_t n, double **out, struct err *err) MUST_USE;
int wire_floats(struct wire *w, uint64_t n, float **out, struct err *err) MUST_USE;
int wire_raws(struct wire *w, uint64_t n, uint8_t **out, struct err *err) MUST_USE;

/* Doubles to floats, as wire_floats does. */
void wire_narrow(float *to, const double *from, size_t n);

/* 'n' bytes of text into w->text, from charset 'marks' (enum wire_charset) to UTF-8. */
int wire_text(struct wire *w, size_t n, int marks, struct err *err) MUST_USE;

/* A fault of the file at the current place: "FILE: byte N: MESSAGE (the file is damaged)". */
PRINTF_LIKE(3, 4)
int wire_fault(const struct wire *w, struct err *err, const char *format, ...);

#endif
