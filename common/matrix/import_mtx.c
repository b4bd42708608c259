/* Matrix Market files, and the lists of genes and cells that go with them. */
#include "base/util.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/lines.h"
#include "base/strtab.h"
#include "base/text.h"
#include "base/tsv.h"
#include "matrix/import.h"
#include "matrix/spool.h"

/* ---- finding the three files ---- */

struct trio {
	char *matrix, *genes, *cells; /* owned */
};

static void trio_release(struct trio *files)
{
	free(files->matrix);
	free(files->genes);
	free(files->cells);
}

static bool is_matrix_name(const char *name)
{
	return str_ends(name, "matrix.mtx") || str_ends(name, "matrix.mtx.gz");
}

/* The one matrix of a folder. */
static char *matrix_in(const char *folder, struct err *err)
{
	DIR *dir = opendir(folder);
	struct text found = TEXT_INIT;
	size_t n = 0;

	if (!dir)
		return err_null(err, "%s: %s", folder, strerror(errno));
	char *matrix = NULL;
	for (struct dirent *e; (e = readdir(dir));) {
		if (!is_matrix_name(e->d_name))
			continue;
		text_add(&found, "%s%s", n++ ? ", " : "", e->d_name);
		free(matrix);
		matrix = mem_printf("%s/%s", folder, e->d_name);
	}
	closedir(dir);
	if (n == 0)
		err_set(err, "%s: no matrix.mtx or matrix.mtx.gz in this folder", folder);
	else if (n > 1)
		err_set(err, "%s: %zu matrices in this folder: name one of %.400s", folder, n,
			found.s);
	text_release(&found);
	if (n != 1) {
		free(matrix);
		matrix = NULL;
	}
	return matrix;
}

/* PREFIX + NAME [+ .gz], the first that exists; NULL when none does. */
static char *beside(const char *matrix, const char *const *names, size_t n)
{
	static const char *const ends[] = {"matrix.mtx.gz", "matrix.mtx", ".mtx.gz", ".mtx"};
	size_t prefix = strlen(matrix);
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (str_ends(matrix, ends[i])) {
			prefix -= strlen(ends[i]);
			break;
		}
	}
	for (size_t i = 0; i < n; i++) {
		for (int gz = 0; gz < 2; gz++) {
			char *path = mem_printf("%.*s%s%s", (int)prefix, matrix, names[i],
						gz ? ".gz" : "");
			if (stat(path, &st) == 0)
				return path;
			free(path);
		}
	}
	return NULL;
}

static int find_files(const char *path, const char *genes, const char *cells, struct trio *files,
		      struct err *err)
{
	static const char *const gene_files[] = {"features.tsv", "genes.tsv", "features.txt",
						 "genes.txt"};
	static const char *const cell_files[] = {"barcodes.tsv", "cells.tsv", "barcodes.txt",
						 "cells.txt"};
	struct stat st;

	if (!str_eq(path, "-") && stat(path, &st))
		return err_set(err, "%s: %s", path, strerror(errno));
	bool folder = !str_eq(path, "-") && S_ISDIR(st.st_mode);
	files->matrix = folder ? matrix_in(path, err) : mem_str(path);
	if (!files->matrix)
		return -1;
	files->genes =
		genes ? mem_str(genes) : beside(files->matrix, gene_files, ARRAY_LEN(gene_files));
	files->cells =
		cells ? mem_str(cells) : beside(files->matrix, cell_files, ARRAY_LEN(cell_files));
	if (!files->genes)
		return err_set(err,
			       "%s: no features.tsv or genes.tsv beside it (give the list of "
			       "genes with --genes)",
			       files->matrix);
	if (!files->cells)
		return err_set(err,
			       "%s: no barcodes.tsv beside it (give the list of cells with "
			       "--cells)",
			       files->matrix);
	return 0;
}

/* ---- the lists ---- */

enum { LIST_COLUMNS = 3 };

/* The first columns of a list, tabs or else commas between them. */
struct list {
	struct names columns[LIST_COLUMNS];
	size_t n, n_columns;
};

static void list_release(struct list *list)
{
	for (size_t i = 0; i < LIST_COLUMNS; i++)
		names_release(&list->columns[i]);
}

static void add_field(struct names *column, const char *s, size_t len)
{
	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	names_add_n(column, s, len);
}

/* Cut at commas a line that had no tab; fields it lacks are empty. */
static void add_cut(struct list *list, const char *s)
{
	for (size_t i = 0; i < list->n_columns; i++) {
		size_t len = i + 1 < list->n_columns || list->n_columns == LIST_COLUMNS
				     ? (size_t)(strchrnul(s, ',') - s)
				     : strlen(s);
		add_field(&list->columns[i], s, len);
		s += len + (s[len] == ',');
	}
}

static size_t count_commas(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

static int read_list(const char *path, struct list *list, struct err *err)
{
	struct tsv *in = tsv_open_bare(path, err);
	int got = 0, ret = 0;

	if (!in)
		return -1;
	while (!ret && (got = tsv_next(in, err)) > 0) {
		bool cut = in->n_fields == 1;
		if (list->n++ == 0)
			list->n_columns = MIN(cut ? count_commas(in->fields[0]) + 1 : in->n_fields,
					      LIST_COLUMNS);
		/* Cell Ranger ARC gives a place on a chromosome only to what has one. */
		in->n_needed = cut ? 0 : list->n_columns;
		if (cut)
			add_cut(list, in->fields[0]);
		for (size_t i = 0; !cut && i < list->n_columns; i++)
			add_field(&list->columns[i], in->fields[i], in->lengths[i]);
		for (size_t i = 0; i < list->n_columns && !ret; i++) {
			const char *name = list->columns[i].s[list->n - 1];
			ret = import_check_text(in->path, in->line, name, strlen(name), err);
		}
	}
	tsv_close(in);
	return got < 0 ? -1 : ret;
}

/* Is the first line a heading? Asked only when there is one line too many. */
static bool is_heading(const char *s)
{
	static const char *const words[] = {
		"",          "x",       "v1",      "gene",       "genes",   "gene_id",  "gene_ids",
		"gene_name", "symbol",  "feature", "features",   "barcode", "barcodes", "cell",
		"cells",     "cell_id", "index",   "gene_names", "0",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(s, words[i]))
			return true;
	return false;
}

/* Take off a heading if that makes the list 'n' long. */
static void drop_heading(struct list *list, size_t n)
{
	if (list->n != n + 1 || !is_heading(list->columns[0].s[0]))
		return;
	list->n--;
	for (size_t i = 0; i < list->n_columns; i++) {
		struct names *column = &list->columns[i];
		memmove(column->s, column->s + 1, --column->n * sizeof(*column->s));
	}
}

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
		drop_heading(genes, as_genes ? m->n_rows : m->n_columns);
		drop_heading(cells, as_genes ? m->n_columns : m->n_rows);
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

	if (read_list(files->genes, &genes, err) || read_list(files->cells, &cells, err))
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
	ret = find_files(path, genes, cells, &files, err);
	if (ret == 0)
		ret = read_trio(&files, rows, choice, in, err);
	trio_release(&files);
	if (ret)
		import_release(in);
	return ret;
}
