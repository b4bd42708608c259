/* pickle_write.c - the opcodes of a pickle; see pickle_write.h. */
#include "base/util.h"

#include <endian.h>

#include "model/pickle/pickle_write.h"

static void put_bytes(FILE *f, const void *bytes, size_t len)
{
	fwrite(bytes, 1, len, f);
}

void pickle_put_text(FILE *f, const char *s)
{
	uint32_t len = htole32((uint32_t)strlen(s));

	fputc('X', f);
	put_bytes(f, &len, 4);
	put_bytes(f, s, strlen(s));
}

void pickle_put_int(FILE *f, int64_t value)
{
	uint64_t bits = htole64((uint64_t)value);

	fputs("\x8a\x08", f);
	put_bytes(f, &bits, 8);
}

void pickle_put_float(FILE *f, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	bits = htobe64(bits);
	fputc('G', f);
	put_bytes(f, &bits, 8);
}

void pickle_put_bool(FILE *f, bool value)
{
	fputc(value ? 0x88 : 0x89, f);
}

void pickle_put_none(FILE *f)
{
	fputc('N', f);
}

void pickle_put_name(FILE *f, const char *module, const char *name)
{
	fprintf(f, "c%s\n%s\n", module, name);
}

/* numpy.dtype(short name), with the state numpy gives it. */
static void put_dtype(FILE *f, const char *type, const char *order, int flags)
{
	pickle_put_name(f, "numpy", "dtype");
	pickle_put_text(f, type);
	fputs("\x89\x88\x87R(K\x03", f);
	pickle_put_text(f, order);
	fputs("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK", f);
	fputc(flags, f);
	fputs("tb", f);
}

/* An empty array, and its state as far as the shape; the type and the data follow, then "tb". */
static void begin_array(FILE *f, const size_t *shape, size_t n_dims)
{
	pickle_put_name(f, "numpy.core.multiarray", "_reconstruct");
	pickle_put_name(f, "numpy", "ndarray");
	put_bytes(f,
		  "K\0\x85"
		  "C\x01"
		  "b\x87R(K\x01(",
		  12);
	for (size_t i = 0; i < n_dims; i++)
		pickle_put_int(f, (int64_t)shape[i]);
	fputc('t', f);
}

void pickle_put_doubles(FILE *f, const double *values, const size_t *shape, size_t n_dims)
{
	size_t n = shape[0] * (n_dims > 1 ? shape[1] : 1);
	uint64_t len = htole64(n * sizeof(double)), bits;

	begin_array(f, shape, n_dims);
	put_dtype(f, "f8", "<", 0);
	pickle_put_bool(f, false);
	fputc(0x8e, f);
	put_bytes(f, &len, 8);
	for (size_t i = 0; i < n; i++) {
		memcpy(&bits, &values[i], sizeof(bits));
		bits = htole64(bits);
		put_bytes(f, &bits, sizeof(bits));
	}
	fputs("tb", f);
}

void pickle_put_texts(FILE *f, char *const *texts, size_t n)
{
	begin_array(f, &n, 1);
	put_dtype(f, "O8", "|", 63);
	pickle_put_bool(f, false);
	fputs("](", f);
	for (size_t i = 0; i < n; i++)
		pickle_put_text(f, texts[i]);
	fputs("etb", f);
}
