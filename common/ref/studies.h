/* studies.h - curated Seurat objects in a folder, and the tables that describe them.
 *
 * The folder (SCRNASEQ_DATA_DIR) has metadata_summary.csv, a row per study; sample_summary.csv, a
 * row per sample and cell type; and seurat_objects/STUDY.curated.seurat.rds.
 *
 *	if (studies_add(&list, getenv("SCRNASEQ_DATA_DIR"), &samples, &err))
 *		die_err(&err);
 */
#ifndef REF_STUDIES_H
#define REF_STUDIES_H

#include "ref/ref_entry.h"
#include "ref/samples.h"

/*
 * Add the studies of a folder, one for each row: a study may have a row per condition. A study
 * whose object is missing is listed all the same; its cells are those of the table, or, where that
 * has none, the sum over its samples, which are added to 'samples'.
 */
int studies_add(struct references *list, const char *folder, struct samples *samples,
		struct err *err) MUST_USE;

#endif
