/* config.h - what a dataset's YAML asks for, checked.
 *
 * Every key has a default, so the shortest useful file is
 *
 *	references:
 *	  - atlas.h5ad
 *	queries: sample.h5ad
 *
 * Reading checks kinds, names, and that paths exist; errors are "file:line:column: what". Paths
 * are taken from the folder of the YAML file. The keys of a step (train, gate, ...) are one table
 * in settings.h: each is an option of that step's filter.
 */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include "base/strtab.h"
#include "base/text.h"
#include "conf/settings.h"
#include "format/yaml.h"

struct conf_reference {
	const char *name;    /* short, unique, fit for a file name */
	const char *path;    /* or NULL */
	const char *id;      /* or NULL: fetched */
	const char *label;   /* column with the cell types */
	const char *ids;     /* column with their ids, or NULL */
	size_t cells;        /* to keep; 0: all */
	const char *where;   /* COLUMN=VALUE[,...]: only such cells, or NULL */
	const char *exclude; /* labels, commas between: not cells of these, or NULL */
};

struct conf_query {
	const char *name, *path;
};

struct conf_model {
	const char *name;
	const char *path; /* or NULL: a published model, fetched by its name */
};

struct config {
	const char *name;
	struct conf_reference *references;
	size_t n_references;
	struct conf_query *queries;
	size_t n_queries;
	struct conf_model *models; /* beside the one that is trained */
	size_t n_models;
	const char *panel, *tissue, *registry; /* or NULL */
	const char *discover; /* "service" or a file: an index for references without id; or NULL */
	bool strict;          /* a tissue without models is an error */
	bool harmonise;
	bool make_unique;      /* cells of a query that share a name get names of their own */
	const char *truth;     /* column of the queries with the right labels, or NULL */
	const char *batch;     /* column of the queries to report labels by, or NULL */
	const char **settings; /* n_settings: as given, NULL when not; "" a flag, "yes" a switch */
	struct text notes, warnings; /* for people, a line each: what was chosen for them */
	struct arena arena;
};

/* 'tissues' is refs/tissues.yaml, for the models of a tissue. */
struct config *config_read(const char *path, const char *tissues, struct err *err) MUST_USE;
void config_free(struct config *c);

/*
 * Are types that no reference has to be told by clusters made for it? As "gate: {far:}" says;
 * by itself where there is novelty to pool: a model is trained by the robust recipe, or is one of
 * ours. Not with "vote: yes", whose clusters do. *asked: it was said, and is not by itself.
 */
bool config_far_by_clusters(const struct config *c, bool *asked);

/* Is this one word to a Make rule and to a shell, with nothing in it that means more? */
bool config_is_plain(const char *word);

#endif
