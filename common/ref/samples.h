/* samples.h - the samples of local studies, and how many cells of which type each has.
 *
 * sample_summary.csv has a row per sample and cell type: study_id, sample_id, celltype, n. What is
 * kept of it here is every row, in the file's order, so that studies can be chosen by the types
 * they have, and samples listed.
 *
 *	struct samples s = {0};
 *	if (samples_read(&s, "sample_summary.csv", err))
 *		die_err(err);
 *	n = samples_cells(&s, "21", is_t_cell, NULL);
 *	samples_release(&s);
 */
#ifndef REF_SAMPLES_H
#define REF_SAMPLES_H

#include "base/err.h"
#include "base/strtab.h"

struct ref_sample {
	const char *study, *id, *type; /* of 'arena'; 'id' is "" where the table has none */
	size_t cells;
};

struct samples {
	struct ref_sample *items;
	size_t n, cap;
	struct arena arena;
};

/* Add a table's rows. A column that lacks, or a count that is none, is an error with its line. */
int samples_read(struct samples *s, const char *path, struct err *err) MUST_USE;
void samples_release(struct samples *s);

/* Is it a row to count or to keep? */
typedef bool samples_test(void *arg, const struct ref_sample *sample);

/* The cells of a study's rows for which 'test' holds; NULL: of all. */
size_t samples_cells(const struct samples *s, const char *study, samples_test *test, void *arg);

/* How many cell types a study's rows have. */
size_t samples_types(const struct samples *s, const char *study);

/* Leave only the rows for which 'test' holds. */
void samples_keep(struct samples *s, samples_test *test, void *arg);

/* As TSV: id (the study's), sample, celltype, cells. */
int samples_write(const struct samples *s, const char *path, struct err *err) MUST_USE;

/*
 * A number of cells as pandas writes it, "6000.0" where some are missing; "", NA and nan are 0.
 * False when it is none.
 */
bool samples_count(const char *text, size_t *count);

#endif
