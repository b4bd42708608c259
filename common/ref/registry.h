/* registry.h - the references that are known by name, from YAML files.
 *
 * refs/registry.yaml says what the form is. Files are added one after the other; an entry of a
 * later file takes the place of one with the same name. Errors are "file:line:column: what".
 *
 *	struct registry reg = {0};
 *	struct ref_entry r;
 *
 *	if (registry_open(&reg, extra, n_extra, &err))
 *		die_err(&err);
 *	if (registry_find(&reg, "lung_covid", &r, &err))
 *		die_err(&err);
 *	registry_release(&reg);
 */
#ifndef REF_REGISTRY_H
#define REF_REGISTRY_H

#include "ref/ref_entry.h"

/* A question with a name. NULL where nothing is asked. */
struct preset {
	const char *name, *title;
	const char *condition, *tissue;                 /* equal, but for case */
	const char *condition_pattern, *tissue_pattern; /* regular expressions */
	size_t min_cells;
};

/* Where services are; a registry can name a mirror instead. "" when no file says. */
struct services {
	const char *census_release, *census_h5ads, *census_region, *census_descriptor;
	const char *discover, *models_index, *synapse;
};

struct registry {
	struct references list; /* its arena owns everything here */
	struct preset *presets;
	size_t n_presets, cap_presets;
	struct services services;
};

/* Add one file. */
int registry_add(struct registry *reg, const char *path, struct err *err) MUST_USE;

/* The registry that ships, then those of PIPETTE_REGISTRY (colons between them), then 'extra'. */
int registry_open(struct registry *reg, const char *const *extra, size_t n_extra,
		  struct err *err) MUST_USE;
void registry_release(struct registry *reg);

/* Fill in the address of a CELLxGENE dataset: its h5ad in the Census release of 'services'. */
void registry_locate(struct references *list, struct ref_entry *r, const struct services *s);

/* A preset by name; the error lists those there are. */
const struct preset *registry_preset(const struct registry *reg, const char *name,
				     struct err *err) MUST_USE;

/*
 * The entry called 'id'; or a Synapse id or a CELLxGENE dataset id as it stands. Else the error
 * names the nearest. Its texts belong to the registry.
 */
int registry_find(struct registry *reg, const char *id, struct ref_entry *found,
		  struct err *err) MUST_USE;

#endif
