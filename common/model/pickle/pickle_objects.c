/* pickle_objects.c - the machine's names, calls and states: what becomes an object. */
#include "base/util.h"

#include "model/pickle/pickle_private.h"

static int refuse_name(struct pickle *p, const char *module, const char *name)
{
	if (str_starts(module, "joblib."))
		return pickle_fail(p, "written by joblib, which CellTypist cannot load either (in "
				      "Python: joblib.load it, then pickle.dump it)");
	return pickle_fail(p,
			   "the pickle asks for %.100s.%.100s, which no %s model needs: "
			   "refused (nothing was run)",
			   module, name, p->torch ? "scVI" : "CellTypist");
}

static int push_name(struct pickle *p, const char *module, const char *name)
{
	struct pickle_value *v = pickle_value(p, PICKLE_NAME);
	char *whole;

	if (!v)
		return -1;
	if (!pickle_name_allowed(module, name, p->torch))
		return refuse_name(p, module, name);
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
	const struct pickle_value *name = pickle_pop(p);
	const struct pickle_value *module = name ? pickle_pop(p) : NULL;

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
	const struct pickle_value *args = pickle_pop(p);

	return args ? call(p, pickle_pop(p), args) : -1;
}

/* NEWOBJ_EX has keyword arguments on top, which no class on the list uses. */
static int call_with_keywords(struct pickle *p)
{
	const struct pickle_value *keywords = pickle_pop(p);

	if (!keywords)
		return -1;
	if (keywords->kind != PICKLE_DICT || keywords->list.n)
		return pickle_fail(p, "a class made with keyword arguments");
	return call_top(p);
}

/* Protocol 0's instances: the class is named by two lines, the arguments are above the mark. */
static int call_inst(struct pickle *p)
{
	if (pickle_make_marked(p, PICKLE_TUPLE) || push_global(p))
		return -1;
	const struct pickle_value *name = pickle_pop(p);
	return call(p, name, pickle_pop(p));
}

/* Protocol 1's: the class is the first value above the mark. */
static int call_obj(struct pickle *p)
{
	size_t first;
	struct pickle_value *name;

	if (pickle_pop_mark(p, &first))
		return -1;
	if (first >= p->n_stack)
		return pickle_fail(p, "takes a value from an empty stack");
	name = p->stack[first];
	if (pickle_make_from(p, PICKLE_TUPLE, first + 1))
		return -1;
	const struct pickle_value *args = pickle_pop(p);
	p->n_stack = first;
	return call(p, name, args);
}

static int build(struct pickle *p)
{
	const struct pickle_value *state = pickle_pop(p);
	struct pickle_value *v = state ? pickle_top(p) : NULL;

	return v ? pickle_build(p, v, state) : -1;
}

/* Torch's storages: ('storage', class, key, device, number of elements). */
static int push_persistent(struct pickle *p)
{
	static const char what[] = "torch.storage";
	const struct pickle_value *id = pickle_pop(p);
	struct pickle_value *name, *v;

	if (!id)
		return -1;
	if (!p->torch || id->kind != PICKLE_TUPLE)
		return pickle_fail(p, "a persistent id, which leads outside the pickle");
	name = pickle_value(p, PICKLE_NAME);
	v = name ? pickle_value(p, PICKLE_OBJECT) : NULL;
	if (!v)
		return -1;
	name->text.s = what;
	name->text.len = strlen(what);
	v->object.name = name;
	v->object.args = id;
	return pickle_push(p, v);
}

int pickle_object(struct pickle *p, unsigned char op)
{
	switch (op) {
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
	case 'Q':
		return push_persistent(p);
	default:
		return PICKLE_NOT_MINE;
	}
}
