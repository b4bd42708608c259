/* model_arrays.c - numbers and names in a model's file; see model_arrays.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "h5ad/array.h"
#include "h5ad/hdf5/own_file.h"
#include "vae/model_arrays.h"

double *model_numbers(const struct model_source *s, const char *path, size_t n_dims, size_t rows,
		      size_t columns)
{
	const struct own_shape shape = {(int)n_dims, rows, columns};
	double *values;

	if (own_file_check(s->f, path, &shape, s->err))
		return NULL;
	MEM_ZERO(values, mem_product(rows, columns) + 1);
	if (own_file_read(s->f, path, &shape, H5T_NATIVE_DOUBLE, values, s->err)) {
		free(values);
		return NULL;
	}
	for (size_t i = 0; values && i < rows * columns; i++) {
		if (isfinite(values[i]))
			continue;
		err_set(s->err, "%s: %s: holds a number that is not finite", s->f->path, path);
		free(values);
		values = NULL;
	}
	return values;
}

int model_texts(const struct model_source *s, const char *path, struct names *names)
{
	struct arena arena = {0};
	char **texts = NULL;
	struct array a;
	int ret = -1;

	if (array_open(&a, s->f, path, NULL, s->err) == 0) {
		if (a.kind != ARRAY_STRING)
			err_set(s->err, "%s: %s: not text", s->f->path, path);
		else if (h5_check_stored(s->f, a.dataset, path, s->err) == 0) {
			MEM_ZERO(texts, a.n + 1);
			ret = array_strings(&a, &arena, texts, s->err);
		}
		for (size_t i = 0; ret == 0 && i < a.n; i++)
			names_add(names, texts[i]);
	}
	array_close(&a);
	free(texts);
	arena_release(&arena);
	return ret;
}

float *model_floats(const struct model_source *s, const char *path, size_t n_dims, size_t rows,
		    size_t columns)
{
	double *values = model_numbers(s, path, n_dims, rows, columns);
	float *out;

	if (!values)
		return NULL;
	MEM_ZERO(out, rows * columns + 1);
	for (size_t i = 0; i < rows * columns; i++)
		out[i] = (float)values[i];
	free(values);
	return out;
}
