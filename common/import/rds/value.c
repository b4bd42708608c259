/* value.c - see value.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/value.h"
#include "import/rds/wire.h"

struct rds_value rds_null = {.type = RDS_NULL};

void rds_free(struct rds *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->n_owned; i++)
		free(file->owned[i]);
	free(file->owned);
	strtab_release(&file->strings);
	arena_release(&file->arena);
	free(file->path);
	free(file);
}

struct rds_value *rds_value_new(struct rds *file, enum rds_type type)
{
	struct rds_value *v = arena_alloc(&file->arena, sizeof(*v));
	memset(v, 0, sizeof(*v));
	v->type = (uint8_t)type;
	v->attributes = &rds_null;
	if (type == RDS_PAIR || type == RDS_ENVIRONMENT)
		v->tag = v->car = v->cdr = &rds_null;
	return v;
}

void rds_own(struct rds *file, void *data)
{
	if (!data)
		return;
	MEM_GROW(file->owned, file->n_owned + 1, file->cap_owned);
	file->owned[file->n_owned++] = data;
}

static bool is_vector(const struct rds_value *v)
{
	return v && v->type >= RDS_LOGICAL && v->type <= RDS_LIST;
}

uint64_t rds_length(const struct rds_value *v)
{
	return is_vector(v) ? v->n : 0;
}

static const char *symbol_name(const struct rds *file, const struct rds_value *v)
{
	return rds_is(v, RDS_SYMBOL) ? strtab_str(&file->strings, v->symbol) : NULL;
}

static const struct rds_value *pair_find(const struct rds *file, const struct rds_value *v,
					 const char *name)
{
	for (; rds_is(v, RDS_PAIR); v = v->cdr) {
		const char *tag = symbol_name(file, v->tag);
		if (tag && str_eq(tag, name))
			return v->car;
	}
	return NULL;
}

const struct rds_value *rds_attribute(const struct rds *file, const struct rds_value *v,
				      const char *name)
{
	const struct rds_value *found = v ? pair_find(file, v->attributes, name) : NULL;
	const char *symbol = symbol_name(file, found);
	/* A slot that holds NULL is stored as this symbol, because attributes cannot be NULL. */
	if (rds_is_null(found) || (symbol && str_eq(symbol, "\001NULL\001")))
		return NULL;
	return found;
}

static const struct rds_value *list_find(const struct rds *file, const struct rds_value *v,
					 const char *name)
{
	const struct rds_value *names = rds_attribute(file, v, "names");
	for (uint64_t i = 0; i < rds_length(v); i++) {
		const char *s = rds_text(file, names, i);
		if (s && str_eq(s, name))
			return rds_item(v, i);
	}
	return NULL;
}

static const struct rds_value *variable(const struct rds *file, const struct rds_value *env,
					const char *name)
{
	const struct rds_value *found = pair_find(file, env->car, name);
	for (uint64_t i = 0; !found && i < rds_length(env->cdr); i++)
		found = pair_find(file, rds_item(env->cdr, i), name);
	return found;
}

const struct rds_value *rds_element(const struct rds *file, const struct rds_value *v,
				    const char *name)
{
	const struct rds_value *found = NULL;
	if (rds_is(v, RDS_LIST))
		found = list_find(file, v, name);
	else if (rds_is(v, RDS_PAIR))
		found = pair_find(file, v, name);
	else if (rds_is(v, RDS_ENVIRONMENT))
		found = variable(file, v, name);
	return rds_is_null(found) ? NULL : found;
}

const struct rds_value *rds_item(const struct rds_value *v, uint64_t i)
{
	return rds_is(v, RDS_LIST) && i < v->n ? v->items[i] : NULL;
}

const char *rds_text(const struct rds *file, const struct rds_value *v, uint64_t i)
{
	if (rds_is(v, RDS_SYMBOL))
		return i ? NULL : symbol_name(file, v);
	if (!rds_is(v, RDS_STRING) || v->dropped || i >= v->n || v->strings[i] == STRTAB_NONE)
		return NULL;
	return strtab_str(&file->strings, v->strings[i]);
}

const char *rds_name(const struct rds *file, const struct rds_value *v, uint64_t i)
{
	return rds_text(file, rds_attribute(file, v, "names"), i);
}

double rds_number(const struct rds_value *v, uint64_t i)
{
	if (!v || v->dropped || i >= rds_length(v))
		return NAN;
	switch (v->type) {
	case RDS_LOGICAL:
	case RDS_INTEGER:
		return v->ints[i] == RDS_NA_INT ? NAN : v->ints[i];
	case RDS_REAL:
		return v->reals[i];
	case RDS_FLOAT:
		return (double)v->floats[i];
	case RDS_RAW:
		return v->raws[i];
	default:
		return NAN;
	}
}

const char *rds_class(const struct rds *file, const struct rds_value *v)
{
	static const char *const implicit[RDS_N_TYPES] = {
		"NULL",    "logical",
		"integer", "numeric",
		"numeric", "complex",
		"raw",     "character",
		"list",    "pairlist",
		"name",    "environment",
		"S4",      "language or function",
	};
	const char *name = rds_text(file, rds_attribute(file, v, "class"), 0);
	uint64_t dim[2];
	if (name)
		return name;
	if (rds_dim(file, v, dim))
		return "matrix";
	return implicit[v ? v->type : RDS_NULL];
}

bool rds_inherits(const struct rds *file, const struct rds_value *v, const char *name)
{
	const struct rds_value *classes = rds_attribute(file, v, "class");
	for (uint64_t i = 0; i < rds_length(classes); i++) {
		const char *s = rds_text(file, classes, i);
		if (s && str_eq(s, name))
			return true;
	}
	return false;
}

bool rds_dim(const struct rds *file, const struct rds_value *v, uint64_t dim[2])
{
	const struct rds_value *d = rds_attribute(file, v, "dim");
	if (rds_length(d) != 2)
		return false;
	for (size_t i = 0; i < 2; i++) {
		double size = rds_number(d, i);
		if (!(size >= 0 && size <= INT32_MAX))
			return false;
		dim[i] = (uint64_t)size;
	}
	return dim[0] * dim[1] == rds_length(v);
}
