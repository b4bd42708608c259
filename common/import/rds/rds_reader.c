/* rds_reader.c - the stack of things to do; see rds_reader_private.h. */
#include "base/util.h"

#include "import/rds/rds_reader_private.h"

/* Far deeper than R can write or read; holds the work list to 64 MiB. */
enum { TODO_MOST = 1 << 21 };

void reader_todo(struct rds_reader *r, enum todo_kind kind, unsigned mode, void *at, uint64_t n)
{
	if (r->n_todo == TODO_MOST)
		wire_fault(&r->wire, r->err, "values nested more than a million deep");
	MEM_GROW(r->todo, r->n_todo + 1, r->cap_todo);
	r->todo[r->n_todo++] = (struct todo){(uint8_t)kind, (uint8_t)mode, n, at};
}

void reader_todo_ignored(struct rds_reader *r)
{
	reader_todo(r, TODO_ITEM, MODE_DROP, &r->sink, 0);
}

int reader_int(struct rds_reader *r, int32_t *value)
{
	return wire_int(&r->wire, value, r->err);
}
