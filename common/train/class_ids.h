/* class_ids.h - the Cell Ontology ids of a model's classes.
 *
 * From the cells themselves, when their file has a column of ids beside the labels (concat --ids
 * writes one), or from a map of labels:
 *
 *	struct column_groups ids = column_group(frame_column(obs, "cl_id", &err));
 *	size_t n = class_ids_from_cells(model, &cohort, &ids, &n_split);
 *
 * Both return how many classes have an id; with none the model stores no ids.
 */
#ifndef TRAIN_CLASS_IDS_H
#define TRAIN_CLASS_IDS_H

#include "model/model.h"
#include "onto/labelmap.h"
#include "train/cohort/cohort.h"

/*
 * Every class gets the id that most of its cells have, of equals the first by bytes; "unknown" is
 * none. 'ids' are of all rows of the file. *n_split counts classes whose cells have several.
 */
size_t class_ids_from_cells(struct model *m, const struct cohort *c,
			    const struct column_groups *ids, size_t *n_split);

/* The id that the map has for the class as a label, if its score is not below 'min_score'. */
size_t class_ids_from_map(struct model *m, const struct labelmap *map, double min_score);

#endif
