/* torch_file.c - tensors of a torch archive; see torch_file.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "format/zip.h"
#include "vae/scvi/torch_file.h"

struct torch_file {
	char *path;
	struct zip *zip;
	unsigned char *bytes; /* of the pickle */
	struct pickle *pickle;
	size_t n_given; /* bytes of storages read so far: sharing must not multiply the file */
	size_t n_bytes; /* of all entries; at most a quarter of what a size_t holds */
};

/* ---- opening ---- */

static int check_byte_order(struct torch_file *t, struct err *err)
{
	size_t at = zip_find(t->zip, "byteorder"), len;
	unsigned char *order;
	int ret = 0;

	if (at == SIZE_MAX)
		return 0; /* before torch 2.1: little */
	order = zip_read(t->zip, at, &len, err);
	if (!order)
		return -1;
	if (len != 6 || memcmp(order, "little", 6) != 0)
		ret = err_set(err, "%s: numbers in big-endian order are not read", t->path);
	free(order);
	return ret;
}

static int read_pickle(struct torch_file *t, struct err *err)
{
	size_t at = zip_find(t->zip, "data.pkl"), len;

	if (at == SIZE_MAX)
		return err_set(err, "%s: a zip archive, but not one of torch: it has no data.pkl",
			       t->path);
	if (check_byte_order(t, err))
		return -1;
	t->bytes = zip_read(t->zip, at, &len, err);
	t->pickle = t->bytes ? pickle_parse_torch(t->bytes, len, t->path, err) : NULL;
	for (size_t i = 0; i < zip_n(t->zip); i++)
		t->n_bytes += MIN(zip_size(t->zip, i), SIZE_MAX / 4 - t->n_bytes);
	return t->pickle ? 0 : -1;
}

struct torch_file *torch_open(const char *path, struct err *err)
{
	struct torch_file *t;

	MEM_ZERO(t, 1);
	t->path = mem_str(path);
	t->zip = zip_open(path, err);
	if (t->zip && read_pickle(t, err) == 0)
		return t;
	torch_close(t);
	return NULL;
}

void torch_close(struct torch_file *t)
{
	if (!t)
		return;
	pickle_free(t->pickle);
	free(t->bytes);
	zip_close(t->zip);
	free(t->path);
	free(t);
}

const struct pickle_value *torch_root(const struct torch_file *t)
{
	return pickle_root(t->pickle);
}

/* ---- tensors ---- */

static bool is_name(const struct pickle_value *v, const char *name)
{
	return v && v->kind == PICKLE_NAME && v->text.len == strlen(name) &&
	       memcmp(v->text.s, name, v->text.len) == 0;
}

/* An argument of a call of 'name', NULL when 'v' is none. */
static const struct pickle_value *argument(const struct pickle_value *v, const char *name, size_t i)
{
	const struct pickle_value *args;

	if (!v || v->kind != PICKLE_OBJECT || !is_name(v->object.name, name))
		return NULL;
	args = v->object.args;
	return args && args->kind == PICKLE_TUPLE && i < args->list.n ? args->list.items[i] : NULL;
}

/* A parameter is a tensor with a flag. */
static const struct pickle_value *bare(const struct pickle_value *v)
{
	const struct pickle_value *inner = argument(v, "torch._utils._rebuild_parameter", 0);

	return inner ? inner : v;
}

bool torch_is_tensor(const struct pickle_value *v)
{
	return argument(bare(v), "torch._utils._rebuild_tensor_v2", 0) != NULL;
}

enum element { ELEMENT_FLOAT, ELEMENT_DOUBLE, ELEMENT_HALF, ELEMENT_INTEGER };

struct torch_storage {
	enum element element;
	size_t size; /* of an element */
	size_t n, entry;
};

static int find_type(const struct torch_file *t, const struct pickle_value *name, const char *what,
		     struct torch_storage *s, struct err *err)
{
	static const struct {
		const char *name;
		enum element element;
		size_t size;
	} types[] = {
		{"torch.FloatStorage", ELEMENT_FLOAT, 4},
		{"torch.DoubleStorage", ELEMENT_DOUBLE, 8},
		{"torch.HalfStorage", ELEMENT_HALF, 2},
		{"torch.LongStorage", ELEMENT_INTEGER, 8},
		{"torch.IntStorage", ELEMENT_INTEGER, 4},
		{"torch.ShortStorage", ELEMENT_INTEGER, 2},
		{"torch.CharStorage", ELEMENT_INTEGER, 1},
		{"torch.ByteStorage", ELEMENT_INTEGER, 1},
		{"torch.BoolStorage", ELEMENT_INTEGER, 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!is_name(name, types[i].name))
			continue;
		s->element = types[i].element;
		s->size = types[i].size;
		return 0;
	}
	return err_set(err, "%s: tensor %s: numbers of type %s are not read", t->path, what,
		       name ? pickle_describe(name) : "?");
}

static int find_storage(const struct torch_file *t, const struct pickle_value *v, const char *what,
			struct torch_storage *s, struct err *err)
{
	const struct pickle_value *key = argument(v, "torch.storage", 2);
	const struct pickle_value *n = argument(v, "torch.storage", 4);
	char entry[128];

	if (!key || key->kind != PICKLE_STR || key->text.len > 100 || !n || n->kind != PICKLE_INT ||
	    n->integer < 0)
		return err_set(err, "%s: tensor %s has no storage", t->path, what);
	if (find_type(t, argument(v, "torch.storage", 1), what, s, err))
		return -1;
	snprintf(entry, sizeof(entry), "data/%.*s", (int)key->text.len, key->text.s);
	s->entry = zip_find(t->zip, entry);
	s->n = (size_t)n->integer;
	if (s->entry == SIZE_MAX)
		return err_set(err, "%s: tensor %s: its storage %.100s is not in the archive",
			       t->path, what, entry);
	if (s->n > zip_size(t->zip, s->entry) / s->size ||
	    s->n * s->size != zip_size(t->zip, s->entry))
		return err_set(err, "%s: tensor %s: its storage has %zu bytes, not %zu x %zu",
			       t->path, what, zip_size(t->zip, s->entry), s->n, s->size);
	return 0;
}

static bool whole(const struct pickle_value *v, size_t *n)
{
	if (!v || v->kind != PICKLE_INT || v->integer < 0)
		return false;
	*n = (size_t)v->integer;
	return true;
}

/* Where a tensor's numbers are in its storage. */
struct layout {
	size_t offset, strides[2];
};

/* Would two of its numbers be the same one of the storage? torch makes such views, but saves none. */
static bool overlaps(const struct torch_tensor *t, const struct layout *l)
{
	size_t low = t->n_dims == 2 && l->strides[1] < l->strides[0], high = 1 - low;
	size_t within = t->shape[low] ? (t->shape[low] - 1) * l->strides[low] : 0;

	if (t->shape[low] > 1 && l->strides[low] == 0)
		return true;
	return t->n_dims == 2 && t->shape[high] > 1 && t->shape[low] > 0 &&
	       l->strides[high] <= within;
}

static int find_layout(const struct torch_file *t, const struct pickle_value *v, const char *what,
		       const struct torch_storage *s, struct torch_tensor *out, struct layout *l,
		       struct err *err)
{
	static const char rebuild[] = "torch._utils._rebuild_tensor_v2";
	const struct pickle_value *sizes = argument(v, rebuild, 2),
				  *strides = argument(v, rebuild, 3);
	size_t last;

	if (!whole(argument(v, rebuild, 1), &l->offset) || !sizes || sizes->kind != PICKLE_TUPLE ||
	    !strides || strides->kind != PICKLE_TUPLE || strides->list.n != sizes->list.n)
		return err_set(err, "%s: tensor %s: no sizes and strides", t->path, what);
	if (sizes->list.n > 2)
		return err_set(err, "%s: tensor %s has %zu dimensions: two at most are known",
			       t->path, what, sizes->list.n);
	*out = (struct torch_tensor){.n_dims = sizes->list.n, .shape = {1, 1}, .n = 1};
	last = l->offset;
	for (size_t i = 0; i < out->n_dims; i++) {
		size_t size, stride;

		if (!whole(sizes->list.items[i], &size) ||
		    !whole(strides->list.items[i], &stride) || size > s->n || stride > s->n ||
		    (size > 0 && out->n > s->n / size) || last > s->n)
			return err_set(err, "%s: tensor %s is larger than its storage", t->path,
				       what);
		out->shape[i] = size;
		l->strides[i] = stride;
		out->n *= size;
		last += size ? (size - 1) * stride : 0;
	}
	if (out->n > 0 && last >= s->n)
		return err_set(err, "%s: tensor %s reaches beyond its storage", t->path, what);
	if (overlaps(out, l))
		return err_set(err, "%s: tensor %s: its strides overlap", t->path, what);
	return 0;
}

static float half_to_float(uint16_t bits)
{
	int exponent = bits >> 10 & 31;
	float fraction = (float)(bits & 1023), value;

	if (exponent == 31)
		value = fraction > 0 ? NAN : INFINITY;
	else if (exponent == 0)
		value = ldexpf(fraction, -24);
	else
		value = ldexpf(fraction + 1024, exponent - 25);
	return bits >> 15 ? -value : value;
}

static float number_at(const unsigned char *at, enum element element)
{
	double wide;
	float narrow;
	uint16_t half;

	switch (element) {
	case ELEMENT_DOUBLE:
		memcpy(&wide, at, sizeof(wide));
		return (float)wide;
	case ELEMENT_HALF:
		memcpy(&half, at, sizeof(half));
		return half_to_float(half);
	default:
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
}

static int copy_numbers(struct torch_file *t, const struct torch_storage *s, const struct layout *l,
			struct torch_tensor *out, const char *what, struct err *err)
{
	size_t len, k = 0, columns = out->n_dims == 2 ? out->shape[1] : 1;
	unsigned char *bytes = zip_read(t->zip, s->entry, &len, err);
	int ret = 0;

	if (!bytes)
		return -1;
	MEM_ZERO(out->values, out->n + 1);
	for (size_t i = 0; out->n && i < (out->n_dims ? out->shape[0] : 1); i++)
		for (size_t j = 0; j < columns; j++) {
			size_t at = l->offset + i * l->strides[0] + j * l->strides[1];

			out->values[k] = number_at(bytes + at * s->size, s->element);
			if (!isfinite(out->values[k++]))
				ret = err_set(err,
					      "%s: tensor %s holds a number that is not finite",
					      t->path, what);
		}
	free(bytes);
	return ret;
}

static int copy_integer(struct torch_file *t, const struct torch_storage *s, const struct layout *l,
			struct torch_tensor *out, const char *what, struct err *err)
{
	size_t len;
	unsigned char *bytes;

	if (out->n != 1)
		return err_set(err, "%s: tensor %s: %zu integers where numbers are expected",
			       t->path, what, out->n);
	bytes = zip_read(t->zip, s->entry, &len, err);
	if (!bytes)
		return -1;
	memcpy(&out->integer, bytes + l->offset * s->size, s->size);
	free(bytes);
	return 0;
}

int torch_tensor(struct torch_file *t, const struct pickle_value *v, const char *what,
		 struct torch_tensor *tensor, struct err *err)
{
	const struct pickle_value *inner = bare(v);
	struct torch_storage s = {0};
	struct layout l = {0};

	*tensor = (struct torch_tensor){0};
	if (find_storage(t, argument(inner, "torch._utils._rebuild_tensor_v2", 0), what, &s, err) ||
	    find_layout(t, inner, what, &s, tensor, &l, err))
		return -1;
	if (zip_size(t->zip, s.entry) > 4 * t->n_bytes - MIN(4 * t->n_bytes, t->n_given))
		return err_set(err, "%s: its tensors share storages more often than any model's",
			       t->path);
	t->n_given += zip_size(t->zip, s.entry);
	if (s.element == ELEMENT_INTEGER)
		return copy_integer(t, &s, &l, tensor, what, err);
	if (copy_numbers(t, &s, &l, tensor, what, err) == 0)
		return 0;
	torch_tensor_release(tensor);
	return -1;
}

void torch_tensor_release(struct torch_tensor *tensor)
{
	free(tensor->values);
	tensor->values = NULL;
}
