/* pickle_texts.c - texts, and what Python prints of the rest; see pickle.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "model/pickle/pickle_pandas.h"
#include "model/pickle/pickle_private.h"

/* Of one array. A memo lets a file name one long text a million times. */
#define MAX_TEXT ((size_t)256 << 20)

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
	if (!pickle_is_text(v) || !utf8_valid(v->text.s, v->text.len))
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
		uint64_t c = pickle_bits(at + k, 4, v->array.dtype->dtype.big_endian);

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
	size_t bytes = 0;
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
	else if (!(items = pickle_items(v, what, n, err)))
		return -1;
	MEM_ARRAY(*texts, *n);
	if (numbers)
		ret = texts_of_numbers(v, what, arena, *texts, err);
	for (size_t i = 0; i < *n && !ret && !numbers; i++) {
		ret = array ? text_of_element(v, i, what, arena, &(*texts)[i], err)
			    : pickle_text(items[i], what, arena, &(*texts)[i], err);
		bytes += ret ? 0 : strlen((*texts)[i]);
		if (bytes > MAX_TEXT)
			ret = err_set(err, "%s: more than %zu MB of text: not a model", what,
				      MAX_TEXT >> 20);
	}
	if (ret) {
		free(*texts);
		*texts = NULL;
	}
	return ret;
}
