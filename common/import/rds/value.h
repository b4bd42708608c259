/* value.h - R values as plain data.
 *
 * What rds_read built: a tree of values that belongs to a 'struct rds' and dies with it. Nothing
 * in it is ever evaluated: functions, promises and byte code are parsed to find where they end
 * and kept as RDS_OTHER. All text is UTF-8 and interned.
 *
 *	struct rds *file = rds_read("atlas.rds", &plan, pool, &err);
 *	const struct rds_value *meta = rds_slot(file, file->root, "meta.data");
 *	const struct rds_value *column = rds_element(file, meta, "groups");
 *	puts(rds_text(file, column, 0));
 *	rds_free(file);
 *
 * Functions here take any value and answer NULL, 0 or false when it is not of the right kind, so
 * that a chain of look-ups over a damaged object needs one check at its end. R's NULL is a value
 * of type RDS_NULL.
 */
#ifndef IMPORT_RDS_VALUE_H
#define IMPORT_RDS_VALUE_H

#include "base/mem.h"
#include "base/strtab.h"

enum rds_type {
	RDS_NULL,
	RDS_LOGICAL,     /* ints: 0, 1, RDS_NA_INT */
	RDS_INTEGER,     /* ints */
	RDS_REAL,        /* reals */
	RDS_FLOAT,       /* floats: an R double vector, narrowed as the plan asked */
	RDS_COMPLEX,     /* reals: two each */
	RDS_RAW,         /* raws */
	RDS_STRING,      /* strings: ids, STRTAB_NONE for NA */
	RDS_LIST,        /* items */
	RDS_PAIR,        /* tag, car, cdr: pairlists and calls */
	RDS_SYMBOL,      /* symbol: an id */
	RDS_ENVIRONMENT, /* car: the frame, cdr: the hash table */
	RDS_S4,          /* slots are attributes */
	RDS_OTHER,       /* parsed, not kept */
	RDS_N_TYPES
};

struct rds_value {
	uint8_t type;
	bool dropped; /* a vector whose values the plan left out: only 'n' is known */
	struct rds_value *attributes; /* a pairlist */
	union {
		struct {
			uint64_t n;
			union {
				int32_t *ints;
				double *reals;
				float *floats;
				uint8_t *raws;
				uint32_t *strings;
				struct rds_value **items;
				void *data;
				uint32_t symbol;
			};
		};
		struct {
			struct rds_value *tag, *car, *cdr;
		};
	};
};

struct rds {
	char *path;
	const char *packing; /* "gzip", "bzip2", "xz", "none" */
	const char *format;  /* "xdr", "little-endian", "ascii" */
	int version;         /* 2 or 3 */
	uint64_t unpacked;   /* bytes of the object */
	struct rds_value *root;
	struct strtab strings;
	struct arena arena;
	void **owned; /* the vectors' arrays */
	size_t n_owned, cap_owned;
};

void rds_free(struct rds *file); /* NULL is fine */

/* A new value in the file's arena. */
struct rds_value *rds_value_new(struct rds *file, enum rds_type type);

/* Make 'data', from mem_alloc, belong to the file. */
void rds_own(struct rds *file, void *data);

/* The one NULL. */
extern struct rds_value rds_null;

static inline bool rds_is(const struct rds_value *v, enum rds_type type)
{
	return v && v->type == type;
}

static inline bool rds_is_null(const struct rds_value *v)
{
	return !v || v->type == RDS_NULL;
}

/* Elements of a vector or list; 0 for anything else. */
uint64_t rds_length(const struct rds_value *v);

/* An attribute, which is how R stores slots too. NULL when there is none or it is R's NULL. */
const struct rds_value *rds_attribute(const struct rds *file, const struct rds_value *v,
				      const char *name);
#define rds_slot rds_attribute

/* A list element by name, a pairlist entry by tag, a variable of an environment, or NULL. */
const struct rds_value *rds_element(const struct rds *file, const struct rds_value *v,
				    const char *name);

/* The i-th element of a list, or NULL. */
const struct rds_value *rds_item(const struct rds_value *v, uint64_t i);

/* The i-th text of a string vector (or a symbol's name for i = 0), NULL when NA or none. */
const char *rds_text(const struct rds *file, const struct rds_value *v, uint64_t i);

/* The name of the i-th element, or NULL. */
const char *rds_name(const struct rds *file, const struct rds_value *v, uint64_t i);

/* The i-th number of any numeric vector as double, NaN when NA or none. */
double rds_number(const struct rds_value *v, uint64_t i);

/* The first class attribute, or R's implicit class ("matrix", "numeric", "list", ...). */
const char *rds_class(const struct rds *file, const struct rds_value *v);

/* Is 'name' among the class attribute? */
bool rds_inherits(const struct rds *file, const struct rds_value *v, const char *name);

/* The dim attribute of a matrix: false when it is not two sizes that match the length. */
bool rds_dim(const struct rds *file, const struct rds_value *v, uint64_t dim[2]);

#endif
