/* class_notes.h - what a model is told of its classes beside their names: ids, and what is above.
 *
 * Ids come from a column of the cells or from cl-map's map (class_ids.h), levels from columns
 * (class_levels.h). What cannot be read is found before training, which may take an hour.
 *
 *	struct class_notes n;
 *	if (class_notes_open(&n, &rules, file, err))              // before the cells are read
 *		die_err(err);
 *	if (class_notes_read(&n, &cohort, false, err))            // when the classes are known
 *		die_err(err);
 *	class_notes_give(&n, &cohort, model, &said, &warned);     // at the end
 *	class_notes_release(&n);
 */
#ifndef TRAIN_CLASS_NOTES_H
#define TRAIN_CLASS_NOTES_H

#include "base/names.h"
#include "base/text.h"
#include "h5ad/h5ad.h"
#include "onto/labelmap.h"
#include "train/class_levels.h"

struct class_notes_rules {
	const char *ids;    /* obs column, or NULL */
	const char *map;    /* file, or NULL */
	double min_score;   /* ids of the map with less are not used */
	const char *levels; /* "A,B": obs columns from coarse to fine, or NULL */
};

struct class_notes {
	const struct class_notes_rules *rules; /* borrowed */
	struct labelmap *map;
	struct column_groups ids;
	struct names levels;
	struct class_levels paths;
	uint8_t *within;   /* classes x classes, as lineage_within's; NULL unless asked for */
	struct h5ad *file; /* borrowed */
};

/* -1 on failure: release in any case. Borrows the file. */
int class_notes_open(struct class_notes *n, const struct class_notes_rules *rules,
		     struct h5ad *file, struct err *err) MUST_USE;

/*
 * Of the cohort's classes. With 'nested' also which of them are below which, by their ids and
 * levels, for --loss hce: refused when none is.
 */
int class_notes_read(struct class_notes *n, const struct cohort *c, bool nested,
		     struct err *err) MUST_USE;

/* Into the model; one line of what was done and one of what is doubtful, "" for nothing to say. */
void class_notes_give(const struct class_notes *n, const struct cohort *c, struct model *m,
		      struct text *said, struct text *warned);
void class_notes_release(struct class_notes *n);

#endif
