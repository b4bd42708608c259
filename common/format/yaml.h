/* yaml.h - YAML as a tree of nodes that know where they stand.
 *
 * Only the plain part of YAML: mappings, sequences, scalars. Aliases are refused, so are
 * duplicate keys, more than one document, input over 1 MiB and nesting over 32. Errors read
 * "file:line:column: what".
 *
 *	struct yaml *y = yaml_read(path, &err);
 *	const struct yaml_node *name = yaml_get(y->root, "name");
 *	yaml_error(y, name, &err, "not a dataset name: %s", name->text);
 *	yaml_close(y);
 */
#ifndef FORMAT_YAML_H
#define FORMAT_YAML_H

#include "base/err.h"
#include "base/mem.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	size_t line, column;      /* from 1 */
	bool quoted;              /* a scalar in quotes: never null, number or boolean */
	char *text;               /* scalars; NULL otherwise */
	struct yaml_node **items; /* of a list, or the values of a map */
	struct yaml_node **keys;  /* of a map: scalars, distinct, in file order */
	size_t n;
};

struct yaml {
	char *path;
	struct yaml_node *root; /* never NULL: an empty file is an empty map */
	struct arena *arena;
};

struct yaml *yaml_read(const char *path, struct err *err) MUST_USE; /* "-" is stdin */
void yaml_close(struct yaml *y);

/* The value of a key, or NULL. 'map' may be NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* Is the scalar null (empty, ~, null)? */
bool yaml_is_null(const struct yaml_node *node);

/* Fill 'err' with "file:line:column: ..." for a node. Returns -1. */
PRINTF_LIKE(4, 5)
int yaml_error(const struct yaml *y, const struct yaml_node *at, struct err *err,
	       const char *format, ...);

/* Every key of 'map' must be one of 'known': else an error with the nearest known key. */
int yaml_check_keys(const struct yaml *y, const struct yaml_node *map, const char *const *known,
		    size_t n_known, struct err *err) MUST_USE;

/* Typed scalars: an error names the place, the key and the value. */
int yaml_size(const struct yaml *y, const struct yaml_node *node, size_t min, size_t max,
	      size_t *value, struct err *err) MUST_USE;
int yaml_double(const struct yaml *y, const struct yaml_node *node, double *value,
		struct err *err) MUST_USE;
int yaml_bool(const struct yaml *y, const struct yaml_node *node, bool *value,
	      struct err *err) MUST_USE;

#endif
