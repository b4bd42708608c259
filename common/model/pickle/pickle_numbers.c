/* pickle_numbers.c - arrays of numbers, whatever their type; see pickle.h. */
#include "base/util.h"

#include <math.h>

#include "model/pickle/pickle_private.h"

uint64_t pickle_bits(const unsigned char *at, size_t size, bool big_endian)
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
	uint64_t bits = pickle_bits(at, size, big_endian);
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

static int numbers_of_objects(const struct pickle_value *v, const char *what, double **values,
			      size_t shape[2], struct err *err)
{
	bool array = v && v->kind == PICKLE_ARRAY;
	size_t n;
	struct pickle_value **items = pickle_items(v, what, &n, err);

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
