/* pickle_numpy.c - what numpy's and Python's reduce forms stand for. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "model/pickle/pickle_private.h"

/* Is 'v' the name "module.name" of any of numpy's homes for it? */
static bool named(const struct pickle_value *v, const char *whole)
{
	return v && v->kind == PICKLE_NAME && str_eq(v->text.s, whole);
}

static const struct pickle_value *item(const struct pickle_value *tuple, size_t i)
{
	return i < tuple->list.n ? tuple->list.items[i] : NULL;
}

/* "f8", "<i4", "U12", "O": numpy's short name of a type. */
static bool parse_dtype(const char *s, struct pickle_value *v)
{
	size_t size = 0;

	if (*s && strchr("<>=|", *s))
		v->dtype.big_endian = *s++ == '>';
	v->dtype.kind = *s;
	if (!*s || !strchr("fiubUSOVcmM", *s++))
		return false;
	if (*s && !parse_size(s, 0, 1 << 20, &size))
		return false;
	v->dtype.size = v->dtype.kind == 'U' ? size * 4 : size;
	return true;
}

static struct pickle_value *call_dtype(struct pickle *p, const struct pickle_value *args)
{
	const struct pickle_value *spec = item(args, 0);
	struct pickle_value *v = pickle_value(p, PICKLE_DTYPE);
	char name[32] = "";

	if (v && spec && (spec->kind == PICKLE_STR || spec->kind == PICKLE_BYTES))
		snprintf(name, sizeof(name), "%.*s", (int)MIN(spec->text.len, sizeof(name) - 1),
			 spec->text.s);
	if (v && !parse_dtype(name, v)) {
		pickle_fail(p, "numpy type '%s' is not understood", name);
		return NULL;
	}
	return v;
}

/* dtype state: (version, byte order, ...). */
static int build_dtype(struct pickle *p, struct pickle_value *v, const struct pickle_value *state)
{
	const struct pickle_value *order = state->kind == PICKLE_TUPLE ? item(state, 1) : NULL;

	if (!order || (order->kind != PICKLE_STR && order->kind != PICKLE_BYTES))
		return pickle_fail(p, "a numpy type with a state that is not understood");
	v->dtype.big_endian = order->text.len == 1 && order->text.s[0] == '>';
	return 0;
}

static int set_shape(struct pickle *p, struct pickle_value *v, const struct pickle_value *shape)
{
	size_t n = 1;

	if (!shape || shape->kind != PICKLE_TUPLE)
		return pickle_fail(p, "an array without a shape");
	v->array.shape[0] = v->array.shape[1] = 1;
	v->array.n_dims = shape->list.n;
	for (size_t i = 0; i < shape->list.n; i++) {
		const struct pickle_value *extent = shape->list.items[i];

		if (extent->kind != PICKLE_INT || extent->integer < 0 ||
		    __builtin_mul_overflow(n, (size_t)extent->integer, &n))
			return pickle_fail(p, "an array with an impossible shape");
		if (i < 2)
			v->array.shape[i] = (size_t)extent->integer;
	}
	v->array.n = n;
	return 0;
}

/* Type and contents of an array whose shape is known; their sizes must agree. */
static int set_data(struct pickle *p, struct pickle_value *v, const struct pickle_value *dtype,
		    const struct pickle_value *data)
{
	size_t n_bytes;

	if (!dtype || dtype->kind != PICKLE_DTYPE || !data)
		return pickle_fail(p, "an array without type or data");
	if (dtype->dtype.kind == 'O') {
		if (data->kind != PICKLE_LIST || data->list.n != v->array.n)
			return pickle_fail(p, "an array of objects that does not fit its shape");
	} else if ((data->kind != PICKLE_BYTES && data->kind != PICKLE_STR) ||
		   __builtin_mul_overflow(v->array.n, dtype->dtype.size, &n_bytes) ||
		   data->text.len != n_bytes || (v->array.n && !dtype->dtype.size)) {
		return pickle_fail(p, "an array whose data does not fit its shape");
	}
	v->array.dtype = dtype;
	v->array.data = data;
	return 0;
}

/* ndarray state: (version, shape, dtype, is_fortran, data). */
static int build_array(struct pickle *p, struct pickle_value *v, const struct pickle_value *state)
{
	double fortran;

	if (v->array.dtype || state->kind != PICKLE_TUPLE || state->list.n != 5)
		return pickle_fail(p, "an array with a state that is not understood");
	v->array.fortran = pickle_number(item(state, 3), &fortran) && fortran != 0;
	return set_shape(p, v, item(state, 1)) || set_data(p, v, item(state, 2), item(state, 4))
		       ? -1
		       : 0;
}

static struct pickle_value *call_reconstruct(struct pickle *p, const struct pickle_value *args)
{
	if (!named(item(args, 0), "numpy.ndarray") && !named(item(args, 0), "numpy.matrix")) {
		pickle_fail(p, "an array of a class that is not understood");
		return NULL;
	}
	return pickle_value(p, PICKLE_ARRAY);
}

/* _frombuffer(buffer, dtype, shape, order): protocol 5's arrays. */
static struct pickle_value *call_frombuffer(struct pickle *p, const struct pickle_value *args)
{
	const struct pickle_value *order = item(args, 3);
	struct pickle_value *v = pickle_value(p, PICKLE_ARRAY);

	if (!v)
		return NULL;
	if (args->list.n != 4 || !(pickle_is(order, "C") || pickle_is(order, "F"))) {
		pickle_fail(p, "an array from a buffer in an order that is not understood");
		return NULL;
	}
	v->array.fortran = pickle_is(order, "F");
	if (set_shape(p, v, item(args, 2)) || set_data(p, v, item(args, 1), item(args, 0)))
		return NULL;
	return v;
}

/* As the kind that Python would print it: "3", not "3.0". */
static void set_scalar(struct pickle_value *v, char kind, double number)
{
	if (kind == 'b') {
		v->kind = PICKLE_BOOL;
		v->truth = number != 0;
	} else if (kind != 'f' && fabs(number) < 1e15) {
		v->kind = PICKLE_INT;
		v->integer = (int64_t)number;
	} else {
		v->number = number;
	}
}

/* scalar(dtype, bytes): a number or text of numpy, as Python's. */
static struct pickle_value *call_scalar(struct pickle *p, const struct pickle_value *args)
{
	struct pickle_value *array = pickle_value(p, PICKLE_ARRAY), *v;
	const struct pickle_value *dtype = item(args, 0), *data = item(args, 1);
	size_t shape[2], n;
	double *number = NULL;
	char **text = NULL;

	if (dtype && dtype->kind == PICKLE_DTYPE && dtype->dtype.kind == 'O' && data)
		return (struct pickle_value *)data;
	if (!array)
		return NULL;
	array->array.n_dims = array->array.n = 1;
	array->array.shape[0] = array->array.shape[1] = 1;
	if (set_data(p, array, dtype, data))
		return NULL;
	if (dtype->dtype.kind == 'U' || dtype->dtype.kind == 'S') {
		v = pickle_value(p, PICKLE_STR);
		if (!v || pickle_texts(array, "a text", &p->arena, &text, &n, p->err))
			return NULL;
		v->text.s = text[0];
		v->text.len = strlen(text[0]);
		free(text);
		return v;
	}
	v = pickle_value(p, PICKLE_FLOAT);
	if (!v || pickle_numbers(array, "a number", &number, shape, p->err))
		return NULL;
	set_scalar(v, dtype->dtype.kind, number[0]);
	free(number);
	return v;
}

/* codecs.encode(text, "latin1"): how old protocols write bytes. */
static struct pickle_value *call_encode(struct pickle *p, const struct pickle_value *args)
{
	const struct pickle_value *text = item(args, 0), *codec = item(args, 1);
	struct pickle_value *v = pickle_value(p, PICKLE_BYTES);
	char *bytes;

	if (!v)
		return NULL;
	if (!text || text->kind != PICKLE_STR ||
	    !(pickle_is(codec, "latin1") || pickle_is(codec, "latin-1"))) {
		pickle_fail(p, "bytes in an encoding that is not understood");
		return NULL;
	}
	bytes = arena_alloc(&p->arena, text->text.len + 1);
	for (const char *s = text->text.s, *end = s + text->text.len; s < end;) {
		uint32_t c = utf8_next(&s);

		if (c > 0xff) {
			pickle_fail(p, "a character beyond Latin-1 among bytes");
			return NULL;
		}
		bytes[v->text.len++] = (char)c;
	}
	v->text.s = bytes;
	return v;
}

/* bytes() and bytes(b"..."), bytearray likewise. */
static struct pickle_value *call_bytes(struct pickle *p, const struct pickle_value *args)
{
	const struct pickle_value *from = item(args, 0);
	struct pickle_value *v;

	if (from && from->kind == PICKLE_STR)
		return call_encode(p, args);
	v = pickle_value(p, PICKLE_BYTES);
	if (v && from && from->kind == PICKLE_BYTES)
		v->text = from->text;
	return v;
}

static struct pickle_value *make_object(struct pickle *p, const struct pickle_value *name,
					const struct pickle_value *args)
{
	struct pickle_value *v = pickle_value(p, PICKLE_OBJECT);

	if (v) {
		v->object.name = name;
		v->object.args = args;
	}
	return v;
}

/* copyreg's two forms name the class in the first argument. */
static struct pickle_value *call_copyreg(struct pickle *p, const struct pickle_value *args)
{
	if (!item(args, 0) || item(args, 0)->kind != PICKLE_NAME) {
		pickle_fail(p, "an object without a class");
		return NULL;
	}
	return make_object(p, item(args, 0), args);
}

static struct pickle_value *call_ordered_dict(struct pickle *p, const struct pickle_value *args)
{
	if (args->list.n) {
		pickle_fail(p, "an OrderedDict with arguments is not understood");
		return NULL;
	}
	return pickle_value(p, PICKLE_DICT);
}

/* What makes its defaults does not matter: nothing asks for a key that is not there. */
static struct pickle_value *call_default_dict(struct pickle *p, const struct pickle_value *args)
{
	(void)args;
	return pickle_value(p, PICKLE_DICT);
}

struct pickle_value *pickle_call(struct pickle *p, const struct pickle_value *name,
				 const struct pickle_value *args)
{
	static const struct {
		const char *name;
		struct pickle_value *(*make)(struct pickle *p, const struct pickle_value *args);
	} forms[] = {
		{"numpy.dtype", call_dtype},
		{"numpy.core.multiarray._reconstruct", call_reconstruct},
		{"numpy._core.multiarray._reconstruct", call_reconstruct},
		{"numpy.core.multiarray.scalar", call_scalar},
		{"numpy._core.multiarray.scalar", call_scalar},
		{"numpy.core.numeric._frombuffer", call_frombuffer},
		{"numpy._core.numeric._frombuffer", call_frombuffer},
		{"_codecs.encode", call_encode},
		{"builtins.bytes", call_bytes},
		{"__builtin__.bytes", call_bytes},
		{"builtins.bytearray", call_bytes},
		{"__builtin__.bytearray", call_bytes},
		{"copyreg._reconstructor", call_copyreg},
		{"copy_reg._reconstructor", call_copyreg},
		{"copyreg.__newobj__", call_copyreg},
		{"copy_reg.__newobj__", call_copyreg},
		{"collections.OrderedDict", call_ordered_dict},
		{"collections.defaultdict", call_default_dict},
		{"pyarrow.lib.py_buffer", call_bytes},
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (str_eq(name->text.s, forms[i].name))
			return forms[i].make(p, args);
	}
	return make_object(p, name, args);
}

int pickle_build(struct pickle *p, struct pickle_value *v, const struct pickle_value *state)
{
	switch (v->kind) {
	case PICKLE_DTYPE:
		return build_dtype(p, v, state);
	case PICKLE_ARRAY:
		return build_array(p, v, state);
	case PICKLE_OBJECT:
		if (v->object.state)
			return pickle_fail(p, "an object with two states");
		v->object.state = state;
		return 0;
	case PICKLE_DICT: /* attributes of an OrderedDict: torch notes its versions there */
		return 0;
	default:
		return pickle_fail(p, "gives a state to %s", pickle_describe(v));
	}
}
