/* figures.h - the queries' pictures as files for slides: what the page shows, on white, large.
 *
 * Of each query, as far as there is anything to show, in 'folder':
 *
 *	NAME.cells.label.png       and .confidence, .novelty, .sample, .model: the cells by those
 *	NAME.atlas.*, NAME.space.*, NAME.domains.label.png   over the atlas, in the tissue
 *	NAME.genes.png             the dot plot of the labels' marker genes
 *	NAME.calibration.png       how often labels are right, by their confidence
 *	NAME.composition.png       each label's share over the samples; of one sample, its cells
 *
 * and of all, written last, pictures.tsv: query, file and what it shows. A query that was not typed
 * has no pictures.
 *
 *	struct figure_source sources[] = {{.calls = "typed/blood.tsv", .files = files}};
 *	if (figures_write("slides", sources, 1, &err))
 *		die_err(&err);
 *
 * The folder is made when it is not there. The same inputs give the same bytes.
 */
#ifndef REPORT_FIGURES_FIGURES_H
#define REPORT_FIGURES_FIGURES_H

#include "report/evals.h"
#include "report/evidence_tables.h"
#include "report/pictures.h"

struct figure_source {
	const char *calls;          /* the query's table: it is read once more */
	struct picture_files files; /* their 'side' is ours */
	const struct dots *dots;
	const struct eval *eval; /* or NULL */
};

int figures_write(const char *folder, const struct figure_source *sources, size_t n,
		  struct err *err) MUST_USE;

#endif
