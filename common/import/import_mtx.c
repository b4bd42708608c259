/* import_mtx.c - matrix Market files: their banner, sizes and entries, and what the lists make of
 * them. */
#include "base/util.h"

#include <inttypes.h>
#include <strings.h>

#include "base/strtab.h"
#include "base/text.h"
#include "format/lines.h"
#include "import/import.h"
#include "import/import_list.h"
#include "import/import_trio.h"
#include "matrix/spool.h"

/* ---- the matrix ---- */

struct mtx {
	struct lines *in;
	size_t n_rows, n_columns;
	uint64_t n_entries;
	bool pattern; /* no values: every entry is 1 */
	bool array;   /* no places: every value, column by column */
	bool whole;   /* general; else below the diagonal stands for what is above */
	float mirror; /* what a value is times when it does: 1, or -1 in a skew-symmetric matrix */
};

/* The next whole number of a line; advances *at. */
static bool next_index(char **at, uint64_t *value)
{
	char *s = *at + strspn(*at, " \t");
	uint64_t n = 0;
	size_t digits = 0;

	for (; *s >= '0' && *s <= '9' && digits < 19; s++, digits++)
		n = n * 10 + (uint64_t)(*s - '0');
	if (digits == 0 || (*s && *s != ' ' && *s != '\t'))
		return false;
	*value = n;
	*at = s;
	return true;
}

/* What the words of the banner mean; false for those that cannot be read. */
static bool know_form(struct mtx *m, const char *object, const char *format, const char *symmetry)
{
	m->array = !strcasecmp(format, "array");
	m->whole = !strcasecmp(symmetry, "general");
	m->mirror = strcasecmp(symmetry, "skew-symmetric") ? 1 : -1;
	return !strcasecmp(object, "matrix") && (m->array || !strcasecmp(format, "coordinate")) &&
	       (m->whole || m->mirror < 0 || !strcasecmp(symmetry, "symmetric"));
}

static int read_banner(struct mtx *m, struct err *err)
{
	char object[16] = "", format[16] = "", field[16] = "", symmetry[20] = "";
	int got = lines_next(m->in, err);

	if (got < 0)
		return -1;
	static const char start[] = "%%MatrixMarket";
	if (got == 0 || strncasecmp(m->in->text, start, strlen(start)) ||
	    sscanf(m->in->text + strlen(start), "%15s %15s %15s %19s", object, format, field,
		   symmetry) != 4)
		return err_set(err,
			       "%s: line 1: not a Matrix Market file (it should begin with "
			       "%%%%MatrixMarket)",
			       m->in->path);
	if (!know_form(m, object, format, symmetry))
		return err_set(err,
			       "%s: line 1: a \"%s %s %s %s\" file; only \"matrix (coordinate or "
			       "array) (real, integer or pattern) (general, symmetric or "
			       "skew-symmetric)\" can be read",
			       m->in->path, object, format, field, symmetry);
	m->pattern = !strcasecmp(field, "pattern") && !m->array;
	if (!m->pattern && strcasecmp(field, "real") && strcasecmp(field, "integer") &&
	    strcasecmp(field, "double"))
		return err_set(err, "%s: line 1: values of type \"%s\" cannot be read", m->in->path,
			       field);
	return 0;
}

static int next_line(struct mtx *m, struct err *err)
{
	int got;

	do
		got = lines_next(m->in, err);
	while (got > 0 && (m->in->text[0] == '%' || m->in->text[strspn(m->in->text, " \t")] == 0));
	return got;
}

/* The values of an array that has n rows and is not whole: those of a triangle. */
static uint64_t n_of_triangle(const struct mtx *m, uint64_t n)
{
	return m->mirror < 0 ? n * (n - (n > 0)) / 2 : n * (n + 1) / 2;
}

static int read_sizes(struct mtx *m, struct err *err)
{
	uint64_t rows, columns;
	int got = next_line(m, err);

	if (got < 0)
		return -1;
	char *at = m->in->text;
	if (got == 0 || !next_index(&at, &rows) || !next_index(&at, &columns) ||
	    (!m->array && !next_index(&at, &m->n_entries)) || at[strspn(at, " \t")])
		return err_set(err, "%s: line %zu: the line of sizes should hold %s", m->in->path,
			       m->in->number,
			       m->array ? "two numbers: rows, columns"
					: "three numbers: rows, columns, entries");
	if (rows >= STRTAB_NONE || columns >= STRTAB_NONE)
		return err_set(err, "%s: line %zu: %" PRIu64 " x %" PRIu64 " is too large",
			       m->in->path, m->in->number, rows, columns);
	if (!m->whole && rows != columns)
		return err_set(err, "%s: line %zu: a symmetric matrix of %" PRIu64 " x %" PRIu64,
			       m->in->path, m->in->number, rows, columns);
	if (m->array)
		m->n_entries = m->whole ? rows * columns : n_of_triangle(m, rows);
	m->n_rows = rows;
	m->n_columns = columns;
	return 0;
}

/* The place at the beginning of a line; advances *at. */
static int read_place(struct mtx *m, char **at, uint32_t *row, uint32_t *column, struct err *err)
{
	uint64_t r, c;

	if (!next_index(at, &r) || !next_index(at, &c))
		return err_set(err, "%s: line %zu: should begin with a row and a column number",
			       m->in->path, m->in->number);
	if (r < 1 || r > m->n_rows || c < 1 || c > m->n_columns)
		return err_set(err,
			       "%s: line %zu: entry (%" PRIu64 ", %" PRIu64
			       "), but the matrix is %zu x %zu",
			       m->in->path, m->in->number, r, c, m->n_rows, m->n_columns);
	*row = (uint32_t)r - 1;
	*column = (uint32_t)c - 1;
	return 0;
}

/* The value at the end of a line. */
static int read_value(struct mtx *m, char *at, float *value, struct err *err)
{
	at += strspn(at, " \t");
	size_t len = strcspn(at, " \t");

	*value = 1;
	if (m->pattern ? len != 0
		       : !import_number(at, len, value) || at[len + strspn(at + len, " \t")])
		return err_set(err, "%s: line %zu: \"%.60s\" is not one finite number", m->in->path,
			       m->in->number, at);
	return 0;
}

/* The place after this one in an array; in a triangle a column begins at or below the diagonal. */
static void step_place(const struct mtx *m, uint32_t *row, uint32_t *column)
{
	if (++*row < m->n_rows)
		return;
	++*column;
	*row = m->whole ? 0 : *column + (m->mirror < 0);
}

/* Where entries go, and which gene a feature is. */
struct sorting {
	struct spool *spool;
	const uint32_t *map;
	bool rows_are_genes;
};

static int add_entry(const struct sorting *to, uint32_t row, uint32_t column, float value,
		     struct err *err)
{
	uint32_t gene = to->map[to->rows_are_genes ? row : column];

	return gene == STRTAB_NONE
		       ? 0
		       : spool_add(to->spool, to->rows_are_genes ? column : row, gene, value, err);
}

/* An entry, and the one it stands for. Zeros of an array are not stored. */
static int add_entries(const struct mtx *m, const struct sorting *to, uint32_t row, uint32_t column,
		       float value, struct err *err)
{
	if (m->array && value == 0)
		return 0;
	if (add_entry(to, row, column, value, err))
		return -1;
	return m->whole || row == column ? 0 : add_entry(to, column, row, m->mirror * value, err);
}

static int read_entries(struct mtx *m, const struct sorting *to, struct err *err)
{
	uint64_t n = 0;
	uint32_t row = !m->whole && m->mirror < 0, column = 0;
	float value;
	int got;

	while ((got = next_line(m, err)) > 0) {
		char *at = m->in->text;
		if (n++ == m->n_entries)
			return err_set(err,
				       "%s: line %zu: more than the %" PRIu64
				       " entries that were announced",
				       m->in->path, m->in->number, m->n_entries);
		if ((!m->array && read_place(m, &at, &row, &column, err)) ||
		    read_value(m, at, &value, err) || add_entries(m, to, row, column, value, err))
			return -1;
		if (m->array)
			step_place(m, &row, &column);
	}
	if (got == 0 && n < m->n_entries)
		return err_set(err,
			       "%s: ends after %" PRIu64 " entries, but %" PRIu64
			       " were announced: is it cut short?",
			       m->in->path, n, m->n_entries);
	return got;
}

/* ---- together ---- */

/* Rows are genes, as 10x writes them, unless only the other way fits the lists. */
static int orient_mtx(const struct mtx *m, const struct trio *files, struct list *genes,
		      struct list *cells, enum orient rows, bool *rows_are_genes, struct err *err)
{
	size_t n_genes = genes->n, n_cells = cells->n;

	for (int way = 0; way < 2; way++) {
		bool as_genes = way == 0;
		if (rows == (as_genes ? ORIENT_CELLS : ORIENT_GENES))
			continue;
		list_drop_heading(genes, as_genes ? m->n_rows : m->n_columns);
		list_drop_heading(cells, as_genes ? m->n_columns : m->n_rows);
		*rows_are_genes = as_genes;
		if (genes->n == (as_genes ? m->n_rows : m->n_columns) &&
		    cells->n == (as_genes ? m->n_columns : m->n_rows))
			return 0;
	}
	return err_set(err,
		       "%s: the matrix is %zu x %zu, but %s lists %zu genes and %s lists %zu "
		       "cells",
		       files->matrix, m->n_rows, m->n_columns, files->genes, n_genes, files->cells,
		       n_cells);
}

/* Move the columns of the gene list to where 'all' has them. */
static void name_features(struct list *genes, struct import *all)
{
	bool has_ids = genes->n_columns > 1;

	all->genes = genes->columns[has_ids];
	genes->columns[has_ids] = (struct names){0};
	if (has_ids) {
		all->ids = genes->columns[0];
		genes->columns[0] = (struct names){0};
	}
	if (genes->n_columns > 2) {
		all->types = genes->columns[2];
		genes->columns[2] = (struct names){0};
	}
}

static int read_matrix(struct mtx *m, bool rows_are_genes, const uint32_t *map, struct import *in,
		       struct err *err)
{
	struct sorting to = {spool_new(spool_bucket(in->cells.n, in->genes.n), err), map,
			     rows_are_genes};

	if (!to.spool)
		return -1;
	if (read_entries(m, &to, err)) {
		spool_free(to.spool);
		return -1;
	}
	in->stream = spool_stream(to.spool, in->cells.n, in->genes.n);
	return 0;
}

static int read_trio(const struct trio *files, enum orient rows,
		     const struct feature_choice *choice, struct import *in, struct err *err)
{
	struct list genes = {.n = 0}, cells = {.n = 0};
	struct import all = {.stream = NULL};
	struct mtx m = {.in = NULL};
	uint32_t *map = NULL;
	bool rows_are_genes;
	int ret = -1;

	if (list_read(files->genes, &genes, err) || list_read(files->cells, &cells, err))
		goto release;
	m.in = lines_open(files->matrix, err);
	if (!m.in || read_banner(&m, err) || read_sizes(&m, err))
		goto release;
	if (orient_mtx(&m, files, &genes, &cells, rows, &rows_are_genes, err))
		goto release;
	name_features(&genes, &all);
	if (import_choose_features(&all, choice, files->genes, &map, in, err))
		goto release;
	in->cells = cells.columns[0];
	cells.columns[0] = (struct names){0};
	if (read_matrix(&m, rows_are_genes, map, in, err))
		goto release;
	if (!in->decision[0])
		snprintf(in->decision, sizeof(in->decision), "rows are %s",
			 rows_are_genes ? "genes" : "cells");
	ret = 0;
release:
	free(map);
	lines_close(m.in);
	import_release(&all);
	list_release(&genes);
	list_release(&cells);
	return ret;
}

int import_mtx(const char *path, const char *genes, const char *cells, enum orient rows,
	       const struct feature_choice *choice, struct import *in, struct err *err)
{
	struct trio files = {NULL};
	int ret;

	*in = (struct import){.stream = NULL};
	ret = trio_find(path, genes, cells, &files, err);
	if (ret == 0)
		ret = read_trio(&files, rows, choice, in, err);
	trio_release(&files);
	if (ret)
		import_release(in);
	return ret;
}
