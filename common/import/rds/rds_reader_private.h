/* rds_reader_private.h - the state of one reading, shared by read.c and bytecode.c only.
 *
 * Reading is a stack of things to do. Whoever meets a value made of values puts the parts on the
 * stack, last part first, and returns; nothing recurses.
 */
#ifndef IMPORT_RDS_RDS_READER_PRIVATE_H
#define IMPORT_RDS_RDS_READER_PRIVATE_H

#include "import/rds/altrep.h"
#include "import/rds/read.h"
#include "import/rds/wire.h"

enum todo_kind {
	TODO_ITEM,           /* read a value into *(struct rds_value **)at */
	TODO_CAR,            /* read the car of the pair 'at': its tag decides the mode */
	TODO_ELEMENTS,       /* read the rest of the list 'at', which has 'n' in all */
	TODO_ALTREP,         /* expand 'at', whose info, state and attributes have been read */
	TODO_CODE_CONSTANTS, /* read the number of constants, then those */
	TODO_CODE_CONSTANT,  /* read 'n' more constants */
	TODO_CODE_LANGUAGE,  /* read a type word, and the expression of that type */
};

/* How a value is kept. Not inherited, but for MODE_DROP. */
enum todo_mode { MODE_DROP = 1, MODE_NARROW = 2, MODE_FIELDS = 4 };

struct todo {
	uint8_t kind, mode;
	uint64_t n;
	void *at;
};

struct rds_reader {
	struct wire wire;
	struct rds *file;
	const struct rds_plan *plan;
	struct err *err;
	struct todo *todo;
	size_t n_todo, cap_todo;
	struct rds_value **refs;
	size_t n_refs, cap_refs;
	struct rds_value *sink; /* where values go that nobody wants */
	struct altrep_budget budget;
};

/* Put on the stack. Too deep a stack fills r->err, which ends the reading. */
void reader_todo(struct rds_reader *r, enum todo_kind kind, unsigned mode, void *at, uint64_t n);
void reader_todo_ignored(struct rds_reader *r);

int reader_int(struct rds_reader *r, int32_t *value) MUST_USE;

#endif
