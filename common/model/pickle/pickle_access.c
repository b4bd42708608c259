/* pickle_access.c - finding values in a pickle; see pickle.h. */
#include "base/util.h"

#include "model/pickle/pickle_private.h"

bool pickle_is_text(const struct pickle_value *v)
{
	return v && (v->kind == PICKLE_STR || v->kind == PICKLE_BYTES);
}

bool pickle_is(const struct pickle_value *v, const char *text)
{
	return pickle_is_text(v) && v->text.len == strlen(text) &&
	       memcmp(v->text.s, text, v->text.len) == 0;
}

/* A repeated key's last value counts, as in Python. */
static const struct pickle_value *dict_get(const struct pickle_value *dict, const char *key)
{
	for (size_t i = dict->list.n; i >= 2; i -= 2) {
		if (pickle_is(dict->list.items[i - 2], key))
			return dict->list.items[i - 1];
	}
	return NULL;
}

const struct pickle_value *pickle_get(const struct pickle_value *v, const char *name)
{
	const struct pickle_value *dict = v;

	if (v && v->kind == PICKLE_OBJECT)
		dict = v->object.state;
	return dict && dict->kind == PICKLE_DICT ? dict_get(dict, name) : NULL;
}

const char *pickle_describe(const struct pickle_value *v)
{
	static const char *const names[] = {
		[PICKLE_NONE] = "None",      [PICKLE_BOOL] = "a bool",
		[PICKLE_INT] = "an integer", [PICKLE_BIG] = "a large integer",
		[PICKLE_FLOAT] = "a number", [PICKLE_STR] = "a text",
		[PICKLE_BYTES] = "bytes",    [PICKLE_TUPLE] = "a tuple",
		[PICKLE_LIST] = "a list",    [PICKLE_SET] = "a set",
		[PICKLE_DICT] = "a dict",    [PICKLE_DTYPE] = "a numpy type",
		[PICKLE_ARRAY] = "an array",
	};

	if (!v)
		return "nothing";
	if (v->kind == PICKLE_NAME)
		return v->text.s;
	if (v->kind == PICKLE_OBJECT)
		return v->object.name->text.s;
	return names[v->kind];
}

bool pickle_number(const struct pickle_value *v, double *number)
{
	if (!v)
		return false;
	switch (v->kind) {
	case PICKLE_BOOL:
		*number = v->truth;
		return true;
	case PICKLE_INT:
		*number = (double)v->integer;
		return true;
	case PICKLE_FLOAT:
		*number = v->number;
		return true;
	default:
		return false;
	}
}

struct pickle_value **pickle_items(const struct pickle_value *v, const char *what, size_t *n,
				   struct err *err)
{
	const struct pickle_value *list = v;
	static struct pickle_value *none[1];

	if (v && v->kind == PICKLE_ARRAY && v->array.dtype && v->array.dtype->dtype.kind == 'O')
		list = v->array.data;
	if (list && list == v && v->kind == PICKLE_ARRAY && v->array.dtype)
		return err_null(err, "%s: numpy type %c%zu holds no texts", what,
				v->array.dtype->dtype.kind, v->array.dtype->dtype.size);
	if (!list || (list->kind != PICKLE_LIST && list->kind != PICKLE_TUPLE))
		return err_null(err, "%s is %s, not an array", what, pickle_describe(v));
	*n = list->list.n;
	return *n ? list->list.items : none;
}
