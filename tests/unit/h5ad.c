/* Files of every dialect read to the same tables and numbers as the Python packages see. */
#include "base/util.h"

#include <glob.h>
#include <math.h>

#include "format/tsv.h"
#include "h5ad/h5ad.h"
#include "tap.h"

#define GOLDEN "tests/golden/"

/* Equal as text, or as numbers to 'digits' significant digits. */
static bool same_value(const char *ours, const char *theirs, double tolerance)
{
	double a, b;

	if (str_eq(ours, theirs))
		return true;
	return parse_double(ours, &a) && parse_double(theirs, &b) &&
	       fabs(a - b) <= tolerance * fabs(b);
}

/* A row of the TSV against the same row of the frame. Reports the first difference. */
static bool same_row(struct frame *f, const struct tsv *t, size_t row, struct text *scratch)
{
	struct err err = ERR_INIT;
	char **keys = frame_keys(f, &err);
	bool same = keys && str_eq(keys[row], t->fields[0]);

	if (!same)
		printf("# row %zu: %s\n", row, keys ? keys[row] : err.text);
	for (size_t i = 1; i < t->n_fields && same; i++) {
		const struct column *c = frame_column(f, t->header[i], &err);
		const char *value = c ? column_text(c, row, scratch) : err.text;
		same = c && same_value(value, t->fields[i], 5e-9);
		if (!same)
			printf("# row %zu, %s: '%s' and '%s'\n", row, t->header[i], value,
			       t->fields[i]);
	}
	return same;
}

static bool same_table(struct frame *f, const char *path)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open(path, &err);
	struct text scratch = TEXT_INIT;
	size_t row = 0;
	bool same = t && t->n_fields == f->n_columns + 1;

	while (same && tsv_next(t, &err) > 0)
		same = row < f->n_rows && same_row(f, t, row++, &scratch);
	same &= row == f->n_rows && !err_is_set(&err);
	if (err_is_set(&err))
		printf("# %s\n", err.text);
	tsv_close(t);
	text_release(&scratch);
	return same;
}

static bool same_cell(const struct cells *b, size_t row, const struct tsv *t, bool rounded)
{
	size_t at = b->starts[row];
	double value;

	for (size_t g = 0; g < b->n_genes; g++) {
		double ours = 0;
		if (at < b->starts[row + 1] && b->genes[at] == g)
			ours = b->values[at++];
		if (!parse_double(t->fields[g + 1], &value))
			return false;
		value = rounded ? rint((float)value) : (double)(float)value;
		if (ours != value) {
			printf("# cell %zu gene %zu: %.9g and %.9g\n", row, g, ours, value);
			return false;
		}
	}
	return true;
}

static bool same_matrix(struct h5ad *f, const char *slot, const char *path, bool rounded)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open(path, &err);
	struct pool *pool = pool_new(2);
	const struct slot *s = h5ad_slot(f, slot, &err);
	struct stream *stream = s ? h5ad_stream(f, s, NULL, pool, &err) : NULL;
	struct cells *b;
	size_t n = 0;
	bool same = stream;

	while (same && stream_next(stream, &b, &err) > 0)
		for (size_t row = 0; row < b->n_cells && same; row++, n++)
			same = tsv_next(t, &err) > 0 && same_cell(b, row, t, rounded);
	stream_free(stream);
	pool_free(pool);
	tsv_close(t);
	return same && n == h5ad_n_cells(f) && !err_is_set(&err);
}

/* "tests/golden/dialect_sk12_csr_gzip.h5ad" to "tests/golden/dialect_sk12.obs.tsv". */
static char *beside(const char *path, const char *ending)
{
	const char *tag = strstr(path, "_sk");

	return mem_printf("%.*s%s", (int)(tag - path) + 5, path, ending);
}

static void test_dialect(const char *path)
{
	struct err err = ERR_INIT;
	struct h5ad *f = h5ad_open(path, &err);
	char *obs = beside(path, ".obs.tsv"), *x = beside(path, ".X.tsv");
	const char *dialect = strstr(path, "sk12") ? "0.7" : "0.8+";

	if (OK(f, "%s opens", path)) {
		OK(str_eq(h5ad_dialect(f), dialect), "%s is of dialect %s", path, dialect);
		OK(same_table(h5ad_obs(f), obs), "%s has the obs that pandas wrote", path);
		OK(same_matrix(f, "X", x, strstr(path, "dense_int")),
		   "%s has the X that pandas wrote", path);
		if (strstr(path, "_csr_"))
			OK(same_matrix(f, "raw", x, false), "%s has its raw", path);
	} else {
		printf("# %s\n", err.text);
	}
	h5ad_close(f);
	free(obs);
	free(x);
}

static const struct column *column(struct frame *f, const char *name)
{
	struct err err = ERR_INIT;

	return frame_column(f, name, &err);
}

static void test_kinds(const char *tag, bool nullable)
{
	struct err err = ERR_INIT;
	char *path = mem_printf(GOLDEN "kinds_%s.h5ad", tag);
	char *obs = mem_printf(GOLDEN "kinds_%s.obs.tsv", tag);
	struct h5ad *f = h5ad_open(path, &err);
	struct frame *t = f ? h5ad_obs(f) : NULL;
	const struct column *c;
	const char *first;

	if (!OK(f, "%s opens", path)) {
		printf("# %s\n", err.text);
		return;
	}
	first = t->columns[0].name;
	OK(!t->columns[0].loaded && !t->keys, "%s: nothing is read before it is asked for", tag);
	OK(same_table(t, obs), "%s: every kind of column as pandas reads it", tag);
	OK(t->columns[0].loaded && t->columns[0].name == first,
	   "%s: a column's name stays where it is when the column is read", tag);
	OK(str_eq(t->key_name, "barcode"), "%s: the key has its name", tag);
	c = column(t, "level");
	OK(c->kind == COLUMN_CATEGORY && c->ordered && str_eq(c->categories[0], "l"),
	   "%s: an ordered category keeps its order", tag);
	c = column(t, "unused");
	OK(c->n_categories == 3 && !c->ordered, "%s: categories without a row are kept", tag);
	c = column(t, "gaps");
	OK(column_missing(c, 1) && c->codes[1] == -1, "%s: a missing category is -1", tag);
	c = column(t, "unsigned");
	OK(c->kind == COLUMN_INT && c->width == 2 && c->is_unsigned, "%s: uint16 stays so", tag);
	c = column(t, "text");
	OK(c->kind == COLUMN_STRING && !c->missing && !column_missing(c, 0),
	   "%s: an empty string is not missing", tag);
	if (nullable) {
		c = column(t, "byte_or_none");
		OK(c->nullable && c->kind == COLUMN_INT && c->width == 1 && column_missing(c, 1),
		   "%s: a nullable integer", tag);
		c = column(t, "bool_or_none");
		OK(c->nullable && c->kind == COLUMN_BOOL && column_missing(c, 4),
		   "%s: a nullable boolean", tag);
	}
	frame_forget(t, column(t, "text"));
	OK(str_eq(column(t, "text")->strings[3], "γδ"), "%s: forgotten and read again", tag);
	OK(!frame_column(t, "flg", &err) && strstr(err.text, "there are: flag"),
	   "%s: a column that is not there is an error with the nearest name", tag);
	h5ad_close(f);
	free(path);
	free(obs);
}

static void test_obsm(void)
{
	struct err err = ERR_INIT;
	struct h5ad *f = h5ad_open(GOLDEN "kinds_sk19.h5ad", &err);
	double *values;
	size_t n;

	OK(!h5ad_obsm(f, "X_pca", &values, &n, &err) && n == 2 && values[15] == 15,
	   "a dense obsm is read row by row");
	free(values);
	OK(h5ad_obsm(f, "table", &values, &n, &err) && strstr(err.text, "/obsm/table"),
	   "a table in obsm is not a dense array");
	err_clear(&err);
	OK(h5ad_obsm(f, "no", &values, &n, &err) && strstr(err.text, "/obsm/no"),
	   "an obsm that is not there is named");
	h5ad_close(f);
}

/* The oldest dialect: one compound dataset per table, categories in uns, raw.X. */
static void test_oldest(void)
{
	struct err err = ERR_INIT;
	struct h5ad *f = h5ad_open(GOLDEN "pbmc68k_reduced.h5ad", &err);
	struct frame *obs = h5ad_obs(f);
	const struct column *label = frame_column(obs, "bulk_labels", &err);
	struct column_groups g = column_group(label);
	const struct slot *raw = h5ad_slot(f, "raw", &err);
	double *values;
	size_t n;

	OK(str_eq(h5ad_dialect(f), "0.6"), "the dialect of 0.6 is recognised");
	OK(str_eq(frame_keys(obs, &err)[0], "AAAGCCTGGCTAAC-1") && obs->n_columns == 8,
	   "0.6: names and columns of obs");
	OK(label->kind == COLUMN_CATEGORY && g.n == 10 && str_eq(g.names[9], "Dendritic") &&
		   g.counts[9] == 240,
	   "0.6: categories come from uns");
	OK(raw && str_eq(raw->path, "/raw.X") && raw->n_stored == 174400, "0.6: raw.X is raw");
	OK(h5ad_raw_var(f, &err)->n_rows == 765 &&
		   str_eq(frame_keys(h5ad_raw_var(f, &err), &err)[0], "HES4"),
	   "0.6: raw.var is its table");
	OK(!h5ad_obsm(f, "X_pca", &values, &n, &err) && n == 50 &&
		   fabs(values[0] - -7.939618) < 1e-6,
	   "0.6: obsm is a compound too");
	free(values);
	OK(h5ad_n_members(f, "uns") == 6, "0.6: categories are no part of uns");
	column_groups_release(&g);
	h5ad_close(f);
}

int main(void)
{
	glob_t files;

	OK(glob(GOLDEN "dialect_*.h5ad", 0, NULL, &files) == 0 && files.gl_pathc == 39,
	   "39 files of dialects");
	for (size_t i = 0; i < files.gl_pathc; i++)
		test_dialect(files.gl_pathv[i]);
	globfree(&files);
	test_kinds("sk12", false);
	test_kinds("sk15", true);
	test_kinds("sk19", true);
	test_obsm();
	test_oldest();
	return done_testing();
}
