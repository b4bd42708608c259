/* pickle_value.c - values in the making, and what to say when one cannot be made. */
#include "base/util.h"

#include <stdarg.h>

#include "model/pickle/pickle_private.h"

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
