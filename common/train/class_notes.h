/* class_notes.h - what a model is told of its classes beside their names: ids, and what is above.
 *
 * Ids come from a column of the cells or from cl-map's map (class_ids.h), levels from columns
 * (class_levels.h). What cannot be read is found before training, which may take an hour.
 *
 *	struct class_notes n;
 *	if (class_notes_open(&n, &rules, obs, path, err))         // before the cells are read
 *		die_err(err);
 *	if (class_notes_read(&n, &cohort, obs, err))              // when the classes are known
 *		die_err(err);
 *	class_notes_give(&n, &cohort, model, &said, &warned);     // at the end
 *	class_notes_release(&n);
 */
#ifndef TRAIN_CLASS_NOTES_H
#define TRAIN_CLASS_NOTES_H

#include "base/comma_list.h"
#include "base/text.h"
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
	struct comma_list levels;
	struct class_levels paths;
	uint8_t *within; /* class_notes_nest's */
};

/* -1 on failure: release in any case. 'path' is the file of 'obs', for messages. */
int class_notes_open(struct class_notes *n, const struct class_notes_rules *rules,
		     struct frame *obs, const char *path, struct err *err) MUST_USE;
int class_notes_read(struct class_notes *n, const struct cohort *c, struct frame *obs,
		     struct err *err) MUST_USE;

/*
 * Which classes are below which, for --loss hce: n->within, by the ids and levels of the cohort's
 * classes. -1: the ontology cannot be read; refused: no class is below another.
 */
int class_notes_nest(struct class_notes *n, const struct cohort *c, struct err *err) MUST_USE;

/* Into the model; one line of what was done and one of what is doubtful, "" for nothing to say. */
void class_notes_give(const struct class_notes *n, const struct cohort *c, struct model *m,
		      struct text *said, struct text *warned);
void class_notes_release(struct class_notes *n);

#endif
