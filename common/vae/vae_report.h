/* vae_report.h - what a person reads of training and mapping: history and calls.
 *
 *	tsv_write_file(path, vae_put_calls, &calls, err);
 *
 * History: a row per epoch. Calls: the predictions table (calls/calls.h) from probabilities, with
 * prototypes two columns more: distance and distance_quantile. Both go to tsv_write_file.
 */
#ifndef VAE_VAE_REPORT_H
#define VAE_VAE_REPORT_H

#include "format/tsv.h"
#include "h5ad/frame/frame.h"
#include "matrix/row_file.h"
#include "vae/vae_training.h"

/* Epochs as they come; zeroed is empty. */
struct vae_history {
	struct vae_epoch *epochs;
	size_t n, cap;
};
void vae_history_add(struct vae_history *h, const struct vae_epoch *e);
void vae_history_release(struct vae_history *h);
int vae_put_history(struct tsv_writer *w, void *history, struct err *err) MUST_USE;

/* What calls are made of; all borrowed. Without probabilities a table has not a byte. */
struct vae_calls {
	struct frame *obs; /* names of the cells */
	size_t n_cells, n_labels;
	const struct names *labels; /* n_labels of them, and what else there may be */
	struct row_file *p;         /* n_labels wide, or without a width */
	struct row_file *nearest;   /* to the prototype: two more columns; or without */
	const bool *empty;          /* cells without a count are "Unknown"; or NULL */
	const char *model;          /* its name in the table */
};
int vae_put_calls(struct tsv_writer *w, void *calls, struct err *err) MUST_USE;

/* Probabilities: the cell, then a column per class. */
int vae_put_probabilities(struct tsv_writer *w, void *calls, struct err *err) MUST_USE;

#endif
