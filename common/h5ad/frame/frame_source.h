/* frame_source.h - where the frame of a file gets its columns.
 *
 * h5ad_obs and its like make a frame with the names of its columns and a source; frame.c asks the
 * source when a key or a column is wanted for the first time. In memory frames have none.
 *
 *	struct file_frame own = {.source = {read_keys, read_part, read_column, copy_column, forget}};
 *
 *	f->source = &own.source;             // frame_column(f, "cell_type", err) calls read_column
 */
#ifndef H5AD_FRAME_FRAME_SOURCE_H
#define H5AD_FRAME_FRAME_SOURCE_H

#include "h5ad/frame/frame.h"

struct frame_source {
	/* Fill f->keys (with pieces of f->arena). */
	int (*keys)(struct frame *f, struct err *err);
	/* Put keys [first, first + n) into f->part. Rows are asked for in order. */
	int (*key_part)(struct frame *f, size_t first, size_t n, struct err *err);
	/* Fill column i, check every value, and set its 'loaded' and 'from_file'. */
	int (*column)(struct frame *f, size_t i, struct err *err);
	/*
	 * Copy column i as it is stored to an open HDF5 group: 1, or 0 when it is stored in a way
	 * that the current dialect does not have, or -1 with 'err'. A writer asks this first.
	 */
	int (*copy)(const struct frame *f, size_t i, int64_t group, struct err *err);
	/* Free the source, but not the frame. */
	void (*free)(struct frame *f);
};

#endif
