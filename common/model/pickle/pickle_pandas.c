/* pickle_pandas.c - see pickle_pandas.h. */
#include "base/util.h"

#include "base/text.h"
#include "model/pickle/pickle_pandas.h"

#define MAX_DEPTH 8 /* a Series in an Index in ... : a loop of them ends here */

static bool is_object(const struct pickle_value *v, const char *suffix)
{
	return v && v->kind == PICKLE_OBJECT && str_ends(v->object.name->text.s, suffix);
}

static const struct pickle_value *item(const struct pickle_value *v, size_t i)
{
	bool items = v && (v->kind == PICKLE_TUPLE || v->kind == PICKLE_LIST);

	return items && i < v->list.n ? v->list.items[i] : NULL;
}

/* The first of that kind in a tuple: pandas has changed the order of its states. */
static const struct pickle_value *item_of_kind(const struct pickle_value *v, enum pickle_kind kind)
{
	const struct pickle_value *found = NULL;

	for (size_t i = 0; !found && item(v, i); i++)
		found = item(v, i)->kind == kind ? item(v, i) : NULL;
	return found;
}

/* An array of that class around a numpy array, which is in its state. */
static bool is_backed(const struct pickle_value *v, const char *class)
{
	const struct pickle_value *name;

	if (!is_object(v, ".__pyx_unpickle_NDArrayBacked"))
		return false;
	name = item(v->object.args, 0);
	return name && name->kind == PICKLE_NAME && str_ends(name->text.s, class);
}

/* One layer off, or NULL when there is none. */
static const struct pickle_value *unwrap(const struct pickle_value *v)
{
	const struct pickle_value *blocks;

	if (is_object(v, "._new_Index"))
		return pickle_get(item(v->object.args, 1), "data");
	if (is_backed(v, ".StringArray"))
		return item_of_kind(v->object.state, PICKLE_ARRAY);
	if (!is_object(v, ".Series"))
		return NULL;
	blocks = pickle_get(v, "_mgr");
	return is_object(blocks, ".SingleBlockManager") ? item(item(blocks->object.state, 1), 0)
							: NULL;
}

const struct pickle_value *pickle_pandas_inside(const struct pickle_value *v)
{
	const struct pickle_value *inner = unwrap(v);

	for (int depth = 0; inner && depth < MAX_DEPTH; depth++) {
		v = inner;
		inner = unwrap(v);
	}
	return v;
}

static bool is_categorical(const struct pickle_value *v)
{
	return is_backed(v, ".Categorical");
}

static bool is_arrow(const struct pickle_value *v)
{
	return is_object(v, ".ArrowStringArray");
}

bool pickle_pandas_packs(const struct pickle_value *v)
{
	return is_categorical(v) || is_arrow(v);
}

/* ---- codes and categories ---- */

static int texts_of_codes(const double *codes, size_t n, const char *what, char *const *categories,
			  size_t n_categories, char **texts, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!(codes[i] >= 0 && codes[i] < (double)n_categories))
			return err_set(err, "%s: element %zu is missing", what, i + 1);
		texts[i] = categories[(size_t)codes[i]];
	}
	return 0;
}

static int categorical_texts(const struct pickle_value *v, const char *what, struct arena *arena,
			     char ***texts, size_t *n, struct err *err)
{
	const struct pickle_value *dtype = item_of_kind(v->object.state, PICKLE_OBJECT);
	const struct pickle_value *names = pickle_pandas_inside(pickle_get(dtype, "categories"));
	char **categories = NULL;
	double *codes = NULL;
	size_t n_categories, shape[2];
	int ret = -1;

	if (is_categorical(names))
		return err_set(err, "%s has categories of categories", what);
	if (pickle_texts(names, what, arena, &categories, &n_categories, err) ||
	    pickle_numbers(item_of_kind(v->object.state, PICKLE_ARRAY), what, &codes, shape, err))
		goto release_both;
	*n = shape[0];
	MEM_ARRAY(*texts, *n);
	ret = texts_of_codes(codes, *n, what, categories, n_categories, *texts, err);
release_both:
	free(categories);
	free(codes);
	return ret;
}

/* ---- Arrow's buffers ---- */

struct arrow {
	const struct pickle_value *ends, *bytes; /* BYTES: n + 1 little-endian ends; the texts */
	size_t n, width;                         /* of an end: 4 or 8 */
};

/* _restore_array((type, length, nulls, offset, [validity, ends, bytes], children, dictionary)) */
static int find_arrow(struct arrow *a, const struct pickle_value *v, const char *what,
		      struct err *err)
{
	const struct pickle_value *call = pickle_get(v, "_pa_array");
	const struct pickle_value *args =
		is_object(call, "._restore_array") ? item(call->object.args, 0) : NULL;
	const struct pickle_value *type = item(args, 0), *buffers = item(args, 4);
	const struct pickle_value *name =
		type && type->kind == PICKLE_OBJECT ? item(type->object.args, 0) : NULL;
	double n, n_missing, offset;

	a->width = pickle_is(name, "large_string") ? 8 : pickle_is(name, "string") ? 4 : 0;
	a->ends = item(buffers, 1);
	a->bytes = item(buffers, 2);
	if (!a->width || !pickle_number(item(args, 1), &n) ||
	    !pickle_number(item(args, 2), &n_missing) || !pickle_number(item(args, 3), &offset) ||
	    offset != 0 || !a->ends || a->ends->kind != PICKLE_BYTES || !a->bytes ||
	    a->bytes->kind != PICKLE_BYTES)
		return err_set(err, "%s: an Arrow array in a form that is not understood", what);
	if (n_missing != 0)
		return err_set(err, "%s: %.0f elements are missing", what, n_missing);
	if (!(n >= 0 && n < (double)(a->ends->text.len / a->width)))
		return err_set(err, "%s: an Arrow array that is cut", what);
	a->n = (size_t)n;
	return 0;
}

static uint64_t arrow_end(const struct arrow *a, size_t i)
{
	const unsigned char *at = (const unsigned char *)a->ends->text.s + i * a->width;
	uint64_t end = 0;

	for (size_t k = a->width; k-- > 0;)
		end = end << 8 | at[k];
	return end;
}

static int arrow_texts(const struct pickle_value *v, const char *what, struct arena *arena,
		       char ***texts, size_t *n, struct err *err)
{
	struct arrow a = {0};

	if (find_arrow(&a, v, what, err))
		return -1;
	*n = a.n;
	MEM_ARRAY(*texts, *n);
	for (size_t i = 0; i < *n; i++) {
		uint64_t from = arrow_end(&a, i), to = arrow_end(&a, i + 1);

		if (from > to || to > a.bytes->text.len)
			return err_set(err, "%s: an Arrow array that is cut", what);
		const char *text = a.bytes->text.s + from;
		if (!utf8_valid(text, to - from) || memchr(text, '\0', to - from))
			return err_set(err, "%s: element %zu is not text", what, i + 1);
		(*texts)[i] = arena_str(arena, text, to - from);
	}
	return 0;
}

int pickle_pandas_texts(const struct pickle_value *v, const char *what, struct arena *arena,
			char ***texts, size_t *n, struct err *err)
{
	int ret;

	*texts = NULL;
	ret = is_arrow(v) ? arrow_texts(v, what, arena, texts, n, err)
			  : categorical_texts(v, what, arena, texts, n, err);
	if (ret) {
		free(*texts);
		*texts = NULL;
	}
	return ret;
}
