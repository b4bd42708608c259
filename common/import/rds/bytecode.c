/* bytecode.c - see bytecode.h. */
#include "base/util.h"

#include "import/rds/bytecode.h"
#include "import/rds/codes.h"

/* The code itself is an integer vector; the constants follow it. */
static void queue_code(struct rds_reader *r)
{
	reader_todo(r, TODO_CODE_CONSTANTS, MODE_DROP, NULL, 0);
	reader_todo_ignored(r);
}

int bytecode_begin(struct rds_reader *r, struct rds_value **to)
{
	int32_t repeats;
	*to = rds_value_new(r->file, RDS_OTHER);
	if (reader_int(r, &repeats))
		return -1;
	queue_code(r);
	return 0;
}

/* Attributes, if any, a tag, and two expressions that bring their own types. */
static int begin_expression(struct rds_reader *r, int32_t type)
{
	int32_t number;
	if (type == BCREPREF)
		return reader_int(r, &number);
	if (type == BCREPDEF && (reader_int(r, &number) || reader_int(r, &type)))
		return -1;
	reader_todo(r, TODO_CODE_LANGUAGE, MODE_DROP, NULL, 0);
	reader_todo(r, TODO_CODE_LANGUAGE, MODE_DROP, NULL, 0);
	reader_todo_ignored(r);
	if (type == ATTRLANGSXP || type == ATTRLISTSXP)
		reader_todo_ignored(r);
	return 0;
}

static bool is_expression(int32_t type)
{
	return type == LISTSXP || type == LANGSXP || type == ATTRLISTSXP || type == ATTRLANGSXP ||
	       type == BCREPREF || type == BCREPDEF;
}

static int begin_constant(struct rds_reader *r)
{
	int32_t type;
	if (reader_int(r, &type))
		return -1;
	if (is_expression(type))
		return begin_expression(r, type);
	if (type == BCODESXP)
		queue_code(r);
	else
		reader_todo_ignored(r);
	return 0;
}

static int begin_language(struct rds_reader *r)
{
	int32_t type;
	if (reader_int(r, &type))
		return -1;
	if (is_expression(type))
		return begin_expression(r, type);
	reader_todo_ignored(r);
	return 0;
}

int bytecode_next(struct rds_reader *r, struct todo t)
{
	int32_t n;
	switch ((enum todo_kind)t.kind) {
	case TODO_CODE_CONSTANTS:
		if (reader_int(r, &n))
			return -1;
		if (n < 0)
			return wire_fault(&r->wire, r->err, "byte code with %d constants", n);
		reader_todo(r, TODO_CODE_CONSTANT, MODE_DROP, NULL, (uint64_t)n);
		return 0;
	case TODO_CODE_CONSTANT:
		if (!t.n)
			return 0;
		reader_todo(r, TODO_CODE_CONSTANT, MODE_DROP, NULL, t.n - 1);
		return begin_constant(r);
	case TODO_CODE_LANGUAGE:
		return begin_language(r);
	default:
		BUG("todo %d is not byte code", t.kind);
	}
}
