/* pickle.c - the machine, and the file it reads; see pickle.h. */
#include "base/util.h"

#include "base/text.h"
#include "base/unpacked.h"
#include "model/pickle/pickle_private.h"

#define MAX_FILE ((size_t)512 << 20)
#define MAX_MEMO ((size_t)1 << 24)

/* ---- memo ---- */

static int memo_put(struct pickle *p, size_t i)
{
	struct pickle_value *v = pickle_top(p);

	if (!v)
		return -1;
	if (i > p->len)
		return pickle_fail(p, "memo entry %zu of a file of %zu bytes", i, p->len);
	if (i >= MAX_MEMO)
		return pickle_fail(p, "more than %zu memo entries: not a model", MAX_MEMO);
	if (i >= p->n_memo) {
		MEM_GROW(p->memo, i + 1, p->cap_memo);
		memset(p->memo + p->n_memo, 0, (i + 1 - p->n_memo) * sizeof(*p->memo));
		p->n_memo = i + 1;
	}
	p->memo[i] = v;
	return 0;
}

static int memo_get(struct pickle *p, size_t i)
{
	if (i >= p->n_memo || !p->memo[i])
		return pickle_fail(p, "memo entry %zu is empty", i);
	return pickle_push(p, p->memo[i]);
}

static int memo_line(struct pickle *p, int (*act)(struct pickle *, size_t))
{
	size_t len, i;
	const char *line = pickle_take_line(p, &len);

	if (!line)
		return -1;
	if (!parse_size(line, 0, UINT32_MAX, &i))
		return pickle_fail(p, "memo entry '%.40s'", line);
	return act(p, i);
}

static int memo_number(struct pickle *p, size_t width, int (*act)(struct pickle *, size_t))
{
	uint64_t i;

	return pickle_take_number(p, width, &i) ? -1 : act(p, i);
}

/* ---- opcodes ---- */

static int protocol(struct pickle *p)
{
	uint64_t version;

	if (pickle_take_number(p, 1, &version))
		return -1;
	return version <= 5
		       ? 0
		       : pickle_fail(p, "pickle protocol %u: 0 to 5 are known", (unsigned)version);
}

static int frame(struct pickle *p)
{
	uint64_t len;

	if (pickle_take_number(p, 8, &len))
		return -1;
	return len <= p->len - p->at ? 0 : pickle_fail(p, "the file is cut inside a frame");
}

static int stop(struct pickle *p)
{
	p->root = pickle_pop(p);
	p->stopped = true;
	return p->root ? 0 : -1;
}

static int refuse_opcode(struct pickle *p, unsigned char op)
{
	switch (op) {
	case 'P':
	case 'Q':
		return pickle_fail(p, "a persistent id: refused");
	case 0x82:
	case 0x83:
	case 0x84:
		return pickle_fail(p, "an extension code: refused");
	case 0x97:
	case 0x98:
		return pickle_fail(p, "an out-of-band buffer: refused");
	default:
		return pickle_fail(p, "0x%02x is not an opcode: not a pickle", op);
	}
}

/* What the machine has no part in: containers, objects, values. */
static int dispatch(struct pickle *p, unsigned char op)
{
	static int (*const families[])(struct pickle *, unsigned char) = {
		pickle_container, pickle_object, pickle_literal};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		int ret = families[i](p, op);

		if (ret != PICKLE_NOT_MINE)
			return ret;
	}
	return refuse_opcode(p, op);
}

static int step(struct pickle *p, unsigned char op)
{
	switch (op) {
	case '(':
		return pickle_push_mark(p);
	case '.':
		return stop(p);
	case '0':
		return pickle_pop_one(p);
	case '1':
		return pickle_pop_to_mark(p);
	case '2':
		return pickle_push(p, pickle_top(p));
	case 'p':
		return memo_line(p, memo_put);
	case 'q':
		return memo_number(p, 1, memo_put);
	case 'r':
		return memo_number(p, 4, memo_put);
	case 0x94:
		return memo_put(p, p->n_memo);
	case 'g':
		return memo_line(p, memo_get);
	case 'h':
		return memo_number(p, 1, memo_get);
	case 'j':
		return memo_number(p, 4, memo_get);
	case 0x80:
		return protocol(p);
	case 0x95:
		return frame(p);
	default:
		return dispatch(p, op);
	}
}

/* ---- reading ---- */

static struct pickle *parse(const void *bytes, size_t len, const char *path, bool torch,
			    struct err *err)
{
	struct pickle *p;

	MEM_ZERO(p, 1);
	p->bytes = bytes;
	p->len = len;
	p->path = path;
	p->err = err;
	p->torch = torch;
	while (!p->stopped) {
		const unsigned char *op = pickle_take(p, 1);

		if (!op || step(p, *op)) {
			pickle_free(p);
			return NULL;
		}
	}
	return p;
}

struct pickle *pickle_parse(const void *bytes, size_t len, const char *path, struct err *err)
{
	return parse(bytes, len, path, false, err);
}

struct pickle *pickle_parse_torch(const void *bytes, size_t len, const char *path, struct err *err)
{
	return parse(bytes, len, path, true, err);
}

/* Plain or gzip: zlib tells. */
static unsigned char *read_whole(const char *path, size_t *len, struct err *err)
{
	gzFile file = gzopen(path, "rb");
	unsigned char *bytes = NULL;
	size_t cap = 0;
	int got = 1;

	if (!file) {
		err_errno(err, "%s: cannot be opened", path);
		return NULL;
	}
	for (*len = 0; got > 0 && *len <= MAX_FILE; *len += (size_t)MAX(got, 0)) {
		MEM_GROW(bytes, *len + 65536, cap);
		got = gzread(file, bytes + *len, (unsigned)(cap - *len));
	}
	int ret = gz_whole(file, path, err);
	if (!ret && *len > MAX_FILE)
		ret = err_set(err, "%s: more than %zu MB: not a model", path, MAX_FILE >> 20);
	gzclose_r(file);
	if (ret) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static struct pickle *read_file(const char *path, bool torch, struct err *err)
{
	size_t len;
	unsigned char *bytes = read_whole(path, &len, err);
	struct pickle *p = bytes ? parse(bytes, len, path, torch, err) : NULL;

	if (p)
		p->owned = bytes;
	else
		free(bytes);
	return p;
}

struct pickle *pickle_read(const char *path, struct err *err)
{
	return read_file(path, false, err);
}

struct pickle *pickle_read_scvi(const char *path, struct err *err)
{
	return read_file(path, true, err);
}

void pickle_free(struct pickle *p)
{
	if (!p)
		return;
	free(p->stack);
	free(p->marks);
	free(p->memo);
	free(p->owned);
	arena_release(&p->arena);
	free(p);
}

const struct pickle_value *pickle_root(const struct pickle *p)
{
	return p->root;
}
