/* wire.c - see wire.h. */
#include "base/util.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>

#include "base/mem.h"
#include "import/rds/charset.h"
#include "import/rds/wire.h"

enum {
	PIECE = 1 << 15, /* numbers read at a time */
	WORD_MOST = 128, /* bytes of an ASCII word */
};

int wire_fault(const struct wire *w, struct err *err, const char *format, ...)
{
	char what[300];
	va_list ap;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	return err_set(err, "%s: byte %llu: %s (the file is damaged)", rds_source_path(w->source),
		       (unsigned long long)rds_source_position(w->source), what);
}

/* ---- ASCII words ---- */

static int next_char(struct wire *w, int *c, struct err *err)
{
	unsigned char byte;
	if (rds_source_take(w->source, &byte, 1, err))
		return -1;
	*c = byte;
	return 0;
}

static int first_char(struct wire *w, int *c, struct err *err)
{
	do {
		if (next_char(w, c, err))
			return -1;
	} while (isspace(*c));
	return 0;
}

static int next_word(struct wire *w, char word[WORD_MOST], struct err *err)
{
	int c;
	size_t n = 0;
	if (first_char(w, &c, err))
		return -1;
	for (; !isspace(c); n++) {
		if (n + 1 == WORD_MOST)
			return wire_fault(w, err, "a number of more than %zu characters", n);
		word[n] = (char)c;
		if (next_char(w, &c, err))
			return -1;
	}
	word[n] = '\0';
	return 0;
}

static int ascii_int(struct wire *w, int32_t *value, struct err *err)
{
	char word[WORD_MOST];
	int64_t v = RDS_NA_INT;
	if (next_word(w, word, err))
		return -1;
	if (!str_eq(word, "NA") && !parse_int(word, INT32_MIN, INT32_MAX, &v))
		return wire_fault(w, err, "'%.40s' where an integer must be", word);
	*value = (int32_t)v;
	return 0;
}

static int ascii_double(struct wire *w, double *value, struct err *err)
{
	char word[WORD_MOST], *end;
	if (next_word(w, word, err))
		return -1;
	if (str_eq(word, "NA")) {
		*value = NAN;
		return 0;
	}
	*value = strtod(word, &end);
	if (end == word || *end)
		return wire_fault(w, err, "'%.40s' where a number must be", word);
	return 0;
}

static int ascii_raw(struct wire *w, uint8_t *value, struct err *err)
{
	char word[WORD_MOST], *end;
	if (next_word(w, word, err))
		return -1;
	unsigned long v = strtoul(word, &end, 16);
	if (end == word || *end || v > 0xff)
		return wire_fault(w, err, "'%.40s' where a byte must be", word);
	*value = (uint8_t)v;
	return 0;
}

static int octal(struct wire *w, int first, int *byte, struct err *err)
{
	int value = first - '0';
	for (int digits = 1; digits < 3; digits++) {
		if (rds_source_fill(w->source, err))
			return -1;
		if (w->source->at == w->source->end || *w->source->at < '0' || *w->source->at > '7')
			break;
		value = value * 8 + (*w->source->at++ - '0');
	}
	*byte = value & 0xff;
	return 0;
}

/* One byte of an ASCII string: printable as it is, the rest behind a backslash. */
static int ascii_byte(struct wire *w, int *byte, struct err *err)
{
	static const char names[] = "ntvbrfa", bytes[] = "\n\t\v\b\r\f\a";
	int c = *byte;
	if (c != '\\')
		return 0;
	if (next_char(w, &c, err))
		return -1;
	if (c >= '0' && c <= '7')
		return octal(w, c, byte, err);
	const char *name = c ? strchr(names, c) : NULL;
	*byte = name ? bytes[name - names] : c;
	return 0;
}

static int ascii_string(struct wire *w, size_t n, struct text *to, struct err *err)
{
	int c = 0;
	for (size_t i = 0; i < n; i++) {
		if ((i ? next_char : first_char)(w, &c, err) || ascii_byte(w, &c, err))
			return -1;
		text_add_char(to, (char)c);
	}
	return 0;
}

/* ---- binary ---- */

CLONES static void ints_from_xdr(int32_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = (int32_t)__builtin_bswap32((uint32_t)values[i]);
}

CLONES static void doubles_from_xdr(uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words[i] = __builtin_bswap64(words[i]);
}

CLONES void wire_narrow(float *to, const double *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (float)from[i];
}

static int int_piece(struct wire *w, void *to, size_t n, struct err *err)
{
	int32_t *values = to;
	if (w->format == WIRE_ASCII) {
		for (size_t i = 0; i < n; i++)
			if (ascii_int(w, &values[i], err))
				return -1;
		return 0;
	}
	if (rds_source_take(w->source, values, n * sizeof(*values), err))
		return -1;
	if (w->format == WIRE_XDR)
		ints_from_xdr(values, n);
	return 0;
}

static int double_piece(struct wire *w, void *to, size_t n, struct err *err)
{
	double *values = to;
	if (w->format == WIRE_ASCII) {
		for (size_t i = 0; i < n; i++)
			if (ascii_double(w, &values[i], err))
				return -1;
		return 0;
	}
	if (rds_source_take(w->source, values, n * sizeof(*values), err))
		return -1;
	if (w->format == WIRE_XDR)
		doubles_from_xdr(to, n);
	return 0;
}

static int float_piece(struct wire *w, void *to, size_t n, struct err *err)
{
	double values[1024];
	float *out = to;
	for (size_t done = 0; done < n;) {
		size_t some = MIN(n - done, ARRAY_LEN(values));
		if (double_piece(w, values, some, err))
			return -1;
		wire_narrow(out + done, values, some);
		done += some;
	}
	return 0;
}

static int raw_piece(struct wire *w, void *to, size_t n, struct err *err)
{
	uint8_t *values = to;
	if (w->format != WIRE_ASCII)
		return rds_source_take(w->source, values, n, err);
	for (size_t i = 0; i < n; i++)
		if (ascii_raw(w, &values[i], err))
			return -1;
	return 0;
}

/* ---- vectors ---- */

typedef int piece_reader(struct wire *w, void *to, size_t n, struct err *err);

struct number {
	piece_reader *read;
	size_t size;   /* in memory */
	size_t stored; /* in a binary file */
};

static int pass_over(struct wire *w, uint64_t n, const struct number *kind, struct err *err)
{
	if (w->format != WIRE_ASCII)
		return rds_source_take(w->source, NULL, n * kind->stored, err);
	char *scratch = mem_alloc(PIECE, kind->size);
	int ret = 0;
	for (uint64_t done = 0; done < n && !ret; done += PIECE)
		ret = kind->read(w, scratch, (size_t)MIN(n - done, PIECE), err);
	free(scratch);
	return ret;
}

static int read_numbers(struct wire *w, uint64_t n, const struct number *kind, void **out,
			struct err *err)
{
	uint64_t least = w->format == WIRE_ASCII ? 2 : kind->stored; /* a digit and a newline */
	if (!rds_source_may_hold(w->source, n * least))
		return wire_fault(w, err,
				  "a vector says it has %llu values, more than the file "
				  "can hold",
				  (unsigned long long)n);
	if (!out)
		return pass_over(w, n, kind, err);

	char *values = NULL;
	size_t cap = 0;
	for (uint64_t done = 0; done < n;) {
		size_t some = (size_t)MIN(n - done, PIECE);
		if (done + some > cap) {
			cap = (size_t)MIN(n, MAX((uint64_t)PIECE, done * 2));
			values = mem_resize(values, cap, kind->size);
		}
		if (kind->read(w, values + done * kind->size, some, err)) {
			free(values);
			return -1;
		}
		done += some;
	}
	*out = values;
	return 0;
}

int wire_int(struct wire *w, int32_t *value, struct err *err)
{
	return int_piece(w, value, 1, err);
}

int wire_length(struct wire *w, uint64_t *n, struct err *err)
{
	int32_t length, high, low;
	if (wire_int(w, &length, err))
		return -1;
	*n = (uint64_t)length;
	if (length >= 0)
		return 0;
	if (length != -1)
		return wire_fault(w, err, "a length of %d", length);
	if (wire_int(w, &high, err) || wire_int(w, &low, err))
		return -1;
	*n = (uint64_t)(uint32_t)high << 32 | (uint32_t)low;
	/* R itself allows no vector of 2^52 elements and more. */
	if (*n >> 52)
		return wire_fault(w, err, "a length of %llu", (unsigned long long)*n);
	return 0;
}

int wire_ints(struct wire *w, uint64_t n, int32_t **out, struct err *err)
{
	static const struct number kind = {int_piece, sizeof(int32_t), 4};
	return read_numbers(w, n, &kind, (void **)out, err);
}

int wire_doubles(struct wire *w, uint64_t n, double **out, struct err *err)
{
	static const struct number kind = {double_piece, sizeof(double), 8};
	return read_numbers(w, n, &kind, (void **)out, err);
}

int wire_floats(struct wire *w, uint64_t n, float **out, struct err *err)
{
	static const struct number kind = {float_piece, sizeof(float), 8};
	return read_numbers(w, n, &kind, (void **)out, err);
}

int wire_raws(struct wire *w, uint64_t n, uint8_t **out, struct err *err)
{
	static const struct number kind = {raw_piece, 1, 1};
	return read_numbers(w, n, &kind, (void **)out, err);
}

/* ---- text ---- */

static int raw_string(struct wire *w, size_t n, struct text *to, struct err *err)
{
	if (!rds_source_may_hold(w->source, n))
		return wire_fault(w, err,
				  "a string says it has %zu bytes, more than the file can "
				  "hold",
				  n);
	if (w->format == WIRE_ASCII)
		return ascii_string(w, n, to, err);
	while (n) {
		if (rds_source_fill(w->source, err))
			return -1;
		size_t some = MIN(n, (size_t)(w->source->end - w->source->at));
		if (!some)
			return rds_source_take(w->source, NULL, n, err);
		text_add_bytes(to, (const char *)w->source->at, some);
		w->source->at += some;
		n -= some;
	}
	return 0;
}

static bool is_ascii(const char *s, size_t n)
{
	unsigned char any = 0;
	for (size_t i = 0; i < n; i++)
		any |= (unsigned char)s[i];
	return any < 0x80;
}

int wire_text(struct wire *w, size_t n, int marks, struct err *err)
{
	text_clear(&w->text);
	text_clear(&w->raw);
	if (raw_string(w, n, &w->raw, err))
		return -1;
	if (memchr(w->raw.s, '\0', w->raw.len))
		return wire_fault(w, err, "a string with a zero byte inside");
	if (is_ascii(w->raw.s, w->raw.len))
		text_add_bytes(&w->text, w->raw.s, w->raw.len);
	else
		charset_to_utf8(&w->text, w->raw.s, w->raw.len,
				marks & WIRE_LATIN1  ? "latin1"
				: marks & WIRE_UTF8  ? "UTF-8"
				: marks & WIRE_BYTES ? ""
						     : w->native);
	return 0;
}

/* ---- header ---- */

static int native_encoding(struct wire *w, struct err *err)
{
	int32_t n;
	if (wire_int(w, &n, err))
		return -1;
	if (n < 0 || n >= (int32_t)sizeof(w->native))
		return wire_fault(w, err, "an encoding name of %d bytes", n);
	if (wire_text(w, (size_t)n, WIRE_UTF8, err))
		return -1;
	snprintf(w->native, sizeof(w->native), "%s", w->text.s);
	return 0;
}

int wire_open(struct wire *w, struct rds_source *source, struct err *err)
{
	static const char letters[] = {'X', 'B', 'A'};
	char head[2];
	int32_t version, writer, reader;

	*w = (struct wire){.source = source, .text = TEXT_INIT, .raw = TEXT_INIT};
	if (rds_source_take(source, head, sizeof(head), err))
		return -1;
	const char *letter = memchr(letters, head[0], sizeof(letters));
	if (!letter || head[1] != '\n')
		return err_set(err, "%s: not an RDS file: once unpacked it does not begin as one%s",
			       rds_source_path(source),
			       head[0] == 'R' && head[1] == 'D'
				       ? ", but as an R workspace, RData (in R: load() it, then "
					 "saveRDS() the one object)"
				       : "");
	w->format = (enum wire_format)(letter - letters);
	if (wire_int(w, &version, err) || wire_int(w, &writer, err) || wire_int(w, &reader, err))
		return -1;
	if (version != 2 && version != 3)
		return wire_fault(w, err, "serialisation version %d, but there are 2 and 3",
				  version);
	w->version = version;
	return version == 3 ? native_encoding(w, err) : 0;
}

void wire_release(struct wire *w)
{
	text_release(&w->text);
	text_release(&w->raw);
}
