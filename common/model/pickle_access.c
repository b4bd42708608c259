/* pickle_access.c - taking plain data out of pickled values. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "model/pickle.h"
#include "model/pickle_pandas.h"

static bool is_text(const struct pickle_value *v)
{
	return v && (v->kind == PICKLE_STR || v->kind == PICKLE_BYTES);
}

bool pickle_is(const struct pickle_value *v, const char *text)
{
	return is_text(v) && v->text.len == strlen(text) &&
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

/* The bits of one element, most significant first whatever its byte order. */
static uint64_t element_bits(const unsigned char *at, size_t size, bool big_endian)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < size; i++)
		bits = bits << 8 | at[big_endian ? i : size - 1 - i];
	return bits;
}

static double half_number(uint64_t bits)
{
	int exponent = (int)(bits >> 10 & 31);
	double fraction = (double)(bits & 1023), value;

	if (exponent == 31)
		value = fraction > 0 ? NAN : INFINITY;
	else
		value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
	return bits & 0x8000 ? -value : value;
}

static double float_number(uint64_t bits, size_t size)
{
	uint32_t single = (uint32_t)bits;
	float f;
	double d;

	if (size == 2)
		return half_number(bits);
	if (size == 4) {
		memcpy(&f, &single, sizeof(f));
		return (double)f;
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static double element_number(const unsigned char *at, char kind, size_t size, bool big_endian)
{
	uint64_t bits = element_bits(at, size, big_endian);
	int unused = (int)(64 - 8 * size);

	if (kind == 'f')
		return float_number(bits, size);
	if (kind == 'i')
		return (double)((int64_t)(bits << unused) >> unused);
	return (double)bits;
}

static bool dtype_is_number(char kind, size_t size)
{
	bool power = size == 1 || size == 2 || size == 4 || size == 8;

	return (kind == 'f' && power && size > 1) || (strchr("iu", kind) && power) ||
	       (kind == 'b' && size == 1);
}

/* Where element (row, column) of an array is stored. */
static size_t element_at(const struct pickle_value *v, size_t i)
{
	size_t n_rows = v->array.shape[0], n_columns = v->array.shape[1];

	if (!v->array.fortran || v->array.n_dims < 2)
		return i;
	return i % n_columns * n_rows + i / n_columns;
}

/* The items of a list, tuple or array of objects: 'n' of them, or NULL with the error filled. */
static struct pickle_value **object_items(const struct pickle_value *v, const char *what, size_t *n,
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

static int numbers_of_objects(const struct pickle_value *v, const char *what, double **values,
			      size_t shape[2], struct err *err)
{
	bool array = v && v->kind == PICKLE_ARRAY;
	size_t n;
	struct pickle_value **items = object_items(v, what, &n, err);

	if (!items)
		return -1;
	shape[0] = array ? v->array.shape[0] : n;
	shape[1] = array ? v->array.shape[1] : 1;
	MEM_ARRAY(*values, n);
	for (size_t i = 0; i < n; i++) {
		if (!pickle_number(items[array ? element_at(v, i) : i], &(*values)[i])) {
			free(*values);
			*values = NULL;
			return err_set(err, "%s: element %zu is not a number", what, i + 1);
		}
	}
	return 0;
}

int pickle_numbers(const struct pickle_value *v, const char *what, double **values, size_t shape[2],
		   struct err *err)
{
	*values = NULL;
	if (v && v->kind == PICKLE_ARRAY && v->array.n_dims > 2)
		return err_set(err, "%s has %zu dimensions", what, v->array.n_dims);
	if (!v || v->kind != PICKLE_ARRAY || !v->array.dtype || v->array.dtype->dtype.kind == 'O')
		return numbers_of_objects(v, what, values, shape, err);

	char kind = v->array.dtype->dtype.kind;
	size_t size = v->array.dtype->dtype.size;
	const unsigned char *bytes = (const unsigned char *)v->array.data->text.s;

	if (!dtype_is_number(kind, size))
		return err_set(err, "%s: numpy type %c%zu does not hold numbers", what, kind, size);
	shape[0] = v->array.shape[0];
	shape[1] = v->array.shape[1];
	MEM_ARRAY(*values, v->array.n);
	for (size_t i = 0; i < v->array.n; i++)
		(*values)[i] = element_number(bytes + element_at(v, i) * size, kind, size,
					      v->array.dtype->dtype.big_endian);
	return 0;
}

/* A number as Python prints it: the fewest digits that give it back, and ".0" for whole ones. */
static char *text_of_number(double number, bool whole, struct arena *arena)
{
	char text[40];
	int len = snprintf(text, sizeof(text), whole ? "%.0f" : "%.1f", number);

	for (int digits = 1; strtod(text, NULL) != number && digits <= 17; digits++)
		len = snprintf(text, sizeof(text), "%.*g", digits, number);
	return arena_str(arena, text, (size_t)len);
}

static char *text_of_truth(bool truth, struct arena *arena)
{
	return truth ? arena_str(arena, "True", 4) : arena_str(arena, "False", 5);
}

int pickle_text(const struct pickle_value *v, const char *what, struct arena *arena, char **text,
		struct err *err)
{
	double number;

	if (v && v->kind == PICKLE_BOOL) {
		*text = text_of_truth(v->truth, arena);
		return 0;
	}
	if (pickle_number(v, &number) && fabs(number) < 1e15) {
		*text = text_of_number(number, v->kind == PICKLE_INT, arena);
		return 0;
	}
	if (!is_text(v) || !utf8_valid(v->text.s, v->text.len))
		return err_set(err, "%s holds %s where a text should be", what, pickle_describe(v));
	if (memchr(v->text.s, '\0', v->text.len))
		return err_set(err, "%s holds a text with a NUL in it", what);
	*text = arena_str(arena, v->text.s, v->text.len);
	return 0;
}

static int texts_of_numbers(const struct pickle_value *v, const char *what, struct arena *arena,
			    char **texts, struct err *err)
{
	double *numbers;
	size_t shape[2];
	char kind = v->array.dtype->dtype.kind;

	if (pickle_numbers(v, what, &numbers, shape, err))
		return -1;
	for (size_t i = 0; i < shape[0]; i++) {
		if (!(fabs(numbers[i]) < 1e15)) {
			free(numbers);
			return err_set(err, "%s: element %zu is no name", what, i + 1);
		}
		texts[i] = kind == 'b' ? text_of_truth(numbers[i] != 0, arena)
				       : text_of_number(numbers[i], kind != 'f', arena);
	}
	free(numbers);
	return 0;
}

/* An element of type U (UCS-4) or S (bytes), padded with NULs at the end. */
static int text_of_element(const struct pickle_value *v, size_t i, const char *what,
			   struct arena *arena, char **text, struct err *err)
{
	bool wide = v->array.dtype->dtype.kind == 'U';
	size_t size = v->array.dtype->dtype.size;
	const unsigned char *at = (const unsigned char *)v->array.data->text.s + i * size;
	struct text t = TEXT_INIT;
	int ret = -1;

	for (size_t k = 0; wide && k < size; k += 4) {
		uint64_t c = element_bits(at + k, 4, v->array.dtype->dtype.big_endian);

		if (!c)
			break;
		text_add_utf8(&t, c > 0x10ffff ? 0xd800 : (uint32_t)c);
	}
	if (!wide)
		text_add_bytes(&t, (const char *)at, strnlen((const char *)at, size));
	if (!utf8_valid(t.s, t.len)) {
		err_set(err, "%s: element %zu is not text", what, i + 1);
	} else {
		*text = arena_str(arena, t.s, t.len);
		ret = 0;
	}
	text_release(&t);
	return ret;
}

int pickle_texts(const struct pickle_value *v, const char *what, struct arena *arena, char ***texts,
		 size_t *n, struct err *err)
{
	bool array, numbers;
	struct pickle_value **items = NULL;
	int ret = 0;

	v = pickle_pandas_inside(v);
	if (pickle_pandas_packs(v))
		return pickle_pandas_texts(v, what, arena, texts, n, err);
	array = v && v->kind == PICKLE_ARRAY && v->array.dtype &&
		strchr("USiufb", v->array.dtype->dtype.kind);
	numbers = array && strchr("iufb", v->array.dtype->dtype.kind);
	*texts = NULL;
	if (v && v->kind == PICKLE_ARRAY && v->array.n_dims != 1)
		return err_set(err, "%s has %zu dimensions, not one", what, v->array.n_dims);
	if (array)
		*n = v->array.n;
	else if (!(items = object_items(v, what, n, err)))
		return -1;
	MEM_ARRAY(*texts, *n);
	if (numbers)
		ret = texts_of_numbers(v, what, arena, *texts, err);
	for (size_t i = 0; i < *n && !ret && !numbers; i++)
		ret = array ? text_of_element(v, i, what, arena, &(*texts)[i], err)
			    : pickle_text(items[i], what, arena, &(*texts)[i], err);
	if (ret) {
		free(*texts);
		*texts = NULL;
	}
	return ret;
}
