/* container.h - the model file: HDF5, read in ten lines of h5py.
 *
 *	/            attributes: format "pipette-model", format_version 1, loss ("ovr-log" or
 *	             "softmax"), clip, target_sum, with_mean (0 or 1)
 *	/classes     names, UTF-8, fixed length (readers take variable length too)
 *	/genes       names
 *	/coef        rows x genes, float64; rows = classes, or 1 for a binary model
 *	/intercept   rows
 *	/mean /scale genes
 *	/cl_id       one per class; left out when unknown
 *	/depth       counts, confidence, novelty: of shallow cells (model/depth_needs.h); may lack
 *	/left_out    classes, cells: types that training had too few cells of; may lack
 *	/card        attributes name, source, url, version, details, date; dataset trained_on (JSON)
 *
 * Members that a reader does not know are ignored: later steps add groups (calibration, ood).
 * Fixed-length names and no time stamps: the same model gives the same bytes.
 */
#ifndef MODEL_CONTAINER_H
#define MODEL_CONTAINER_H

#include "model/model.h"

/* Does the file begin as an HDF5 file? */
bool container_is(const char *path);

/* Read a model; the caller checks it (model_check) and frees it. NULL on failure. */
struct model *container_read(const char *path, struct err *err) MUST_USE;

/* Write a model, whole or not at all; "-" is standard output. */
int container_write(const struct model *m, const char *path, struct err *err) MUST_USE;

/*
 * Cells x classes of doubles, written block by block: the datasets 'classes' (names), 'cells'
 * (names, of 'cell_width' bytes at most) and one float64 matrix called 'name'. Used for decisions
 * and probabilities.
 */
struct score_file;
struct score_file *score_file_open(const char *path, const char *name, char *const *classes,
				   size_t n_classes, size_t n_cells, size_t cell_width,
				   struct err *err) MUST_USE;
int score_file_add(struct score_file *f, char *const *cells, const double *scores, size_t n_cells,
		   struct err *err) MUST_USE;
int score_file_finish(struct score_file *f, struct err *err) MUST_USE; /* frees 'f' in any case */
void score_file_abort(struct score_file *f);                           /* NULL is fine */

#endif
