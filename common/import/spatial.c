/* spatial.c - what is in the folder of an instrument, and its matrix. */
#include "base/util.h"

#include <dirent.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/text.h"
#include "format/lines.h"
#include "import/spatial.h"
#include "import/tenx.h"

const char *spatial_name(enum spatial_kind kind)
{
	static const char *const names[] = {"", "Xenium", "Visium", "MERSCOPE", "CosMx"};

	return names[kind];
}

/* ---- finding ---- */

/* The one file of a folder whose name ends so, plain or .gz; the caller frees. NULL: none. */
static char *ending(const char *folder, const char *end, struct err *err)
{
	DIR *dir = opendir(folder);
	char *packed = mem_printf("%s.gz", end), *found = NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (!str_ends(entry->d_name, end) && !str_ends(entry->d_name, packed)))
			continue;
		if (found) {
			err_set(err, "%s: several files end in %s", folder, end);
			break;
		}
		found = mem_printf("%s/%s", folder, entry->d_name);
	}
	if (dir)
		closedir(dir);
	free(packed);
	return found;
}

/* The first of the names that is there; the caller frees. */
static char *first_of(const char *folder, const char *const *names)
{
	for (; *names; names++) {
		char *path = mem_printf("%s/%s", folder, *names);
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static int find_named(struct spatial *s, const char *folder)
{
	static const char *const xenium[] = {"cell_feature_matrix.h5", NULL};
	static const char *const cells[] = {"cells.csv.gz", "cells.csv", NULL};
	static const char *const visium[] = {"filtered_feature_bc_matrix.h5",
					     "raw_feature_bc_matrix.h5", NULL};
	static const char *const spots[] = {"spatial/tissue_positions.csv",
					    "spatial/tissue_positions_list.csv", NULL};

	s->matrix = first_of(folder, xenium);
	if (s->matrix) {
		s->kind = SPATIAL_XENIUM;
		s->table = first_of(folder, cells);
		return 0;
	}
	s->table = first_of(folder, spots);
	if (s->table) {
		s->kind = SPATIAL_VISIUM;
		s->matrix = first_of(folder, visium);
	}
	return 0;
}

static void find_ending(struct spatial *s, const char *folder, struct err *err)
{
	s->matrix = ending(folder, "cell_by_gene.csv", err);
	if (s->matrix) {
		s->kind = SPATIAL_MERSCOPE;
		s->table = ending(folder, "cell_metadata.csv", err);
		return;
	}
	s->matrix = ending(folder, "exprMat_file.csv", err);
	if (s->matrix) {
		s->kind = SPATIAL_COSMX;
		s->table = ending(folder, "metadata_file.csv", err);
	}
}

int spatial_find(struct spatial *s, const char *folder, struct err *err)
{
	static const char *const wanted[] = {
		"", "cells.csv or cells.csv.gz", "filtered_feature_bc_matrix.h5",
		"a file that ends in cell_metadata.csv", "a file that ends in metadata_file.csv"};
	static const char *const parquet[] = {"cells.parquet", NULL};
	char *packed;

	*s = (struct spatial){0};
	find_named(s, folder);
	if (s->kind == SPATIAL_NONE)
		find_ending(s, folder, err);
	if (err_is_set(err) || s->kind == SPATIAL_NONE || (s->matrix && s->table))
		return err_is_set(err) ? -1 : 0;
	packed = first_of(folder, parquet);
	err_set(err, "%s: a %s folder, but there is no %s%s", folder, spatial_name(s->kind),
		wanted[s->kind],
		packed ? " (cells.parquet is not read: write it as csv, for example with pandas: "
			 "pd.read_parquet('cells.parquet').to_csv('cells.csv', index=False))"
		       : "");
	free(packed);
	return -1;
}

/* ---- the matrix ---- */

/* Field 'n' of a line without quotes, and its length. */
static const char *field_at(const char *line, size_t n, size_t *len)
{
	while (n-- && (line = strchr(line, ',')))
		line++;
	*len = line ? strcspn(line, ",") : 0;
	return line;
}

/*
 * CosMx names a cell by two columns, fov and cell_ID, of which 0 is what lies outside cells: a copy
 * of the table with both as one name, FOV_CELL, for the reader of tables.
 */
static int join_names(const char *path, FILE *out, struct err *err)
{
	struct lines *in = lines_open(path, err);
	size_t n, m;
	int got = -1;

	while (in && (got = lines_next(in, err)) > 0) {
		const char *fov = field_at(in->text, 0, &n), *cell = field_at(in->text, 1, &m);
		if (!cell || n == 0 || m == 0 || in->text[0] == '"') {
			if (in->number > 1 || !in->text[0] || in->text[0] != '"') {
				got = err_set(err,
					      "%s: line %zu: does not begin with fov and cell_ID",
					      in->path, in->number);
				break;
			}
		}
		if (in->number == 1) {
			const char *second = strchr(in->text, ',');
			second = second ? strchr(second + 1, ',') : NULL;
			if (!strstr(in->text, "fov") || !strstr(in->text, "cell_ID") || !second) {
				got = err_set(err, "%s: does not begin with fov and cell_ID",
					      in->path);
				break;
			}
			fprintf(out, "cell%s\n", second);
			continue;
		}
		if (m == 1 && *cell == '0')
			continue;
		fprintf(out, "%.*s_%.*s%s\n", (int)n, fov, (int)m, cell, cell + m);
	}
	lines_close(in);
	return got;
}

static int import_cosmx(const char *path, struct import *in, struct err *err)
{
	char *name = NULL;
	int fd = scratch_named(NULL, &name, err), ret = -1;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "wb");

	if (out && !join_names(path, out, err)) {
		if (fflush(out))
			err_errno(err, "temporary file for the matrix: cannot be written");
		else
			ret = import_table(name, ORIENT_CELLS, in, err);
	}
	if (out)
		fclose(out);
	scratch_unname(name);
	return ret;
}

int spatial_matrix(const struct spatial *s, const struct feature_choice *choice, struct pool *pool,
		   struct import *in, struct err *err)
{
	if (s->kind == SPATIAL_COSMX)
		return import_cosmx(s->matrix, in, err);
	if (s->kind == SPATIAL_MERSCOPE)
		return import_table(s->matrix, ORIENT_CELLS, in, err);
	return import_tenx(s->matrix, choice, pool, in, err);
}
