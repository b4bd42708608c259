/* spatial_table.c - positions and measures of the cells, in the order of the matrix. */
#include "base/util.h"

#include <math.h>

#include "base/strtab.h"
#include "base/text.h"
#include "format/csv.h"
#include "import/spatial.h"

/* What an instrument calls things: any of the words, in this order. */
struct called {
	const char *key[3], *x[3], *y[3];
};

static const struct called called[] = {
	[SPATIAL_XENIUM] = {{"cell_id"}, {"x_centroid"}, {"y_centroid"}},
	[SPATIAL_VISIUM] = {{"barcode"}, {"pxl_col_in_fullres"}, {"pxl_row_in_fullres"}},
	[SPATIAL_MERSCOPE] = {{"EntityID", "cell", ""}, {"center_x"}, {"center_y"}},
	[SPATIAL_COSMX] = {{"fov"},
			   {"CenterX_global_px", "CenterX_local_px"},
			   {"CenterY_global_px", "CenterY_local_px"}},
};

/* The columns of tissue_positions_list.csv, which does not say. */
static const char *const visium_columns[] = {
	"barcode",   "in_tissue",          "array_row",
	"array_col", "pxl_row_in_fullres", "pxl_col_in_fullres"};

struct reading {
	struct spatial *s;
	struct csv *in;
	struct strtab cells;
	size_t key, second, x, y; /* columns; 'second' is CosMx's cell_ID */
	bool *seen;
};

static size_t column_of(const struct csv *in, const char *const *words)
{
	for (size_t i = 0; i < 3 && words[i]; i++)
		if (csv_column(in, words[i]) != SIZE_MAX)
			return csv_column(in, words[i]);
	return SIZE_MAX;
}

static int find_columns(struct reading *r, struct err *err)
{
	const struct called *c = &called[r->s->kind];

	r->key = column_of(r->in, c->key);
	r->x = column_of(r->in, c->x);
	r->y = column_of(r->in, c->y);
	r->second = r->s->kind == SPATIAL_COSMX ? csv_column(r->in, "cell_ID") : SIZE_MAX;
	if (r->key == SIZE_MAX || r->x == SIZE_MAX || r->y == SIZE_MAX ||
	    (r->s->kind == SPATIAL_COSMX && r->second == SIZE_MAX))
		return err_set(err, "%s: no table of %s's cells: there is no column %s",
			       r->s->table, spatial_name(r->s->kind),
			       r->key == SIZE_MAX ? *c->key[0] ? c->key[0] : "of names"
			       : r->x == SIZE_MAX ? c->x[0]
			       : r->y == SIZE_MAX ? c->y[0]
						  : "cell_ID");
	return 0;
}

static int position(const struct reading *r, const char *field, float *value, struct err *err)
{
	double x;

	if (!parse_double(field, &x) || !isfinite(x) || fabs(x) > 1e15)
		return err_set(err, "%s: line %zu: '%.40s' is no position", r->s->table,
			       r->in->line, field);
	*value = (float)x;
	return 0;
}

/* One row, of fields; 'header' is true for the first line of a table that has no header. */
static int take_row(struct reading *r, char **fields, struct err *err)
{
	struct spatial *s = r->s;
	char *both = r->second == SIZE_MAX ? mem_str(fields[r->key])
					   : mem_printf("%s_%s", fields[r->key], fields[r->second]);
	uint32_t cell = strtab_find(&r->cells, both);
	size_t column = 0;

	free(both);
	if (cell == STRTAB_NONE) {
		s->n_others++;
		return 0;
	}
	if (r->seen[cell])
		return err_set(err, "%s: line %zu: cell '%s' stands there twice", s->table,
			       r->in->line, strtab_str(&r->cells, cell));
	r->seen[cell] = true;
	if (position(r, fields[r->x], &s->positions[2 * cell], err) ||
	    position(r, fields[r->y], &s->positions[2 * cell + 1], err))
		return -1;
	for (size_t i = 0; i < r->in->n_fields; i++) {
		if (i == r->key || i == r->x || i == r->y)
			continue;
		if (*fields[i])
			s->values[column][cell] =
				arena_str(&s->arena, fields[i], strlen(fields[i]));
		column++;
	}
	return 0;
}

static void start_columns(struct reading *r, char *const *header, size_t n_cells)
{
	struct spatial *s = r->s;

	MEM_ZERO(s->positions, 2 * n_cells);
	MEM_ARRAY(s->names, r->in->n_fields);
	MEM_ARRAY(s->values, r->in->n_fields);
	for (size_t i = 0; i < r->in->n_fields; i++) {
		if (i == r->key || i == r->x || i == r->y)
			continue;
		s->names[s->n_columns] = arena_str(&s->arena, *header[i] ? header[i] : "unnamed",
						   strlen(*header[i] ? header[i] : "unnamed"));
		MEM_ZERO(s->values[s->n_columns], n_cells);
		s->n_columns++;
	}
}

/* Visium's older table has no header: its first line is a row. */
static bool is_bare(const struct reading *r)
{
	return r->s->kind == SPATIAL_VISIUM && csv_column(r->in, "barcode") == SIZE_MAX &&
	       r->in->n_fields == ARRAY_LEN(visium_columns);
}

static int read_rows(struct reading *r, size_t n_cells, struct err *err)
{
	bool bare = is_bare(r);
	int got;

	if (bare) {
		r->key = 0;
		r->x = 5;
		r->y = 4;
		r->second = SIZE_MAX;
	} else if (find_columns(r, err)) {
		return -1;
	}
	start_columns(r, bare ? (char *const *)(uintptr_t)visium_columns : r->in->header, n_cells);
	if (bare && take_row(r, r->in->header, err))
		return -1;
	while ((got = csv_next(r->in, err)) > 0)
		if (take_row(r, r->in->fields, err))
			return -1;
	return got;
}

static int check_all(struct reading *r, struct err *err)
{
	struct spatial *s = r->s;
	size_t missing = 0, first = SIZE_MAX;

	s->all_at_once = r->cells.n > 1;
	for (size_t i = 0; i < r->cells.n; i++) {
		if (!r->seen[i] && missing++ == 0)
			first = i;
		s->all_at_once &= s->positions[2 * i] == s->positions[0] &&
				  s->positions[2 * i + 1] == s->positions[1];
	}
	if (missing)
		return err_set(
			err, "%s: %zu of %zu cells have no position there, the first is '%s'",
			s->table, missing, r->cells.n, strtab_str(&r->cells, (uint32_t)first));
	return 0;
}

int spatial_table(struct spatial *s, const struct names *cells, struct err *err)
{
	struct reading r = {.s = s, .in = csv_open(s->table, err)};
	int ret = -1;

	for (size_t i = 0; i < cells->n; i++)
		strtab_add(&r.cells, cells->s[i]);
	MEM_ZERO(r.seen, cells->n + 1);
	if (r.cells.n < cells->n)
		err_set(err, "%s: %zu cells have the name of another", s->matrix,
			cells->n - r.cells.n);
	else if (r.in && !read_rows(&r, cells->n, err))
		ret = check_all(&r, err);
	csv_close(r.in);
	strtab_release(&r.cells);
	free(r.seen);
	return ret;
}

void spatial_release(struct spatial *s)
{
	for (size_t i = 0; i < s->n_columns; i++)
		free(s->values[i]);
	free(s->values);
	free(s->names);
	free(s->positions);
	free(s->matrix);
	free(s->table);
	arena_release(&s->arena);
	*s = (struct spatial){0};
}
