/* import_trio.c - see import_trio.h. */
#include "base/util.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "import/import_trio.h"

void trio_release(struct trio *files)
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

int trio_find(const char *path, const char *genes, const char *cells, struct trio *files,
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
