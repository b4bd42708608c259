/* model_arrays.h - numbers and names in a model's HDF5 file, read with distrust.
 *
 * What the containers of neural models share. A dataset is asked for by the shape that the model
 * gives it; anything else there, stored bytes that are missing, and numbers that are not finite are
 * errors that name file and place.
 *
 *	struct model_source s = {h5_file_new(path, err), err};
 *	float *w = model_floats(&s, "/params/w", 2, rows, columns);    // the caller frees
 *
 * Writing is h5ad/hdf5/own_file.h with h5ad/put.h.
 */
#ifndef VAE_MODEL_ARRAYS_H
#define VAE_MODEL_ARRAYS_H

#include "base/names.h"
#include "h5ad/hdf5/hdf5.h"

struct model_source {
	struct h5_file *f; /* borrowed */
	struct err *err;
};

/* rows x columns numbers of any kind; 'n_dims' 0: a scalar. NULL on failure, the caller frees. */
double *model_numbers(const struct model_source *s, const char *path, size_t n_dims, size_t rows,
		      size_t columns) MUST_USE;
float *model_floats(const struct model_source *s, const char *path, size_t n_dims, size_t rows,
		    size_t columns) MUST_USE;

/* Texts of an array, added to 'names'. */
int model_texts(const struct model_source *s, const char *path, struct names *names) MUST_USE;

#endif
