/* container_private.h - what the files behind container.h share. Only container*.c include it. */
#ifndef MODEL_CONTAINER_PRIVATE_H
#define MODEL_CONTAINER_PRIVATE_H

#include <hdf5.h>

#include "model/model.h"

#define CONTAINER_FORMAT "pipette-model"
#define CONTAINER_VERSION 1
#define N_CARD_TEXTS 6
#define CONTAINER_NAME_BYTES ((size_t)1 << 16) /* of one name, at most */

extern const char *const container_card_names[N_CARD_TEXTS];
char **container_card_text(struct model_card *card, size_t i);

/* UTF-8 text of 'width' bytes, filled up with zeros. Close it with H5Tclose. */
hid_t container_text_type(size_t width);

/* A vector (rank 1) or matrix (rank 2) of 'stored' numbers, given as 'memory'. */
bool container_write_array(hid_t at, const char *name, hid_t stored, hid_t memory, int rank,
			   const hsize_t *dims, const void *values);

/* A group without time stamps; below 0 on failure. */
hid_t container_create_group(hid_t at, const char *name);

/* Names as UTF-8 text of the width of the longest. */
bool container_write_names(hid_t at, const char *name, char *const *names, size_t n);

/* ---- reading: what is wrong goes to 'err', with the path in front ---- */

struct container_source {
	hid_t file;
	const char *path;
	struct err *err;
};

/* Open a dataset with 'rank' dimensions of a sane size; below 0 on failure. */
hid_t container_open(struct container_source *s, const char *name, int rank, hsize_t dims[2]);

/*
 * Sizes come from the file: no more memory for so many values of 'size' bytes than its stored bytes
 * can stand for, deflate's best being about 1032 to 1.
 */
int container_check_stored(struct container_source *s, hid_t dataset, const char *name,
			   uint64_t n_rows, uint64_t n_columns, size_t size) MUST_USE;

/* A matrix, or with n_rows 0 a vector, of that shape. */
int container_read_numbers(struct container_source *s, const char *name, size_t n_rows,
			   size_t n_columns, double *values) MUST_USE;

/* The same in single precision; all must be finite. */
int container_read_floats(struct container_source *s, const char *name, size_t n_rows,
			  size_t n_columns, float *values) MUST_USE;

/* The groups that may be absent (model/annex.h): factors, calibration, landmarks. */
int container_read_annex(struct container_source *s, struct model *m) MUST_USE;
bool container_write_annex(hid_t file, const struct model *m);

/* 'n' names of a dataset that has been opened; fixed or variable length. The model keeps them. */
int container_read_names(struct container_source *s, hid_t dataset, const char *what,
			 struct model *m, char **names, size_t n) MUST_USE;

/* An attribute that is one number. */
int container_read_number(struct container_source *s, const char *name, double *value) MUST_USE;

/* A text attribute, owned by the caller; NULL when it is not there or not one text. */
char *container_text(hid_t at, const char *name);

#endif
