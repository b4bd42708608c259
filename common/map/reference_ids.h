/* reference_ids.h - Cell Ontology ids beside a reference's labels, from a table or from its cells.
 *
 *	if (frame_find(obs, "cell_type_id")
 *		    ? reference_ids_of_cells(ref, obs, "cell_type_id", &err)
 *		    : reference_ids_read(ref, "map.tsv", &err))
 *		die_err(&err);
 *	use(ref->labels[0].ids[label]);                     // "" where nothing is known
 *
 * Calls made by the reference carry them, so that they meet those of other models in an ensemble.
 */
#ifndef MAP_REFERENCE_IDS_H
#define MAP_REFERENCE_IDS_H

#include "h5ad/frame/frame.h"
#include "map/reference.h"

/* A TSV with the columns label and id, for every column of labels. Of a label's rows the first. */
int reference_ids_read(struct reference *ref, const char *path, struct err *err) MUST_USE;

/*
 * The ids that the atlas's cells have in a column of obs, for the first column of labels: of each
 * label the id of its first cell that has one.
 */
int reference_ids_of_cells(struct reference *ref, struct frame *obs, const char *column,
			   struct err *err) MUST_USE;

#endif
