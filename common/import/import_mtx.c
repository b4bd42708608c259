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
	if (strcasecmp(object, "matrix") || strcasecmp(format, "coordinate") ||
	    strcasecmp(symmetry, "general"))
		return err_set(err,
			       "%s: line 1: a \"%s %s %s %s\" file; only \"matrix coordinate "
			       "(real, integer or pattern) general\" can be read",
			       m->in->path, object, format, field, symmetry);
	m->pattern = !strcasecmp(field, "pattern");
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

static int read_sizes(struct mtx *m, struct err *err)
{
	uint64_t rows, columns;
	int got = next_line(m, err);

	if (got < 0)
		return -1;
	char *at = m->in->text;
	if (got == 0 || !next_index(&at, &rows) || !next_index(&at, &columns) ||
	    !next_index(&at, &m->n_entries) || at[strspn(at, " \t")])
		return err_set(err,
			       "%s: line %zu: the line of sizes should hold three numbers: "
			       "rows, columns, entries",
			       m->in->path, m->in->number);
	if (rows >= STRTAB_NONE || columns >= STRTAB_NONE)
		return err_set(err, "%s: line %zu: %" PRIu64 " x %" PRIu64 " is too large",
			       m->in->path, m->in->number, rows, columns);
	m->n_rows = rows;
	m->n_columns = columns;
	return 0;
}

/* One entry of the line at hand. */
static int read_entry(struct mtx *m, uint32_t *row, uint32_t *column, float *value, struct err *err)
{
	uint64_t r, c;
	char *at = m->in->text;

	if (!next_index(&at, &r) || !next_index(&at, &c))
		return err_set(err, "%s: line %zu: should begin with a row and a column number",
			       m->in->path, m->in->number);
	if (r < 1 || r > m->n_rows || c < 1 || c > m->n_columns)
		return err_set(err,
			       "%s: line %zu: entry (%" PRIu64 ", %" PRIu64
			       "), but the matrix is %zu x %zu",
			       m->in->path, m->in->number, r, c, m->n_rows, m->n_columns);
	at += strspn(at, " \t");
	size_t len = strcspn(at, " \t");
	*value = 1;
	if (m->pattern ? len != 0
		       : !import_number(at, len, value) || at[len + strspn(at + len, " \t")])
		return err_set(err, "%s: line %zu: \"%.60s\" is not one finite number", m->in->path,
			       m->in->number, at);
	*row = (uint32_t)r - 1;
	*column = (uint32_t)c - 1;
	return 0;
}

/* All entries into the spool; 'map' says which gene a feature is. */
static int read_entries(struct mtx *m, bool rows_are_genes, const uint32_t *map,
			struct spool *spool, struct err *err)
{
	uint64_t n = 0;
	uint32_t row = 0, column = 0;
	float value;
	int got;

	while ((got = next_line(m, err)) > 0) {
		if (n++ == m->n_entries)
			return err_set(err,
				       "%s: line %zu: more than the %" PRIu64
				       " entries that were announced",
				       m->in->path, m->in->number, m->n_entries);
		if (read_entry(m, &row, &column, &value, err))
			return -1;
		uint32_t gene = map[rows_are_genes ? row : column];
		if (gene != STRTAB_NONE &&
		    spool_add(spool, rows_are_genes ? column : row, gene, value, err))
			return -1;
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
	struct spool *spool = spool_new(spool_bucket(in->cells.n, in->genes.n), err);

	if (!spool)
		return -1;
	if (read_entries(m, rows_are_genes, map, spool, err)) {
		spool_free(spool);
		return -1;
	}
	in->stream = spool_stream(spool, in->cells.n, in->genes.n);
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
