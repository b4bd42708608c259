/* dialects.c - what real anndata wrote, in every storage and compression, reads to its values.
 *
 * tests/golden/dialect_TAG_STORAGE_COMPRESSION.h5ad hold one matrix; dialect_TAG.X.tsv is X as
 * Python has it. The integer files hold it rounded; layers/counts is three times X, rounded.
 */
#include "base/util.h"

#include <glob.h>
#include <math.h>

#include "format/tsv.h"
#include "h5ad/h5ad_stream.h"
#include "tap.h"

enum { N_CELLS = 60, N_GENES = 40 };

typedef double matrix[N_CELLS][N_GENES];

static struct pool *pool;

/* X as the table has it. */
static bool read_table(const char *path, matrix out)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open(path, &err);
	size_t cell = 0;

	while (t && cell < N_CELLS && tsv_next(t, &err) > 0) {
		for (size_t gene = 0; gene < N_GENES; gene++)
			if (tsv_number(t, gene + 1, &out[cell][gene], &err))
				return false;
		cell++;
	}
	tsv_close(t);
	return cell == N_CELLS && !err_is_set(&err);
}

/* A slot of a file in full, read in blocks of at most 'cells' cells. */
static bool read_slot(const char *path, const char *name, size_t cells, matrix out)
{
	struct stream_limits limits = STREAM_LIMITS;
	struct err err = ERR_INIT;
	struct h5ad *in = h5ad_open(path, &err);
	const struct slot *slot = in ? h5ad_slot(in, name, &err) : NULL;
	struct stream *s;
	struct cells *block;
	size_t n = 0;
	int got = -1;

	limits.cells = cells;
	s = slot ? h5ad_stream_limited(in, slot, NULL, &limits, pool, &err) : NULL;
	memset(out, 0, sizeof(matrix));
	while (s && (got = stream_next(s, &block, &err)) > 0) {
		for (size_t i = 0; i < block->n_cells && n < N_CELLS; i++, n++)
			for (size_t j = block->starts[i]; j < block->starts[i + 1]; j++)
				out[n][block->genes[j]] = (double)block->values[j];
	}
	stream_free(s);
	h5ad_close(in);
	if (got || n != N_CELLS)
		printf("# %s\n", err.text);
	return got == 0 && n == N_CELLS;
}

/* Names in parts are the names read whole. */
static bool names_in_parts(const char *path, struct frame *(*open)(struct h5ad *))
{
	struct err err = ERR_INIT;
	struct h5ad *in = h5ad_open(path, &err), *again = h5ad_open(path, &err);
	struct frame *whole = in ? open(in) : NULL;
	struct frame *parts = again ? open(again) : NULL;
	char **want = whole ? frame_keys(whole, &err) : NULL;
	bool good = want && parts;

	for (size_t first = 0, n = 1; good && first < whole->n_rows; first += n, n = 7) {
		n = MIN(n, whole->n_rows - first);
		char *const *got = frame_keys_at(parts, first, n, &err);
		for (size_t i = 0; got && i < n; i++)
			good = good && str_eq(got[i], want[first + i]);
		good = good && got && !parts->keys;
	}
	h5ad_close(again);
	h5ad_close(in);
	return good;
}

/* The table has nine digits: as floats the two are the same. */
static bool same(matrix a, matrix b)
{
	for (size_t cell = 0; cell < N_CELLS; cell++)
		for (size_t gene = 0; gene < N_GENES; gene++)
			if ((float)a[cell][gene] != (float)b[cell][gene])
				return false;
	return true;
}

static void scale_and_round(matrix m, float factor)
{
	for (size_t cell = 0; cell < N_CELLS; cell++)
		for (size_t gene = 0; gene < N_GENES; gene++)
			m[cell][gene] = (double)rintf((float)m[cell][gene] * factor);
}

/* 'table' is what Python has as X. */
static void check(const char *path, const char *table)
{
	static matrix want, got;
	const char *base = strrchr(path, '/') + 1;
	bool known = read_table(table, want);

	if (strstr(base, "_int_"))
		scale_and_round(want, 1);
	OK(known && read_slot(path, "X", 8192, got) && same(got, want), "%s: X", base);
	OK(known && read_slot(path, "X", 1, got) && same(got, want), "%s: X cell by cell", base);
	OK(names_in_parts(path, h5ad_obs) && names_in_parts(path, h5ad_var), "%s: names", base);
	known = read_table(table, want);
	scale_and_round(want, 3);
	OK(known && read_slot(path, "layers/counts", 8192, got) && same(got, want),
	   "%s: layers/counts", base);
}

int main(void)
{
	const char *pattern = "tests/golden/dialect_*.h5ad";
	glob_t found;

	pool = pool_new(2);
	if (glob(pattern, 0, NULL, &found))
		BUG("no files fit %s", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		const char *tag = strstr(path, "dialect_") + strlen("dialect_");
		size_t stem = (size_t)(strchr(tag, '_') - path);
		char *table = mem_printf("%.*s.X.tsv", (int)stem, path);
		check(path, table);
		free(table);
	}
	globfree(&found);
	pool_free(pool);
	return done_testing();
}
