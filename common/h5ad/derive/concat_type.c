/* concat_type.c - the type of numbers from several inputs. */
#include "base/util.h"

#include "h5ad/derive/concat_private.h"

struct number {
	bool is_float, is_unsigned;
	size_t size;
};

static bool number_of(hid_t type, struct number *n)
{
	H5T_class_t class = H5Tget_class(type);

	n->is_float = class == H5T_FLOAT;
	n->is_unsigned = class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE;
	n->size = H5Tget_size(type);
	return (n->is_float || class == H5T_INTEGER) && n->size <= 8;
}

static hid_t float_type(size_t size)
{
	return size <= 2 ? type_half() : H5Tcopy(size <= 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE);
}

/* The float that holds an integer of so many bytes. */
static size_t float_for(const struct number *n)
{
	return n->is_float ? n->size : MIN(2 * n->size, (size_t)8);
}

static hid_t int_for(const struct number *a, const struct number *b)
{
	const struct number *with = a->is_unsigned ? b : a, *without = a->is_unsigned ? a : b;
	size_t size = MAX(a->size, b->size);

	if (a->is_unsigned == b->is_unsigned)
		return H5Tcopy(type_int(size, a->is_unsigned));
	if (without->size >= with->size)
		size = 2 * without->size;
	return size > 8 ? float_type(8) : H5Tcopy(type_int(size, false));
}

hid_t concat_type(hid_t a, hid_t b)
{
	struct number x, y;

	if (H5Tget_class(a) == H5T_ENUM && H5Tequal(a, b) > 0)
		return H5Tcopy(a);
	if (!number_of(a, &x) || !number_of(b, &y))
		return H5I_INVALID_HID;
	if (x.is_float || y.is_float)
		return float_type(MAX(float_for(&x), float_for(&y)));
	return int_for(&x, &y);
}
