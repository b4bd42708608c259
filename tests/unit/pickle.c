/* pickle.c - every model the real packages pickled is read, and what is hostile is refused. */
#include "base/util.h"

#include <glob.h>

#include "model/celltypist.h"
#include "model/container.h"
#include "model/model_file.h"
#include "model/pickle/pickle.h"
#include "tap.h"

#define GOLDEN "tests/golden/"

static char folder[] = "/tmp/pipette-unit.XXXXXX";

static struct model *read_golden(const char *name)
{
	struct err err = ERR_INIT;
	char *path = mem_printf(GOLDEN "%s", name);
	struct model *m = model_read(path, &err);

	OK(m, "%s is read%s%s", name, m ? "" : ": ", err.text);
	free(path);
	return m;
}

static bool same_doubles(const double *a, const double *b, size_t n)
{
	return memcmp(a, b, n * sizeof(*a)) == 0;
}

static bool same_names(char *const *a, char *const *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(a[i], b[i]))
			return false;
	}
	return true;
}

static bool same_model(const struct model *a, const struct model *b)
{
	return a && b && a->n_classes == b->n_classes && a->n_genes == b->n_genes &&
	       a->n_rows == b->n_rows && a->with_mean == b->with_mean && a->loss == b->loss &&
	       same_names(a->classes, b->classes, a->n_classes) &&
	       same_names(a->genes, b->genes, a->n_genes) &&
	       same_doubles(a->coef, b->coef, a->n_rows * a->n_genes) &&
	       same_doubles(a->intercept, b->intercept, a->n_rows) &&
	       same_doubles(a->mean, b->mean, a->n_genes) &&
	       same_doubles(a->scale, b->scale, a->n_genes) && a->clip == b->clip &&
	       a->target_sum == b->target_sum && str_eq(a->card.details, b->card.details) &&
	       str_eq(a->card.date, b->card.date) && str_eq(a->card.url, b->card.url);
}

static void test_protocols(const char *stem)
{
	char *whole = mem_printf("%s.pkl", stem);
	struct model *first = read_golden(whole);

	for (int protocol = 0; protocol <= 5; protocol++) {
		char *name = mem_printf("%s.proto%d.pkl", stem, protocol);
		struct model *m = read_golden(name);

		OK(same_model(first, m), "%s: protocol %d holds the same model", stem, protocol);
		model_free(m);
		free(name);
	}
	model_free(first);
	free(whole);
}

static void check_written(const struct model *m, const char *name, const char *suffix,
			  int (*write)(const struct model *m, const char *path, struct err *err))
{
	struct err err = ERR_INIT;
	char *path = mem_printf("%s/model.%s", folder, suffix);
	struct model *back = write(m, path, &err) ? NULL : model_read(path, &err);

	OK(same_model(m, back), "%s: written as .%s it is the same model %s", name, suffix,
	   err.text);
	model_free(back);
	remove(path);
	free(path);
}

/* Through the container and through our own pickle, nothing changes. */
static void test_round_trip(const char *name)
{
	struct model *m = read_golden(name);

	if (!m)
		return;
	check_written(m, name, "h5", container_write);
	check_written(m, name, "pkl", celltypist_write);
	model_free(m);
}

static void test_numbers(void)
{
	struct model *m = read_golden("lr.sk15.pkl");

	if (!m)
		return;
	OK(m->n_classes == 10 && m->n_rows == 10 && m->n_genes == 764, "ten classes, 764 genes");
	OK(str_eq(m->classes[0], "CD14+ Monocyte"), "the first class");
	OK(str_eq(m->genes[763], "MT-ND3"), "the last gene");
	OK(str_eq(m->card.details, "PBMC 68k, half of the cells"), "the description");
	model_free(m);
	m = read_golden("binary.sk15.pkl");
	OK(m && m->n_classes == 2 && m->n_rows == 1, "a binary model has one row");
	model_free(m);
	m = read_golden("nomean.sk15.pkl");
	OK(m && !m->with_mean && m->mean[0] == 0, "without centring the means are zero");
	model_free(m);
}

struct hostile {
	const char *title, *bytes;
	size_t len;
	const char *said; /* in the message */
};

#define HOSTILE(title, bytes, said)                   \
	{                                             \
		title, bytes, sizeof(bytes) - 1, said \
	}

static const struct hostile hostile[] = {
	HOSTILE("os.system", "cos\nsystem\n(S'echo ran'\ntR.", "os.system"),
	HOSTILE("os.system, protocol 4", "\x80\x04\x8c\x05posix\x8c\x06system\x93.",
		"posix.system"),
	HOSTILE("a name of two lines", "\x80\x04\x8c\x03o\ns\x8c\x01x\x93.", "o?s.x"),
	HOSTILE("joblib's arrays", "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)R.", "joblib.load"),
	HOSTILE("builtins.eval", "c__builtin__\neval\n(V1\ntR.", "__builtin__.eval"),
	HOSTILE("a numpy function that runs code", "cnumpy.testing._private.utils\nrunstring\n)R.",
		"runstring"),
	HOSTILE("INST of a forbidden class", "(S'x'\nisubprocess\nPopen\n.", "subprocess.Popen"),
	HOSTILE("a persistent id", "Pme\n.", "persistent"),
	HOSTILE("a binary persistent id", "NQ.", "persistent"),
	HOSTILE("an extension code", "\x82\x01.", "extension"),
	HOSTILE("an out-of-band buffer", "\x80\x05\x97.", "out-of-band"),
	HOSTILE("a huge length", "\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "cut"),
	HOSTILE("a huge frame", "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.", "cut"),
	HOSTILE("a huge memo entry", "Nr\xff\xff\xff\xff.", "memo"),
	HOSTILE("an empty memo entry", "h\x07.", "memo"),
	HOSTILE("an empty stack", "R.", "empty stack"),
	HOSTILE("no mark", "t.", "mark"),
	HOSTILE("items taken from under a mark", "]N(a.", "empty stack"),
	HOSTILE("a state for a number",
		"K\x01K\x02"
		"b.",
		"state"),
	HOSTILE("an unknown opcode", "\xfe.", "opcode"),
	HOSTILE("a later protocol", "\x80\x09N.", "protocol"),
	HOSTILE("an empty file", "", "cut"),
	HOSTILE("no end", "\x80\x04N", "cut"),
	HOSTILE("a text that is not UTF-8", "\x8c\x01\xff.", "UTF-8"),
	HOSTILE("an array larger than its data",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
		"(I1\n(I1000000000\ntcnumpy\ndtype\n(S'f8'\ntRI00\nS'abc'\ntb.",
		"fit its shape"),
	HOSTILE("an array of impossible shape",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
		"(I1\n(I4611686018427387904\nI8\ntcnumpy\ndtype\n(S'f8'\ntRI00\nS'abc'\ntb.",
		"impossible shape"),
	HOSTILE("an array of 2^60 texts of no bytes",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
		"(I1\n(I1152921504606846976\ntcnumpy\ndtype\n(S'U0'\ntRI00\nS''\ntb.",
		"fit its shape"),
};

static void test_hostile(void)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct err err = ERR_INIT;
		struct pickle *p = pickle_parse(hostile[i].bytes, hostile[i].len, "x.pkl", &err);

		OK(!p && strstr(err.text, hostile[i].said) && str_starts(err.text, "x.pkl: "),
		   "%s is refused and named: %s", hostile[i].title, err.text);
		pickle_free(p);
	}
}

/* A million nested lists, and a list that holds itself: no recursion anywhere. */
static void test_nesting(void)
{
	struct err err = ERR_INIT;
	size_t n = 1000000;
	char *bytes = mem_alloc(2 * n + 1, 1);

	memset(bytes, ']', n);
	memset(bytes + n, 'a', n - 1);
	bytes[2 * n - 1] = '.';
	struct pickle *p = pickle_parse(bytes, 2 * n, "deep.pkl", &err);
	OK(p, "a million nested lists are read%s", err.text);
	pickle_free(p);
	free(bytes);

	p = pickle_parse("]q\0h\0a.", 7, "self.pkl", &err);
	OK(p && pickle_root(p)->list.items[0] == pickle_root(p), "a list may hold itself");
	pickle_free(p);
}

/* One text, named by its memo half a million times. */
static void test_copies(void)
{
	enum { LEN = 2000, TIMES = 500000 };
	struct err err = ERR_INIT;
	struct arena arena = {0};
	char *bytes = mem_alloc(LEN + 2 * TIMES + 100, 1), **texts;
	size_t n = 0, n_texts;

	bytes[n++] = '(';
	bytes[n++] = 'X';
	memcpy(bytes + n, (uint32_t[]){LEN}, 4);
	memset(bytes + n + 4, 'a', LEN);
	n += 4 + LEN;
	memcpy(bytes + n, "q\0", 2);
	n += 2;
	for (size_t i = 0; i < TIMES; i++, n += 2)
		memcpy(bytes + n, "h\0", 2);
	bytes[n++] = 'l';
	bytes[n++] = '.';
	struct pickle *p = pickle_parse(bytes, n, "copies.pkl", &err);
	OK(p && pickle_root(p)->list.n == TIMES + 1, "half a million times one text%s", err.text);
	OK(pickle_texts(pickle_root(p), "classes", &arena, &texts, &n_texts, &err) &&
		   str_eq(err.text, "classes: more than 256 MB of text: not a model"),
	   "are not a gigabyte: %s", err.text);
	pickle_free(p);
	arena_release(&arena);
	free(bytes);
}

static void test_values(void)
{
	struct err err = ERR_INIT;
	const char bytes[] =
		"\x80\x02(K\x05J\xff\xff\xff\xff\x8a\x02\x00\xff\x8a\x00G\x40\x09\x21\xfb"
		"\x54\x44\x2d\x18I01\nL12345678901234567890123L\nV\\u00e9x\nNt.";
	struct pickle *p = pickle_parse(bytes, sizeof(bytes) - 1, "v.pkl", &err);

	if (!OK(p && pickle_root(p)->list.n == 9, "plain values %s", err.text))
		return;
	struct pickle_value **v = pickle_root(p)->list.items;
	OK(v[0]->integer == 5 && v[1]->integer == -1, "short integers");
	OK(v[2]->integer == -256 && v[3]->integer == 0, "long integers");
	OK(v[4]->number > 3.14159 && v[4]->number < 3.1416, "a float");
	OK(v[5]->kind == PICKLE_BOOL && v[5]->truth, "a bool of protocol 0");
	OK(v[6]->kind == PICKLE_BIG, "an integer beyond 64 bits");
	OK(pickle_is(v[7], "\xc3\xa9x"), "an escaped text");
	OK(v[8]->kind == PICKLE_NONE, "None");
	pickle_free(p);
}

int main(void)
{
	static const char *const models[] = {
		"lr.sk12.pkl",     "lr.sk15.pkl",     "sgd.sk15.pkl",
		"sgd.sk19.pkl",    "sgdfs.sk15.pkl",  "sgdfs.sk19.pkl",
		"nomean.sk15.pkl", "binary.sk15.pkl", "lr.subset3.pkl"};

	if (!mkdtemp(folder))
		return 1;
	test_numbers();
	test_protocols("lr.sk12");
	test_protocols("lr.sk15");
	test_protocols("sgd.sk19");
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		test_round_trip(models[i]);
	test_values();
	test_hostile();
	test_nesting();
	test_copies();
	remove(folder);
	return done_testing();
}
