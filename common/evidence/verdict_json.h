/* verdict_json.h - verdicts as one JSON document, for programs that read reports.
 *
 * {"summary": {total, resolved, climbed, supported, weak, conflict, unlisted, unresolved},
 *  "metrics": {rates, reasons, confidence bins}, "clusters": [...]}. The rates are shares of all
 * clusters; the bins are fifths of the confidence.
 *
 *	if (verdicts_write_json("verdicts.json", verdicts, &clusters, &space, &err))
 *		die_err(&err);
 *
 * The file appears whole or not at all. Clusters are in the order of the markers' table.
 */
#ifndef EVIDENCE_VERDICT_JSON_H
#define EVIDENCE_VERDICT_JSON_H

#include "evidence/label_check.h"

/* 'verdicts' has one per cluster, of the space. */
int verdicts_write_json(const char *path, const struct verdict *verdicts,
			const struct strtab *clusters, const struct label_space *space,
			struct err *err) MUST_USE;

#endif
