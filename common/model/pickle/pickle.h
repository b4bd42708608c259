/* pickle.h - Python pickles as inert values.
 *
 * An interpreter of pickle opcodes, protocols 0 to 5, that runs nothing and looks nothing up. It
 * builds plain values: numbers, texts, bytes, tuples, lists, dicts, numpy arrays and scalars. Any
 * other class becomes a record of its name, its arguments and its state. Names are taken from an
 * allow-list (pickle_names.c): what is not on it is refused and named, so a pickle that would run
 * a command when Python loads it is an error here. Extension codes, out-of-band buffers and, but
 * for torch, persistent ids are refused too. Memory is bounded by the size of the file; nothing
 * recurses.
 *
 *	struct pickle *p = pickle_read("model.pkl", &err);
 *	const struct pickle_value *classifier = pickle_get(pickle_root(p), "Model");
 *	const struct pickle_value *coef = pickle_get(classifier, "coef_");
 *	pickle_free(p);
 *
 * Values may be shared and may even contain themselves: walk only to a known depth.
 */
#ifndef MODEL_PICKLE_PICKLE_H
#define MODEL_PICKLE_PICKLE_H

#include "base/err.h"
#include "base/mem.h"

enum pickle_kind {
	PICKLE_NONE,
	PICKLE_BOOL,
	PICKLE_INT,
	PICKLE_BIG, /* an integer beyond 64 bits: its value is not kept */
	PICKLE_FLOAT,
	PICKLE_STR,
	PICKLE_BYTES,
	PICKLE_TUPLE,
	PICKLE_LIST,
	PICKLE_SET,
	PICKLE_DICT,
	PICKLE_NAME, /* a class or function, by name only: "numpy.ndarray" */
	PICKLE_DTYPE,
	PICKLE_ARRAY,
	PICKLE_OBJECT,
};

struct pickle_value {
	enum pickle_kind kind;
	union {
		bool truth;
		int64_t integer;
		double number;
		struct {
			const char *s; /* STR is UTF-8; both may hold NUL */
			size_t len;
		} text; /* STR, BYTES, NAME */
		struct {
			struct pickle_value **items; /* DICT: key, value, key, value */
			size_t n, cap;
		} list; /* TUPLE, LIST, SET, DICT */
		struct {
			char kind; /* numpy's: f i u b U S O */
			bool big_endian;
			size_t size; /* bytes of one element */
		} dtype;
		struct {
			const struct pickle_value *dtype; /* NULL until the array has its state */
			const struct pickle_value *data;  /* BYTES, or a LIST for objects */
			size_t n_dims, n, shape[2];       /* n elements; the first two dimensions */
			bool fortran;
		} array;
		struct {
			const struct pickle_value *name, *args,
				*state; /* args and state may be NULL */
		} object;
	};
};

struct pickle;

/* Interpret a file, plain or gzip. NULL on failure, with the byte at which it went wrong. */
struct pickle *pickle_read(const char *path, struct err *err) MUST_USE;

/* The same from memory; 'bytes' must outlive the pickle. 'path' is for messages. */
struct pickle *pickle_parse(const void *bytes, size_t len, const char *path,
			    struct err *err) MUST_USE;

/*
 * The same for what torch writes: its tensors are objects torch._utils._rebuild_tensor_v2, and a
 * persistent id is an object "torch.storage" whose arguments are the id's tuple. Allowed are the
 * names that scvi-tools' models need.
 */
struct pickle *pickle_parse_torch(const void *bytes, size_t len, const char *path,
				  struct err *err) MUST_USE;

/* A file of such values, plain or gzip: what scvi-tools kept beside its tensors before 0.15. */
struct pickle *pickle_read_scvi(const char *path, struct err *err) MUST_USE;

const struct pickle_value *pickle_root(const struct pickle *p);
void pickle_free(struct pickle *p); /* NULL is fine */

/* A dict's value by key, or an object's attribute. NULL when it has none (or 'v' is NULL). */
const struct pickle_value *pickle_get(const struct pickle_value *v, const char *name);

/* Is it a text, and this one? */
bool pickle_is(const struct pickle_value *v, const char *text);

/* "a dict", "numpy.ndarray", "sklearn...LogisticRegression": what it is, for messages. */
const char *pickle_describe(const struct pickle_value *v);

/* INT, BOOL and FLOAT as a double; false for everything else. */
bool pickle_number(const struct pickle_value *v, double *number);

/*
 * An array (or list or tuple) of numbers, in C order. 'what' names it in messages. The caller frees
 * 'values'. shape[1] is 1 for one dimension; more than two are an error.
 */
int pickle_numbers(const struct pickle_value *v, const char *what, double **values, size_t shape[2],
		   struct err *err) MUST_USE;

/* One of scipy's matrices in compressed rows or columns? */
bool pickle_is_sparse(const struct pickle_value *v);

/*
 * All of its numbers, in C order, zeros among them. As a few bytes can claim any shape, the caller
 * says the 'most' rows and columns it may have. The caller frees 'values'.
 */
int pickle_sparse(const struct pickle_value *v, const char *what, const size_t most[2],
		  double **values, size_t shape[2], struct err *err) MUST_USE;

/* A text, or what Python prints of a number or a bool, kept in 'arena'. */
int pickle_text(const struct pickle_value *v, const char *what, struct arena *arena, char **text,
		struct err *err) MUST_USE;

/*
 * An array (or list or tuple, or what pandas has for one) of texts: objects, U or S; numbers and
 * bools are as Python prints them. They are kept in 'arena'.
 */
int pickle_texts(const struct pickle_value *v, const char *what, struct arena *arena, char ***texts,
		 size_t *n, struct err *err) MUST_USE;

#endif
