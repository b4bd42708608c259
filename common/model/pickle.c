/* pickle.c - the machine: stack, containers, names, memo; see pickle.h. */
#include "base/util.h"

#include <stdarg.h>
#include <zlib.h>

#include "base/text.h"
#include "model/pickle_inner.h"

#define MAX_FILE ((size_t)512 << 20)
#define MAX_VALUES ((size_t)1 << 22) /* a large model has some 100,000 */
#define MAX_ITEMS ((size_t)1 << 24)

int pickle_fail(struct pickle *p, const char *format, ...)
{
	char what[600];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(p->err, "%s: byte %zu: %s", p->path, p->at, what);
}

struct pickle_value *pickle_value(struct pickle *p, enum pickle_kind kind)
{
	struct pickle_value *v;

	if (p->n_values++ >= MAX_VALUES) {
		pickle_fail(p, "more than %zu values: not a model", MAX_VALUES);
		return NULL;
	}
	v = arena_alloc(&p->arena, sizeof(*v));
	memset(v, 0, sizeof(*v));
	v->kind = kind;
	return v;
}

/* ---- the stack ---------------------------------------------------------------------------------
 */

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

/* Values above the last mark. */
static size_t n_above(const struct pickle *p)
{
	return p->n_stack - (p->n_marks ? p->marks[p->n_marks - 1] : 0);
}

static struct pickle_value *pop(struct pickle *p)
{
	if (!n_above(p)) {
		pickle_fail(p, "takes a value from an empty stack");
		return NULL;
	}
	return p->stack[--p->n_stack];
}

static struct pickle_value *top(struct pickle *p)
{
	if (!n_above(p)) {
		pickle_fail(p, "takes a value from an empty stack");
		return NULL;
	}
	return p->stack[p->n_stack - 1];
}

/* Take the last mark away: '*first' is the stack index of the first value above it. */
static int pop_mark(struct pickle *p, size_t *first)
{
	*first = 0;
	if (!p->n_marks)
		return pickle_fail(p, "takes values to a mark, but there is none");
	*first = p->marks[--p->n_marks];
	return 0;
}

/* ---- containers --------------------------------------------------------------------------------
 */

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

static int make_from(struct pickle *p, enum pickle_kind kind, size_t first)
{
	struct pickle_value *v = pickle_value(p, kind);

	if (kind == PICKLE_DICT && (p->n_stack - first) % 2)
		return pickle_fail(p, "a dict with a key that has no value");
	return move_items(p, v, first) ? -1 : pickle_push(p, v);
}

static int make_marked(struct pickle *p, enum pickle_kind kind)
{
	size_t first;

	return pop_mark(p, &first) ? -1 : make_from(p, kind, first);
}

static int make_tuple(struct pickle *p, size_t n)
{
	if (n_above(p) < n)
		return pickle_fail(p, "takes a value from an empty stack");
	return make_from(p, PICKLE_TUPLE, p->n_stack - n);
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

	return pop_mark(p, &first) ? -1 : extend(p, kind, first);
}

static int extend_last(struct pickle *p, enum pickle_kind kind, size_t n)
{
	if (n_above(p) < n)
		return pickle_fail(p, "takes a value from an empty stack");
	return extend(p, kind, p->n_stack - n);
}

/* ---- names, calls, state -----------------------------------------------------------------------
 */

static int push_name(struct pickle *p, const char *module, const char *name)
{
	struct pickle_value *v = pickle_value(p, PICKLE_NAME);
	char *whole;

	if (!v)
		return -1;
	if (!pickle_name_allowed(module, name))
		return pickle_fail(p,
				   "the pickle asks for %.100s.%.100s, which no CellTypist model "
				   "needs: refused (nothing was run)",
				   module, name);
	v->text.len = strlen(module) + 1 + strlen(name);
	whole = arena_alloc(&p->arena, v->text.len + 1);
	snprintf(whole, v->text.len + 1, "%s.%s", module, name);
	v->text.s = whole;
	return pickle_push(p, v);
}

static int push_global(struct pickle *p)
{
	size_t len;
	const char *module = pickle_take_line(p, &len);
	const char *name = module ? pickle_take_line(p, &len) : NULL;

	return name ? push_name(p, module, name) : -1;
}

static int push_stack_global(struct pickle *p)
{
	const struct pickle_value *name = pop(p);
	const struct pickle_value *module = name ? pop(p) : NULL;

	if (!module)
		return -1;
	if (module->kind != PICKLE_STR || name->kind != PICKLE_STR)
		return pickle_fail(p, "a name that is not text");
	return push_name(p, arena_str(&p->arena, module->text.s, module->text.len),
			 arena_str(&p->arena, name->text.s, name->text.len));
}

static int call(struct pickle *p, const struct pickle_value *name, const struct pickle_value *args)
{
	if (!name || !args)
		return -1;
	if (name->kind != PICKLE_NAME || args->kind != PICKLE_TUPLE)
		return pickle_fail(p, "calls %s", pickle_describe(name));
	return pickle_push(p, pickle_call(p, name, args));
}

static int call_top(struct pickle *p)
{
	const struct pickle_value *args = pop(p);

	return args ? call(p, pop(p), args) : -1;
}

/* NEWOBJ_EX has keyword arguments on top, which no class on the list uses. */
static int call_with_keywords(struct pickle *p)
{
	const struct pickle_value *keywords = pop(p);

	if (!keywords)
		return -1;
	if (keywords->kind != PICKLE_DICT || keywords->list.n)
		return pickle_fail(p, "a class made with keyword arguments");
	return call_top(p);
}

/* Protocol 0's instances: the class is named by two lines, the arguments are above the mark. */
static int call_inst(struct pickle *p)
{
	if (make_marked(p, PICKLE_TUPLE) || push_global(p))
		return -1;
	const struct pickle_value *name = pop(p);
	return call(p, name, pop(p));
}

/* Protocol 1's: the class is the first value above the mark. */
static int call_obj(struct pickle *p)
{
	size_t first;
	struct pickle_value *name;

	if (pop_mark(p, &first))
		return -1;
	if (first >= p->n_stack)
		return pickle_fail(p, "takes a value from an empty stack");
	name = p->stack[first];
	if (make_from(p, PICKLE_TUPLE, first + 1))
		return -1;
	const struct pickle_value *args = pop(p);
	p->n_stack = first;
	return call(p, name, args);
}

static int build(struct pickle *p)
{
	const struct pickle_value *state = pop(p);
	struct pickle_value *v = state ? top(p) : NULL;

	return v ? pickle_build(p, v, state) : -1;
}

/* ---- memo --------------------------------------------------------------------------------------
 */

static int memo_put(struct pickle *p, size_t i)
{
	struct pickle_value *v = top(p);

	if (!v)
		return -1;
	if (i > p->len)
		return pickle_fail(p, "memo entry %zu of a file of %zu bytes", i, p->len);
	if (i >= MAX_ITEMS)
		return pickle_fail(p, "more than %zu memo entries: not a model", MAX_ITEMS);
	if (i >= p->n_memo) {
		MEM_GROW(p->memo, i + 1, p->cap_memo);
		memset(p->memo + p->n_memo, 0, (i + 1 - p->n_memo) * sizeof(*p->memo));
		p->n_memo = i + 1;
	}
	p->memo[i] = v;
	return 0;
}

static int memo_get(struct pickle *p, size_t i)
{
	if (i >= p->n_memo || !p->memo[i])
		return pickle_fail(p, "memo entry %zu is empty", i);
	return pickle_push(p, p->memo[i]);
}

static int memo_line(struct pickle *p, int (*act)(struct pickle *, size_t))
{
	size_t len, i;
	const char *line = pickle_take_line(p, &len);

	if (!line)
		return -1;
	if (!parse_size(line, 0, UINT32_MAX, &i))
		return pickle_fail(p, "memo entry '%.40s'", line);
	return act(p, i);
}

static int memo_number(struct pickle *p, size_t width, int (*act)(struct pickle *, size_t))
{
	uint64_t i;

	return pickle_take_number(p, width, &i) ? -1 : act(p, i);
}

/* ---- the opcodes -------------------------------------------------------------------------------
 */

static int push_mark(struct pickle *p)
{
	if (p->n_marks >= MAX_VALUES)
		return pickle_fail(p, "the stack is deeper than %zu", MAX_VALUES);
	MEM_GROW(p->marks, p->n_marks + 1, p->cap_marks);
	p->marks[p->n_marks++] = p->n_stack;
	return 0;
}

/* A mark may be popped as a value. */
static int pop_one(struct pickle *p)
{
	size_t first;

	if (p->n_marks && !n_above(p))
		return pop_mark(p, &first);
	return pop(p) ? 0 : -1;
}

static int pop_to_mark(struct pickle *p)
{
	size_t first;

	if (pop_mark(p, &first))
		return -1;
	p->n_stack = first;
	return 0;
}

static int protocol(struct pickle *p)
{
	uint64_t version;

	if (pickle_take_number(p, 1, &version))
		return -1;
	return version <= 5
		       ? 0
		       : pickle_fail(p, "pickle protocol %u: 0 to 5 are known", (unsigned)version);
}

static int frame(struct pickle *p)
{
	uint64_t len;

	if (pickle_take_number(p, 8, &len))
		return -1;
	return len <= p->len - p->at ? 0 : pickle_fail(p, "the file is cut inside a frame");
}

static int stop(struct pickle *p)
{
	p->root = pop(p);
	p->stopped = true;
	return p->root ? 0 : -1;
}

static int step_container(struct pickle *p, unsigned char op)
{
	switch (op) {
	case ')':
		return pickle_push_new(p, PICKLE_TUPLE);
	case 't':
		return make_marked(p, PICKLE_TUPLE);
	case 0x85:
	case 0x86:
	case 0x87:
		return make_tuple(p, op - 0x84u);
	case ']':
		return pickle_push_new(p, PICKLE_LIST);
	case 'l':
		return make_marked(p, PICKLE_LIST);
	case 'a':
		return extend_last(p, PICKLE_LIST, 1);
	case 'e':
		return extend_marked(p, PICKLE_LIST);
	case '}':
		return pickle_push_new(p, PICKLE_DICT);
	case 'd':
		return make_marked(p, PICKLE_DICT);
	case 's':
		return extend_last(p, PICKLE_DICT, 2);
	case 'u':
		return extend_marked(p, PICKLE_DICT);
	case 0x8f:
		return pickle_push_new(p, PICKLE_SET);
	case 0x90:
		return extend_marked(p, PICKLE_SET);
	case 0x91:
		return make_marked(p, PICKLE_SET);
	default:
		return pickle_literal(p, op);
	}
}

static int step(struct pickle *p, unsigned char op)
{
	switch (op) {
	case '(':
		return push_mark(p);
	case '.':
		return stop(p);
	case '0':
		return pop_one(p);
	case '1':
		return pop_to_mark(p);
	case '2':
		return pickle_push(p, top(p));
	case 'p':
		return memo_line(p, memo_put);
	case 'q':
		return memo_number(p, 1, memo_put);
	case 'r':
		return memo_number(p, 4, memo_put);
	case 0x94:
		return memo_put(p, p->n_memo);
	case 'g':
		return memo_line(p, memo_get);
	case 'h':
		return memo_number(p, 1, memo_get);
	case 'j':
		return memo_number(p, 4, memo_get);
	case 'c':
		return push_global(p);
	case 0x93:
		return push_stack_global(p);
	case 'R':
	case 0x81:
		return call_top(p);
	case 0x92:
		return call_with_keywords(p);
	case 'i':
		return call_inst(p);
	case 'o':
		return call_obj(p);
	case 'b':
		return build(p);
	case 0x80:
		return protocol(p);
	case 0x95:
		return frame(p);
	default:
		return step_container(p, op);
	}
}

/* ---- reading -----------------------------------------------------------------------------------
 */

struct pickle *pickle_parse(const void *bytes, size_t len, const char *path, struct err *err)
{
	struct pickle *p;

	MEM_ZERO(p, 1);
	p->bytes = bytes;
	p->len = len;
	p->path = path;
	p->err = err;
	while (!p->stopped) {
		const unsigned char *op = pickle_take(p, 1);

		if (!op || step(p, *op)) {
			pickle_free(p);
			return NULL;
		}
	}
	return p;
}

/* Plain or gzip: zlib tells. */
static unsigned char *read_whole(const char *path, size_t *len, struct err *err)
{
	gzFile file = gzopen(path, "rb");
	unsigned char *bytes = NULL;
	size_t cap = 0;
	int got = 1, code;

	if (!file) {
		err_errno(err, "%s: cannot be opened", path);
		return NULL;
	}
	for (*len = 0; got > 0 && *len <= MAX_FILE; *len += (size_t)MAX(got, 0)) {
		MEM_GROW(bytes, *len + 65536, cap);
		got = gzread(file, bytes + *len, (unsigned)(cap - *len));
	}
	if (got < 0)
		err_set(err, "%s: cannot be read: %s", path, gzerror(file, &code));
	else if (*len > MAX_FILE)
		err_set(err, "%s: more than %zu MB: not a model", path, MAX_FILE >> 20);
	if (gzclose(file) != Z_OK && !err_is_set(err))
		err_set(err, "%s: cannot be read whole: damaged or cut", path);
	if (err_is_set(err)) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

struct pickle *pickle_read(const char *path, struct err *err)
{
	size_t len;
	unsigned char *bytes = read_whole(path, &len, err);
	struct pickle *p = bytes ? pickle_parse(bytes, len, path, err) : NULL;

	if (p)
		p->owned = bytes;
	else
		free(bytes);
	return p;
}

void pickle_free(struct pickle *p)
{
	if (!p)
		return;
	free(p->stack);
	free(p->marks);
	free(p->memo);
	free(p->owned);
	arena_release(&p->arena);
	free(p);
}

const struct pickle_value *pickle_root(const struct pickle *p)
{
	return p->root;
}
