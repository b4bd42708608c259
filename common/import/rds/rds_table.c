/* rds_table.c - see rds_table.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/rds_table.h"
#include "import/rds/time.h"
#include "import/rds/wire.h"

bool rds_is_table(const struct rds *file, const struct rds_value *v)
{
	return rds_inherits(file, v, "data.frame") ||
	       (rds_is(v, RDS_S4) && rds_is(rds_slot(file, v, "listData"), RDS_LIST));
}

/* Row names are text, or integers: whole, or as c(NA, -n) when they are 1 to n. */
static void read_row_names(struct rds_table *t, const struct rds_value *names)
{
	double n = rds_number(names, 1);
	if (rds_is(names, RDS_STRING) && !names->dropped)
		t->keys = names;
	if (rds_is(names, RDS_INTEGER) && names->n == 2 && isnan(rds_number(names, 0)) &&
	    fabs(n) <= INT32_MAX)
		t->n_rows = (size_t)fabs(n);
	else
		t->n_rows = (size_t)rds_length(names);
}

int rds_table_open(struct rds_table *t, const struct rds *file, const struct rds_value *v,
		   struct err *err)
{
	*t = (struct rds_table){.file = file};
	if (rds_is(v, RDS_S4)) {
		double n = rds_number(rds_slot(file, v, "nrows"), 0);
		t->columns = rds_slot(file, v, "listData");
		read_row_names(t, rds_slot(file, v, "rownames"));
		if (!t->keys)
			t->n_rows = n >= 0 && n <= INT32_MAX ? (size_t)n : 0;
		return 0;
	}
	if (!rds_is(v, RDS_LIST))
		return err_set(err, "a %s where a data frame must be", rds_class(file, v));
	t->columns = v;
	read_row_names(t, rds_attribute(file, v, "row.names"));
	return 0;
}

/* ---- columns ---- */

struct filling {
	const struct rds *file;
	const struct rds_value *v;
	const uint32_t *rows;
	size_t n;
	struct column *out;
};

static uint32_t row_of(const struct filling *f, size_t i)
{
	return f->rows ? f->rows[i] : (uint32_t)i;
}

/* The missing marks go when there is nothing to mark. */
static void finish(struct column *c)
{
	if (!c->missing || memchr(c->missing, 1, c->n))
		return;
	free(c->missing);
	c->missing = NULL;
}

static void fill_logical(const struct filling *f)
{
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		if (row == STRTAB_NONE || f->v->ints[row] == RDS_NA_INT)
			continue;
		f->out->bools[i] = f->v->ints[row] != 0;
		f->out->missing[i] = 0;
	}
}

static void fill_integer(const struct filling *f)
{
	f->out->width = 4;
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		if (row == STRTAB_NONE || f->v->ints[row] == RDS_NA_INT)
			continue;
		f->out->ints[i] = f->v->ints[row];
		f->out->missing[i] = 0;
	}
}

/* bit64 keeps 64-bit integers in the bits of doubles. */
static void fill_integer64(const struct filling *f)
{
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		int64_t value = INT64_MIN;
		if (row != STRTAB_NONE)
			memcpy(&value, &f->v->reals[row], sizeof(value));
		if (value == INT64_MIN)
			continue;
		f->out->ints[i] = value;
		f->out->missing[i] = 0;
	}
}

static void fill_number(const struct filling *f)
{
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		double value = row == STRTAB_NONE ? NAN : rds_number(f->v, row);
		f->out->floats[i] = isnan(value) ? NAN : value;
		f->out->missing[i] = isnan(value);
	}
}

static void fill_text(const struct filling *f)
{
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		const char *s = row == STRTAB_NONE ? NULL : rds_text(f->file, f->v, row);
		if (s)
			column_set_string(f->out, i, s);
	}
}

static void fill_time(const struct filling *f)
{
	bool day = rds_inherits(f->file, f->v, "Date");
	char text[TIME_TEXT];
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		double value = row == STRTAB_NONE ? NAN : rds_number(f->v, row);
		if (day ? time_day(text, value) : time_moment(text, value))
			column_set_string(f->out, i, text);
	}
}

/* Level by level: which category it is. NA levels are none; equal levels are one. */
static int32_t *read_levels(const struct rds *file, const struct rds_value *levels,
			    struct column *out)
{
	struct strtab seen = {0};
	size_t n = (size_t)rds_length(levels);
	int32_t *category;
	MEM_ARRAY(category, n);
	MEM_ARRAY(out->categories, n);
	for (size_t i = 0; i < n; i++) {
		const char *s = rds_text(file, levels, i);
		category[i] = s ? (int32_t)strtab_add(&seen, s) : -1;
		if (s && seen.n > out->n_categories)
			out->categories[out->n_categories++] = arena_str(&out->arena, s, strlen(s));
	}
	strtab_release(&seen);
	return category;
}

static void fill_factor(const struct filling *f)
{
	const struct rds_value *levels = rds_attribute(f->file, f->v, "levels");
	int64_t n = (int64_t)rds_length(levels);
	int32_t *category = read_levels(f->file, levels, f->out);
	f->out->ordered = rds_inherits(f->file, f->v, "ordered");
	for (size_t i = 0; i < f->n; i++) {
		uint32_t row = row_of(f, i);
		int32_t code = row == STRTAB_NONE ? RDS_NA_INT : f->v->ints[row];
		if (code >= 1 && code <= n)
			f->out->codes[i] = category[code - 1];
	}
	free(category);
}

struct shape {
	enum column_kind kind;
	void (*fill)(const struct filling *f);
};

/* NULL for what is not a plain column. */
static const struct shape *shape_of(const struct rds *file, const struct rds_value *v)
{
	static const struct shape factor = {COLUMN_CATEGORY, fill_factor},
				  logical = {COLUMN_BOOL, fill_logical},
				  integer = {COLUMN_INT, fill_integer},
				  integer64 = {COLUMN_INT, fill_integer64},
				  number = {COLUMN_FLOAT, fill_number},
				  text = {COLUMN_STRING, fill_text},
				  time = {COLUMN_STRING, fill_time};
	if (v->dropped || rds_attribute(file, v, "dim"))
		return NULL;
	if (v->type == RDS_INTEGER && rds_inherits(file, v, "factor"))
		return &factor;
	if (rds_inherits(file, v, "Date") || rds_inherits(file, v, "POSIXct"))
		return v->type == RDS_INTEGER || v->type == RDS_REAL ? &time : NULL;
	switch (v->type) {
	case RDS_LOGICAL:
		return &logical;
	case RDS_INTEGER:
		return &integer;
	case RDS_REAL:
		return rds_inherits(file, v, "integer64") ? &integer64 : &number;
	case RDS_FLOAT:
		return &number;
	case RDS_STRING:
		return &text;
	default:
		return NULL;
	}
}

/* Run-length encoding: row by row the run it is in. NULL when the runs are not 'n_rows' long. */
static uint32_t *spell_runs(const struct rds_value *lengths, size_t n_rows)
{
	uint32_t *run_of;
	size_t row = 0;
	MEM_ARRAY(run_of, n_rows);
	for (uint64_t run = 0; run < rds_length(lengths); run++) {
		double n = rds_number(lengths, run);
		if (!(n >= 0 && n <= (double)(n_rows - row)))
			break;
		for (size_t end = row + (size_t)n; row < end; row++)
			run_of[row] = (uint32_t)run;
	}
	if (row == n_rows)
		return run_of;
	free(run_of);
	return NULL;
}

static bool run_column(const struct rds *file, const struct rds_value *v, const char *name,
		       const uint32_t *rows, size_t n, size_t n_rows, struct column *out)
{
	const struct rds_value *values = rds_slot(file, v, "values");
	const struct rds_value *lengths = rds_slot(file, v, "lengths");
	uint32_t *run_of = rows || n == n_rows ? spell_runs(lengths, n_rows) : NULL, *mapped;
	if (!run_of)
		return false;
	MEM_ARRAY(mapped, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t row = rows ? rows[i] : (uint32_t)i;
		mapped[i] = row == STRTAB_NONE ? STRTAB_NONE : run_of[row];
	}
	bool ok = rds_length(values) == rds_length(lengths) &&
		  rds_column(file, values, name, mapped, n, (size_t)rds_length(values), out);
	free(mapped);
	free(run_of);
	return ok;
}

bool rds_column(const struct rds *file, const struct rds_value *v, const char *name,
		const uint32_t *rows, size_t n, size_t n_rows, struct column *out)
{
	if (rds_is(v, RDS_S4) && rds_inherits(file, v, "Rle")) {
		const struct rds_value *values = rds_slot(file, v, "values");
		return !rds_is(values, RDS_S4) && run_column(file, v, name, rows, n, n_rows, out);
	}
	const struct shape *shape = v ? shape_of(file, v) : NULL;
	if (!shape || rds_length(v) != n_rows || (!rows && n != n_rows))
		return false;
	*out = column_new(name, shape->kind, n);
	shape->fill(&(struct filling){file, v, rows, n, out});
	finish(out);
	return true;
}

/* A slash would make a folder of an h5ad column. The caller frees. */
static char *column_name(const struct rds_table *t, uint64_t i)
{
	const char *name = rds_name(t->file, t->columns, i);
	if (!name || !*name)
		return mem_printf("column_%llu", (unsigned long long)i + 1);
	char *copy = mem_str(name);
	for (char *c = copy; *c; c++)
		if (*c == '/')
			*c = '_';
	return copy;
}

void rds_table_fill(const struct rds_table *t, struct frame *f, const uint32_t *rows,
		    struct text *skipped)
{
	for (uint64_t i = 0; i < rds_length(t->columns); i++) {
		char *name = column_name(t, i);
		struct column c;
		if (rds_column(t->file, rds_item(t->columns, i), name, rows, f->n_rows, t->n_rows,
			       &c))
			frame_add(f, &c);
		else
			text_add(skipped, "%s%s", skipped->len ? ", " : "", name);
		free(name);
	}
}

/* ---- names ---- */

static bool same_names(const struct rds *file, const struct rds_value *in, char *const *names,
		       size_t n)
{
	if (rds_length(in) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *s = rds_text(file, in, i);
		if (!s || !str_eq(s, names[i]))
			return false;
	}
	return true;
}

uint32_t *rds_match(const struct rds *file, const struct rds_value *in, char *const *names,
		    size_t n, size_t *n_found)
{
	*n_found = n;
	if (same_names(file, in, names, n))
		return NULL;
	struct strtab places = {0};
	uint32_t *rows, *first;
	MEM_ARRAY(rows, n);
	MEM_ARRAY(first, (size_t)rds_length(in));
	for (uint64_t i = 0; i < rds_length(in); i++) {
		const char *s = rds_text(file, in, i);
		size_t before = places.n;
		if (s && strtab_add(&places, s) == before)
			first[before] = (uint32_t)i;
	}
	*n_found = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t id = strtab_find(&places, names[i]);
		rows[i] = id == STRTAB_NONE ? STRTAB_NONE : first[id];
		*n_found += id != STRTAB_NONE;
	}
	free(first);
	strtab_release(&places);
	return rows;
}
