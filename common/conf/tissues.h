/* tissues.h - the published models to type a tissue with, from refs/tissues.yaml.
 *
 *	struct tissue_models t;
 *	if (tissue_find(&t, "refs/tissues.yaml", "Synovium", err))
 *		die_err(err);
 *	if (t.is_fallback)
 *		warn("no models are known for synovium (nearest: %s)", t.nearest);
 *	for (size_t i = 0; i < t.models->n; i++)
 *		use(t.models->items[i]->text);
 *	tissue_release(&t);
 *
 * Case makes no difference, and a blank, - and _ are one: "Lung-Airway" is lung_airway. A tissue
 * that the file does not have gets the models of "unknown", which are for any.
 */
#ifndef CONF_TISSUES_H
#define CONF_TISSUES_H

#include "format/yaml.h"

struct tissue_models {
	struct yaml *presets;           /* owns the rest */
	const struct yaml_node *models; /* a list of names */
	bool is_fallback;               /* they are those of "unknown" */
	char *nearest;                  /* names of tissues, the nearest first, for a message */
};

/* -1 when the file cannot be read, or has neither the tissue nor "unknown". */
int tissue_find(struct tissue_models *t, const char *path, const char *tissue,
		struct err *err) MUST_USE;
void tissue_release(struct tissue_models *t);

#endif
