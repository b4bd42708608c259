/* config_entries.c - the entries of a config's lists: each has a name of its own. */
#include "base/util.h"

#include "base/mem.h"
#include "conf/conf_private.h"

enum { MOST_ENTRIES = 10000 }; /* of a list: each is compared with all */

static int check_room(struct conf_reader *r, const struct yaml_node *at, const char *what, size_t n)
{
	return n < MOST_ENTRIES
		       ? 0
		       : yaml_error(r->y, at, r->err, "more than %d %s", MOST_ENTRIES, what);
}

static int check_pair(struct conf_reader *r, const struct yaml_node *at, const char *what,
		      const char *name, const char *other)
{
	if (!str_eq(name, other))
		return 0;
	return yaml_error(r->y, at, r->err,
			  "two %s are named %s: give one another name with name:", what, name);
}

int conf_push_reference(struct conf_reader *r, const struct yaml_node *at,
			const struct conf_reference *ref)
{
	struct config *c = r->c;

	if (check_room(r, at, "references", c->n_references))
		return -1;
	for (size_t i = 0; i < c->n_references; i++)
		if (check_pair(r, at, "references", ref->name, c->references[i].name))
			return -1;
	c->references = mem_resize(c->references, c->n_references + 1, sizeof(*ref));
	c->references[c->n_references++] = *ref;
	return 0;
}

int conf_push_query(struct conf_reader *r, const struct yaml_node *at, const char *name,
		    const char *path)
{
	struct config *c = r->c;

	if (!name)
		name = conf_name_of(r, at, path);
	if (!name)
		return -1;
	if (check_room(r, at, "queries", c->n_queries))
		return -1;
	for (size_t i = 0; i < c->n_queries; i++)
		if (check_pair(r, at, "queries", name, c->queries[i].name))
			return -1;
	c->queries = mem_resize(c->queries, c->n_queries + 1, sizeof(*c->queries));
	c->queries[c->n_queries++] = (struct conf_query){name, path};
	return 0;
}

int conf_push_model(struct conf_reader *r, const struct yaml_node *at, const char *name,
		    const char *path)
{
	struct config *c = r->c;

	if (!name || check_room(r, at, "models", c->n_models) ||
	    check_pair(r, at, "models", name, "trained"))
		return -1;
	for (size_t i = 0; i < c->n_models; i++)
		if (check_pair(r, at, "models", name, c->models[i].name))
			return -1;
	c->models = mem_resize(c->models, c->n_models + 1, sizeof(*c->models));
	c->models[c->n_models++] = (struct conf_model){name, path};
	return 0;
}
