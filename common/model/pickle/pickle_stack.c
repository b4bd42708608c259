/* pickle_stack.c - the machine's stack: values, marks, and the containers made of them. */
#include "base/util.h"

#include "model/pickle/pickle_private.h"

#define MAX_ITEMS ((size_t)1 << 24)

/* ---- values and marks ---- */

int pickle_push(struct pickle *p, struct pickle_value *v)
{
	if (!v)
		return -1;
	if (p->n_stack >= MAX_VALUES)
		return pickle_fail(p, "the stack is deeper than %zu", MAX_VALUES);
	MEM_GROW(p->stack, p->n_stack + 1, p->cap_stack);
	p->stack[p->n_stack++] = v;
	return 0;
}

int pickle_push_new(struct pickle *p, enum pickle_kind kind)
{
	return pickle_push(p, pickle_value(p, kind));
}

static size_t pickle_n_above(const struct pickle *p)
{
	return p->n_stack - (p->n_marks ? p->marks[p->n_marks - 1] : 0);
}

struct pickle_value *pickle_pop(struct pickle *p)
{
	if (!pickle_n_above(p)) {
		pickle_fail(p, "takes a value from an empty stack");
		return NULL;
	}
	return p->stack[--p->n_stack];
}

struct pickle_value *pickle_top(struct pickle *p)
{
	if (!pickle_n_above(p)) {
		pickle_fail(p, "takes a value from an empty stack");
		return NULL;
	}
	return p->stack[p->n_stack - 1];
}

int pickle_pop_mark(struct pickle *p, size_t *first)
{
	*first = 0;
	if (!p->n_marks)
		return pickle_fail(p, "takes values to a mark, but there is none");
	*first = p->marks[--p->n_marks];
	return 0;
}

int pickle_push_mark(struct pickle *p)
{
	if (p->n_marks >= MAX_VALUES)
		return pickle_fail(p, "the stack is deeper than %zu", MAX_VALUES);
	MEM_GROW(p->marks, p->n_marks + 1, p->cap_marks);
	p->marks[p->n_marks++] = p->n_stack;
	return 0;
}

int pickle_pop_one(struct pickle *p)
{
	size_t first;

	if (p->n_marks && !pickle_n_above(p))
		return pickle_pop_mark(p, &first);
	return pickle_pop(p) ? 0 : -1;
}

int pickle_pop_to_mark(struct pickle *p)
{
	size_t first;

	if (pickle_pop_mark(p, &first))
		return -1;
	p->n_stack = first;
	return 0;
}

/* ---- containers ---- */

static int add_item(struct pickle *p, struct pickle_value *list, struct pickle_value *item)
{
	if (list->list.n == list->list.cap) {
		size_t cap = MAX(list->list.cap * 2, 8);

		p->n_items += cap;
		if (p->n_items > MAX_ITEMS)
			return pickle_fail(p, "more than %zu items: not a model", MAX_ITEMS);
		struct pickle_value **items = arena_alloc(&p->arena, cap * sizeof(*items));
		if (list->list.n)
			memcpy(items, list->list.items, list->list.n * sizeof(*items));
		list->list.items = items;
		list->list.cap = cap;
	}
	list->list.items[list->list.n++] = item;
	return 0;
}

/* Move the values from stack index 'first' up into a container. */
static int move_items(struct pickle *p, struct pickle_value *list, size_t first)
{
	if (!list)
		return -1;
	for (size_t i = first; i < p->n_stack; i++) {
		if (add_item(p, list, p->stack[i]))
			return -1;
	}
	p->n_stack = first;
	return 0;
}

int pickle_make_from(struct pickle *p, enum pickle_kind kind, size_t first)
{
	struct pickle_value *v = pickle_value(p, kind);

	if (kind == PICKLE_DICT && (p->n_stack - first) % 2)
		return pickle_fail(p, "a dict with a key that has no value");
	return move_items(p, v, first) ? -1 : pickle_push(p, v);
}

int pickle_make_marked(struct pickle *p, enum pickle_kind kind)
{
	size_t first;

	return pickle_pop_mark(p, &first) ? -1 : pickle_make_from(p, kind, first);
}

static int make_tuple(struct pickle *p, size_t n)
{
	if (pickle_n_above(p) < n)
		return pickle_fail(p, "takes a value from an empty stack");
	return pickle_make_from(p, PICKLE_TUPLE, p->n_stack - n);
}

/* Add the values above the mark, or the last 'n', to the container under them. */
static int extend(struct pickle *p, enum pickle_kind kind, size_t first)
{
	size_t floor = p->n_marks ? p->marks[p->n_marks - 1] : 0;

	if (first <= floor || p->stack[first - 1]->kind != kind)
		return pickle_fail(p, "adds items to something that takes none");
	if (kind == PICKLE_DICT && (p->n_stack - first) % 2)
		return pickle_fail(p, "a dict with a key that has no value");
	return move_items(p, p->stack[first - 1], first);
}

static int extend_marked(struct pickle *p, enum pickle_kind kind)
{
	size_t first;

	return pickle_pop_mark(p, &first) ? -1 : extend(p, kind, first);
}

static int extend_last(struct pickle *p, enum pickle_kind kind, size_t n)
{
	if (pickle_n_above(p) < n)
		return pickle_fail(p, "takes a value from an empty stack");
	return extend(p, kind, p->n_stack - n);
}

int pickle_container(struct pickle *p, unsigned char op)
{
	switch (op) {
	case ')':
		return pickle_push_new(p, PICKLE_TUPLE);
	case 't':
		return pickle_make_marked(p, PICKLE_TUPLE);
	case 0x85:
	case 0x86:
	case 0x87:
		return make_tuple(p, op - 0x84u);
	case ']':
		return pickle_push_new(p, PICKLE_LIST);
	case 'l':
		return pickle_make_marked(p, PICKLE_LIST);
	case 'a':
		return extend_last(p, PICKLE_LIST, 1);
	case 'e':
		return extend_marked(p, PICKLE_LIST);
	case '}':
		return pickle_push_new(p, PICKLE_DICT);
	case 'd':
		return pickle_make_marked(p, PICKLE_DICT);
	case 's':
		return extend_last(p, PICKLE_DICT, 2);
	case 'u':
		return extend_marked(p, PICKLE_DICT);
	case 0x8f:
		return pickle_push_new(p, PICKLE_SET);
	case 0x90:
		return extend_marked(p, PICKLE_SET);
	case 0x91:
		return pickle_make_marked(p, PICKLE_SET);
	default:
		return PICKLE_NOT_MINE;
	}
}
