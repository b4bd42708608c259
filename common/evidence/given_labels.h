/* given_labels.h - the labels that clusters were given, from a table or by their names.
 *
 * A table has a row per cluster: its name first, a column label and perhaps id. Ids win over words;
 * words go through cl-map's ladder. What says no type (empty, Unknown, Unresolved) is no label.
 *
 *	struct given_labels l = {0};
 *	if (given_labels_read(&l, "proposals.tsv", &clusters, matcher, &err))
 *		die_err(&err);
 *	if (l.items[cluster].name)
 *		judge(&l.items[cluster]);
 *	given_labels_release(&l);
 *
 * A cluster that has no markers, or stands twice, is an error that names it. Clusters without a row
 * have no label.
 */
#ifndef EVIDENCE_GIVEN_LABELS_H
#define EVIDENCE_GIVEN_LABELS_H

#include "base/strtab.h"
#include "evidence/label_check.h"
#include "onto/match/match.h"

struct given_labels {
	struct given_label *items; /* per cluster; the name NULL without a label */
	size_t n;
	struct arena arena;
};

int given_labels_read(struct given_labels *l, const char *path, const struct strtab *clusters,
		      const struct matcher *matcher, struct err *err) MUST_USE;

/* The clusters' names are their labels; or, with 'none', no cluster has one. */
void given_labels_by_name(struct given_labels *l, const struct strtab *clusters, bool none,
			  const struct matcher *matcher);
void given_labels_release(struct given_labels *l);

#endif
