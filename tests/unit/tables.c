/* tables.c - whole tables in memory, and numbers as text. */
#include "base/util.h"

#include <math.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "format/table.h"
#include "format/tsv.h"
#include "tap.h"

static char folder[] = "/tmp/pipette-unit.XXXXXX";
static struct pool *pool;

/* ---- numbers ---- */

static double random_number(struct rng *rng)
{
	double x = rng_normal(rng);

	switch (rng_below(rng, 8)) {
	case 0:
		return rng_unit(rng);
	case 1:
		return (double)rng_below(rng, 2000000) / 2;
	case 2:
		return x * pow(10, (double)rng_below(rng, 30) - 15);
	case 6: /* p values, down to where doubles end */
		return x * pow(10, (double)rng_below(rng, 632) - 324);
	case 7: /* rounded up to a power of ten, or just not */
		return nextafter(pow(10, (double)rng_below(rng, 600) - 300) * 0.9999999995, x);
	case 3: /* halfway between two numbers of nine digits, and next to it */
		return nextafter((double)(100000000 + rng_below(rng, 800000000)) + 0.5, x);
	case 4:
		return ((double)rng_below(rng, 1000000000) + 0.5) / 1024;
	default:
		return round(x * 1000) / 1000;
	}
}

static void test_numbers(void)
{
	struct rng rng = rng_seeded(1);
	size_t n_float = 0, n_parsed = 0, n_size = 0;
	char ours[32], theirs[64];
	double value;

	for (int i = 0; i < 400000; i++) {
		double x = random_number(&rng);
		size_t whole = rng_next(&rng) >> rng_below(&rng, 64);

		snprintf(theirs, sizeof(theirs), "%.9g", x);
		n_float += format_float(ours, x) == (int)strlen(theirs) && str_eq(ours, theirs);
		n_parsed += parse_double(theirs, &value) && value == strtod(theirs, NULL);
		snprintf(theirs, sizeof(theirs), "%.15f", x);
		n_parsed += parse_double(theirs, &value) && value == strtod(theirs, NULL);
		snprintf(theirs, sizeof(theirs), "%zu", whole);
		n_size += format_size(ours, whole) == (int)strlen(theirs) && str_eq(ours, theirs);
	}
	OK(n_float == 400000, "floats are written as the library writes them (%zu)", n_float);
	OK(n_parsed == 800000, "floats are read as the library reads them (%zu)", n_parsed);
	OK(n_size == 400000, "sizes are written (%zu)", n_size);
	OK(format_float(ours, 1e-4) && str_eq(ours, "0.0001"), "0.0001");
	OK(format_float(ours, 999999999.6) && str_eq(ours, "1e+09"), "a rounded one: %s", ours);
	OK(format_float(ours, -0.25) && str_eq(ours, "-0.25"), "a negative one");
	OK(parse_double("-0.5", &value) && value == -0.5 && parse_double("5.", &value) &&
		   value == 5 && parse_double(".5", &value) && value == 0.5,
	   "points may stand at either end");
	OK(!parse_double("-", &value) && !parse_double(".", &value) &&
		   !parse_double("1.2.3", &value),
	   "signs and points alone are no numbers");
}

/* ---- reading ---- */

static const char *put_file(const char *name, const char *bytes, size_t len, bool packed)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	gzFile file = gzopen(path, packed ? "wb1" : "wbT");
	OK(file && gzwrite(file, bytes, (unsigned)len) == (int)len && gzclose(file) == Z_OK,
	   "%s is written", name);
	return path;
}

static bool fails(const char *bytes, size_t len, const char *words)
{
	struct err err = ERR_INIT;
	struct table *t = table_read(put_file("bad", bytes, len, false), pool, &err);

	if (t || !strstr(err.text, words))
		printf("# said: %s\n", err.text);
	table_free(t);
	return !t && strstr(err.text, words);
}

static void test_dialects(void)
{
	static const char plain[] = "\xef\xbb\xbf"
				    "cell\tx\r\na\t1\r\nb\t\r\nc\t3";
	struct err err = ERR_INIT;
	double x[3];

	for (int packed = 0; packed < 2; packed++) {
		const char *path = put_file("odd", plain, strlen(plain), packed);
		struct table *t = table_read(path, pool, &err);

		OK(t && t->n == 3 && t->n_columns == 2, "CR LF, BOM, no last LF, packed %d",
		   packed);
		OK(t && str_eq(t->header[0], "cell") && str_eq(table_field(t, 1, 1), "") &&
			   str_eq(table_field(t, 2, 0), "c"),
		   "its fields");
		OK(t && table_numbers(t, 1, pool, x, &err) == 0 && x[0] == 1 && isnan(x[1]) &&
			   x[2] == 3,
		   "its numbers");
		OK(t && table_numbers(t, 0, pool, x, &err) &&
			   strstr(err.text, "line 2: cell is not"),
		   "%s", err.text);
		err_clear(&err);
		table_free(t);
	}
	OK(fails("", 0, "empty"), "an empty file");
	OK(fails("a\tb\n1\t2\n3\n", 10, "line 3 has 1 fields, but the header has 2"), "ragged");
	OK(fails("a\tb\n1\t\0\n", 9, "line 2: a NUL byte"), "a NUL");
	OK(fails("a\0\n", 3, "line 1: a NUL byte"), "a NUL in the header");
	struct table *t = table_read(put_file("none", "a\tb", 3, false), pool, &err);
	OK(t && t->n == 0 && t->n_columns == 2, "a header alone");
	table_free(t);
}

/* ---- large tables ---- */

enum { ROWS = 60000 };

/* Rows i * step modulo ROWS, so any order; every 9,000th is longer than a part. */
static struct table *read_large(const char *name, size_t step, size_t n, struct err *err)
{
	struct text all = TEXT_INIT;
	struct table *t;

	text_add(&all, "cell\tlong\tnumber\n");
	for (size_t i = 0; i < n; i++) {
		text_add(&all, "cell %zu\t", i * step % ROWS);
		for (size_t k = 0; i % 9000 == 1 && k < 700000; k++)
			text_add_char(&all, 'x');
		text_add(&all, "\t%zu\n", i % 7);
	}
	t = table_read(put_file(name, all.s, all.len, false), pool, err);
	text_release(&all);
	return t;
}

static void test_large(void)
{
	struct err err = ERR_INIT;
	struct table *t = read_large("large", 1, ROWS, &err);
	uint32_t *ids = mem_alloc(ROWS, sizeof(*ids));
	struct strtab names = {0};
	size_t n_right = 0;
	char name[40];

	OK(t && t->n == ROWS, "lines longer than a part, and many shorter");
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(name, sizeof(name), "cell %zu", i);
		n_right += str_eq(table_field(t, i, 0), name) &&
			   strlen(table_field(t, i, 1)) == (i % 9000 == 1 ? 700000 : 0);
	}
	OK(n_right == ROWS, "every row is itself (%zu)", n_right);
	table_strings(t, 2, pool, &names, ids);
	OK(names.n == 7 && str_eq(strtab_str(&names, 3), "3") && ids[ROWS - 1] == (ROWS - 1) % 7,
	   "strings are numbered in the order they come");
	strtab_release(&names);
	free(ids);
	table_free(t);
}

static void test_keys(void)
{
	struct err err = ERR_INIT;
	struct table *a = read_large("a", 1, ROWS, &err), *b = read_large("b", 7, ROWS, &err);
	struct table *fewer = read_large("c", 7, ROWS - 3, &err),
		     *twice = read_large("d", 2, ROWS, &err);
	uint32_t *there = mem_alloc(ROWS, sizeof(*there));
	struct table_keys k, bad;
	size_t n_right = 0;

	OK(table_keys_of(&k, a, 0, "cell", pool, &err) == 0, "keys");
	OK(table_keys_find(&k, "cell 59999") == 59999 && table_keys_find(&k, "cell") == SIZE_MAX,
	   "found, and not found");
	OK(table_keys_match(&k, b, 0, pool, there, &err) == 0, "the same keys in another order");
	for (size_t i = 0; i < ROWS; i++)
		n_right += there[i] == i * 7 % ROWS;
	OK(n_right == ROWS, "are matched (%zu)", n_right);
	OK(table_keys_match(&k, a, 0, pool, there, &err) == 0 && there[ROWS - 1] == ROWS - 1,
	   "and in the same");
	OK(table_keys_match(&k, fewer, 0, pool, there, &err) &&
		   strstr(err.text, "3 of the 60000 cells"),
	   "%s", err.text);
	err_clear(&err);
	OK(table_keys_match(&k, twice, 0, pool, there, &err) &&
		   strstr(err.text, "line 30002: the cell cell 0 is there twice"),
	   "%s", err.text);
	err_clear(&err);
	OK(table_keys_of(&bad, fewer, 0, "cell", pool, &err) == 0 &&
		   table_keys_match(&bad, a, 0, pool, there, &err) &&
		   strstr(err.text, "3 of its 60000 cells are not in"),
	   "%s", err.text);
	table_keys_release(&k);
	table_keys_release(&bad);
	table_free(a);
	table_free(b);
	table_free(fewer);
	table_free(twice);
	free(there);
}

/* ---- writing ---- */

static void put_row(struct tsv_writer *w, void *arg, size_t row)
{
	tsv_put_size(w, row);
	tsv_put_fields(w, arg, 3);
}

static void test_rows(void)
{
	char fields[] = "a\0\0c";
	struct text want = TEXT_INIT;
	struct err err = ERR_INIT;
	char *bytes = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&bytes, &len);
	struct tsv_writer w = {.file = file, .path = "out"};

	tsv_header(&w, "row\tx\ty\tz");
	tsv_put_rows(&w, pool, 200001, put_row, fields);
	OK(tsv_writer_close(&w, &err) == 0, "many rows are written");
	text_add(&want, "row\tx\ty\tz\n");
	for (size_t i = 0; i < 200001; i++)
		text_add(&want, "%zu\ta\t\tc\n", i);
	OK(len == want.len && memcmp(bytes, want.s, len) == 0, "in order");
	memcpy(fields, "\r\0\0", 4);
	tsv_put_rows(&w, pool, 5, put_row, fields);
	OK(tsv_writer_close(&w, &err) < 0, "a line break in one of them is an error: %s", err.text);
	fclose(file);
	free(bytes);
	text_release(&want);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	pool = pool_new(3);
	test_numbers();
	test_dialects();
	test_large();
	test_keys();
	test_rows();
	pool_free(pool);
	for (const char *const *name =
		     (const char *const[]){"odd", "bad", "none", "large", "a", "b", "c", "d", NULL};
	     *name; name++) {
		char path[100];

		snprintf(path, sizeof(path), "%s/%s", folder, *name);
		unlink(path);
	}
	rmdir(folder);
	return done_testing();
}
