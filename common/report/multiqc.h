/* multiqc.h - the figures of a run as MultiQC's custom content.
 *
 *	DIR/pipette_labels_mqc.tsv     a bar graph of labels, a row per query
 *	DIR/pipette_general_mqc.json   columns of the general statistics table
 */
#ifndef REPORT_MULTIQC_H
#define REPORT_MULTIQC_H

#include "report/query_summary.h"

/* Make the folder if need be, and write both, each whole or not at all. */
int multiqc_write(const char *folder, struct query_summary *const *queries, size_t n,
		  struct err *err) MUST_USE;

#endif
