/* attributes.c - reading attributes, whoever wrote them: fixed or variable strings, any integer. */
#include "base/util.h"

#include <math.h>

#include "h5ad/hdf5/bounded.h"
#include "h5ad/hdf5/hdf5.h"

#define MOST_BYTES ((size_t)64 << 20)
#define MOST_WORDS 4096 /* of an enumeration: HDF5 sorts them by names, in n^2 steps */

struct attribute {
	hid_t id, type, space;
	size_t n, size;
};

static void attribute_close(struct attribute *a)
{
	h5_close(a->id);
	h5_close(a->type);
	h5_close(a->space);
}

/* A damaged attribute counts as none; for want of memory the process ends (h5_yes). */
static int unread(void)
{
	h5_yes(-1);
	return -1;
}

/* 1, or 0 when it is not there, -1 when it cannot be read. */
static int attribute_open(struct attribute *a, hid_t object, const char *name)
{
	*a = (struct attribute){H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, 0, 0};
	if (!h5_yes(H5Aexists(object, name)))
		return 0;
	a->id = H5Aopen(object, name, H5P_DEFAULT);
	a->type = a->id < 0 ? -1 : H5Aget_type(a->id);
	a->space = a->id < 0 ? -1 : H5Aget_space(a->id);
	if (a->space < 0)
		return unread();
	hssize_t n = H5Sget_simple_extent_npoints(a->space);
	a->size = a->type < 0 ? 0 : H5Tget_size(a->type);
	if (n < 0 || a->size == 0 || a->size > MOST_BYTES || (size_t)n > MOST_BYTES / a->size ||
	    (H5Tget_class(a->type) == H5T_ENUM && H5Tget_nmembers(a->type) > MOST_WORDS))
		return -1;
	a->n = (size_t)n;
	return 1;
}

/* The attribute's strings as they are in memory after reading: pointers or padded fields. */
static int read_strings(struct attribute *a, struct arena *arena, char **strings)
{
	bool variable = H5Tis_variable_str(a->type) > 0;
	uint8_t *bytes = mem_zero(MAX(a->n, 1), a->size);
	int ret = -1;

	if (h5_read_attribute(a->id, a->type, bytes) < 0) {
		unread();
		goto out;
	}
	for (size_t i = 0; i < a->n; i++) {
		const char *s = (const char *)bytes + i * a->size;
		if (variable) {
			memcpy(&s, bytes + i * a->size, sizeof(s));
			strings[i] = arena_str(arena, s ? s : "", s ? strlen(s) : 0);
		} else {
			strings[i] = arena_str(arena, s, strnlen(s, a->size));
		}
	}
	if (variable)
		H5Dvlen_reclaim(a->type, a->space, H5P_DEFAULT, bytes);
	ret = 0;
out:
	free(bytes);
	return ret;
}

char *h5_attr_string(hid_t object, const char *name)
{
	struct attribute a;
	struct arena arena = {0};
	char *string, *copy = NULL;

	if (attribute_open(&a, object, name) == 1 && a.n == 1 &&
	    H5Tget_class(a.type) == H5T_STRING && !read_strings(&a, &arena, &string))
		copy = mem_str(string);
	arena_release(&arena);
	attribute_close(&a);
	return copy;
}

bool h5_attr_is(hid_t object, const char *name, const char *value)
{
	char *found = h5_attr_string(object, name);
	bool same = found && str_eq(found, value);

	free(found);
	return same;
}

bool h5_attr_flag(hid_t object, const char *name)
{
	struct attribute a;
	bool flag = false;

	if (attribute_open(&a, object, name) == 1 && a.n == 1 && a.size <= 8 &&
	    (H5Tget_class(a.type) == H5T_ENUM || H5Tget_class(a.type) == H5T_INTEGER)) {
		uint8_t bytes[8] = {0};
		if (H5Aread(a.id, a.type, bytes) >= 0)
			for (size_t i = 0; i < a.size; i++)
				flag |= bytes[i] != 0;
	}
	attribute_close(&a);
	return flag;
}

static bool is_number(hid_t type)
{
	H5T_class_t kind = H5Tget_class(type);

	return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

#define SIZE_DOUBLES 0x1p53 /* up to here a double holds every whole number */

int h5_attr_sizes(hid_t object, const char *name, size_t *values, size_t n)
{
	struct attribute a;
	double *numbers; /* R writes whole numbers as floats, too */
	int ret = -1;

	MEM_ZERO(numbers, n);
	if (attribute_open(&a, object, name) == 1 && a.n == n && is_number(a.type) &&
	    H5Aread(a.id, H5T_NATIVE_DOUBLE, numbers) >= 0) {
		ret = 0;
		for (size_t i = 0; i < n; i++) {
			bool is_size = numbers[i] >= 0 && numbers[i] <= SIZE_DOUBLES &&
				       numbers[i] == floor(numbers[i]);
			values[i] = is_size ? (size_t)numbers[i] : 0;
			ret = is_size ? ret : -1;
		}
	}
	attribute_close(&a);
	free(numbers);
	return ret;
}

int h5_attr_strings(const struct h5_file *f, hid_t object, const char *name, struct arena *arena,
		    char ***strings, size_t *n, struct err *err)
{
	struct attribute a;
	int there = attribute_open(&a, object, name);

	*strings = NULL;
	*n = 0;
	if (there == 1 && a.n > 0) { /* an empty list has the type of numbers */
		*strings = arena_alloc(arena, mem_product(a.n, sizeof(**strings)));
		*n = a.n;
		if (H5Tget_class(a.type) != H5T_STRING || read_strings(&a, arena, *strings))
			there = -1;
	}
	attribute_close(&a);
	if (there < 0)
		err_set(err, "%s: the attribute '%s' is not a list of strings", f->path, name);
	return there;
}
