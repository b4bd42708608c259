/* pickle_private.h - what the files behind pickle.h share.
 *
 * pickle.c is the machine: it reads the file, keeps the memo, and gives every opcode to where it
 * belongs: pickle_stack.c (marks and containers), pickle_objects.c (names, calls, states, by
 * pickle_numpy.c and the list in pickle_names.c) and pickle_literals.c (numbers and texts).
 */
#ifndef MODEL_PICKLE_PICKLE_PRIVATE_H
#define MODEL_PICKLE_PICKLE_PRIVATE_H

#include "model/pickle/pickle.h"

#define MAX_VALUES ((size_t)1 << 22) /* a large model has some 100,000 */

struct pickle {
	const unsigned char *bytes;
	size_t len, at;
	unsigned char *owned; /* 'bytes', when we read them */
	const char *path;
	struct err *err;

	struct pickle_value **stack;
	size_t n_stack, cap_stack;
	size_t *marks;
	size_t n_marks, cap_marks;
	struct pickle_value **memo;
	size_t n_memo, cap_memo;

	struct arena arena; /* owns the values */
	size_t n_values, n_items;
	const struct pickle_value *root;
	bool stopped;
	bool torch; /* another allow-list, and persistent ids */
};

/* Fill the error with the path and the byte in front. Returns -1. */
PRINTF_LIKE(2, 3) int pickle_fail(struct pickle *p, const char *format, ...);

/* A new value of that kind, all zero; NULL when the pickle has too many. */
struct pickle_value *pickle_value(struct pickle *p, enum pickle_kind kind);

/* Put a value, or a new one of that kind, on the stack; a NULL value is a failure already told. */
int pickle_push(struct pickle *p, struct pickle_value *v);
int pickle_push_new(struct pickle *p, enum pickle_kind kind);

/* The next 'n' bytes, little-endian number, or line (its newline taken off). NULL, -1: it is cut.
 */
const unsigned char *pickle_take(struct pickle *p, size_t n);
int pickle_take_number(struct pickle *p, size_t n_bytes, uint64_t *value);
char *pickle_take_line(struct pickle *p, size_t *len);

/* How many values are above the last mark; the last of them, taken off or left. NULL: none. */
struct pickle_value *pickle_pop(struct pickle *p);
struct pickle_value *pickle_top(struct pickle *p);

/* Marks. A mark may be popped as a value. pop_mark gives the stack index of the first value above.
 */
int pickle_push_mark(struct pickle *p);
int pickle_pop_mark(struct pickle *p, size_t *first);
int pickle_pop_one(struct pickle *p);
int pickle_pop_to_mark(struct pickle *p);

/* Push a container of the values from stack index 'first' up, or from the last mark. */
int pickle_make_from(struct pickle *p, enum pickle_kind kind, size_t first);
int pickle_make_marked(struct pickle *p, enum pickle_kind kind);

/*
 * Run an opcode: one that makes or fills a container; that names or makes an object; that carries
 * a value. PICKLE_NOT_MINE when it is of another kind, and nothing is done.
 */
enum { PICKLE_NOT_MINE = 1 };
int pickle_container(struct pickle *p, unsigned char op);
int pickle_object(struct pickle *p, unsigned char op);
int pickle_literal(struct pickle *p, unsigned char op);

/* Is a NAME on the allow-list, torch's or CellTypist's? 'module' and 'name' are whole. */
bool pickle_name_allowed(const char *module, const char *name, bool torch);

/*
 * What calling 'name' with 'args' (a tuple) gives: numpy's and Python's own forms as plain values,
 * anything else an object. NULL on failure.
 */
struct pickle_value *pickle_call(struct pickle *p, const struct pickle_value *name,
				 const struct pickle_value *args);

/* Give an array, dtype or object its state. */
int pickle_build(struct pickle *p, struct pickle_value *v, const struct pickle_value *state);

/* STR or BYTES? */
bool pickle_is_text(const struct pickle_value *v);

/* The items of an array of objects, a list or a tuple. NULL when it is none. */
struct pickle_value **pickle_items(const struct pickle_value *v, const char *what, size_t *n,
				   struct err *err) MUST_USE;

/* The bits of one element of an array, whatever its byte order. */
uint64_t pickle_bits(const unsigned char *at, size_t size, bool big_endian);

#endif
