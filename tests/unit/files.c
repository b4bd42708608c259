/* files.c - tables, YAML, JSON and outputs. */
#include "base/util.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/text.h"
#include "base/write_behind.h"
#include "format/tsv.h"
#include "format/yaml.h"
#include "matrix/row_file.h"
#include "tap.h"

static char folder[] = "/tmp/pipette-unit.XXXXXX";

static const char *put_file(const char *bytes, size_t len)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/in", folder);
	file = fopen(path, "w");
	fwrite(bytes, 1, len, file);
	fclose(file);
	return path;
}

#define FILE_OF(text) put_file(text, sizeof(text) - 1)

/* ---- tsv ---- */

static void test_tsv_reads(void)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open(FILE_OF("\xef\xbb\xbf"
					 "cell\tlabel\r\na\tT cell\r\nb\t"),
				 &err);
	size_t label;

	OK(t && t->n_fields == 2 && str_eq(t->header[0], "cell"), "a byte-order mark is taken off");
	OK(tsv_need(t, "label", &label, &err) == 0 && label == 1, "a column is found");
	OK(tsv_next(t, &err) == 1 && str_eq(t->fields[1], "T cell"), "CR is taken off");
	OK(tsv_next(t, &err) == 1 && str_eq(t->fields[1], "") && t->lengths[1] == 0,
	   "a last line without LF, with an empty field");
	OK(tsv_next(t, &err) == 0, "then the end");
	OK(tsv_need(t, "lable", &label, &err) < 0 && strstr(err.text, "did you mean label?"),
	   "a wrong column names the nearest");
	tsv_close(t);
}

static void test_tsv_refuses(void)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open(FILE_OF("a\tb\n1\t2\n1\n"), &err);

	OK(tsv_next(t, &err) == 1 && tsv_next(t, &err) < 0 &&
		   strstr(err.text, "line 3 has 1 field"),
	   "a ragged line is an error that names it");
	tsv_close(t);
	err_clear(&err);
	OK(!tsv_open(FILE_OF(""), &err) && strstr(err.text, "empty"),
	   "an empty file has no header");
	err_clear(&err);
	t = tsv_open(FILE_OF("a\n1\0002\n"), &err);
	OK(t && tsv_next(t, &err) < 0 && strstr(err.text, "NUL"), "a NUL byte is an error");
	tsv_close(t);
	err_clear(&err);
	OK(!tsv_open("/no/such/file", &err) && strstr(err.text, "No such file"), "no file");
}

static void test_tsv_long_and_gzip(void)
{
	struct err err = ERR_INIT;
	char path[64];
	size_t rows = 0;
	bool good = true;
	gzFile gz;
	struct tsv *t;
	int got;

	snprintf(path, sizeof(path), "%s/in.gz", folder);
	gz = gzopen(path, "wb");
	gzprintf(gz, "n\ttext\n");
	for (int i = 0; i < 60000; i++)
		gzprintf(gz, "%d\t%0*d\n", i, 1 + i % 50, i);
	gzclose(gz);
	t = tsv_open(path, &err);
	while ((got = tsv_next(t, &err)) > 0) {
		size_t n;

		good &= parse_size(t->fields[0], rows, rows, &n);
		rows++;
	}
	OK(got == 0 && good && rows == 60000, "gzip is read, row by row (%zu)", rows);
	tsv_close(t);
	if (truncate(path, 5000))
		perror(path);
	t = tsv_open(path, &err);
	while ((got = tsv_next(t, &err)) > 0)
		continue;
	OK(got < 0 && strstr(err.text, "cut short"), "gzip cut short is an error: %s", err.text);
	tsv_close(t);
}

static void test_tsv_writes(void)
{
	struct err err = ERR_INIT;
	struct text t = TEXT_INIT;
	char *bytes = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&bytes, &len);
	struct tsv_writer w = {.file = file, .path = "out"};

	tsv_header(&w, "a\tb\tc");
	tsv_put(&w, "x");
	tsv_put_size(&w, 7);
	tsv_put_float(&w, 0.1);
	tsv_end_row(&w);
	tsv_put_float(&w, NAN);
	tsv_put(&w, "");
	tsv_put_double(&w, 0.1);
	tsv_end_row(&w);
	OK(tsv_writer_close(&w, &err) == 0, "a writer closes");
	OK(str_eq(bytes, "a\tb\tc\nx\t7\t0.1\n\t\t0.10000000000000001\n"), "rows are written");
	tsv_put(&w, "a\tb");
	OK(tsv_writer_close(&w, &err) < 0 && strstr(err.text, "tab"),
	   "a tab in a value is an error");
	fclose(file);
	free(bytes);
	text_release(&t);
}

/* ---- yaml ---- */

static void test_yaml_reads(void)
{
	struct err err = ERR_INIT;
	struct yaml *y =
		yaml_read(FILE_OF("name: x\nn: 5\nlist: [a, 'b']\non: yes\nnone:\n"), &err);
	static const char *const known[] = {"name", "lists", "n", "on", "none"};
	size_t n;
	bool on;

	OK(y && str_eq(yaml_get(y->root, "name")->text, "x"), "a scalar");
	OK(yaml_size(y, yaml_get(y->root, "n"), 1, 9, &n, &err) == 0 && n == 5, "a number");
	OK(yaml_get(y->root, "list")->n == 2 && yaml_get(y->root, "list")->items[1]->quoted,
	   "a list");
	OK(yaml_bool(y, yaml_get(y->root, "on"), &on, &err) == 0 && on, "a boolean");
	OK(yaml_is_null(yaml_get(y->root, "none")), "a null");
	OK(yaml_check_keys(y, y->root, known, 5, &err) < 0 &&
		   strstr(err.text, "in:3:1: there is no key list (did you mean lists?)"),
	   "an unknown key is placed and the nearest named: %s", err.text);
	yaml_close(y);
	y = yaml_read(FILE_OF(""), &err);
	OK(y && y->root->kind == YAML_MAP && y->root->n == 0, "an empty file is an empty map");
	yaml_close(y);
}

static void refuses(const char *bytes, const char *what)
{
	struct err err = ERR_INIT;
	struct yaml *y = yaml_read(put_file(bytes, strlen(bytes)), &err);

	OK(!y && strstr(err.text, what), "%s: %s", what, err.text);
	yaml_close(y);
}

static void test_yaml_refuses(void)
{
	char *deep = mem_alloc(1 << 20, 1);

	refuses("a: 1\na: 2\n", "in:2:1: the key a is here twice (first on line 1)");
	refuses("a: &x [1]\nb: *x\n", "in:2:4: aliases");
	refuses("a:\n\t- 1\n", "in:2:");
	refuses("a: 1\n---\nb: 2\n", "second document");
	refuses("[a]: 1\n", "must be plain text");
	memset(deep, '[', (1 << 20) - 1);
	deep[(1 << 20) - 1] = '\0';
	refuses(deep, "nested more than 32");
	free(deep);
}

/* ---- json ---- */

static void test_json(void)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&bytes, &len);
	struct json j = json_start(file);

	json_open_object(&j, NULL);
	json_str(&j, "a\"b", "x\ny\\\xc3\xa9\xff");
	json_open_array(&j, "list");
	json_size(&j, NULL, 1);
	json_double(&j, NULL, NAN);
	json_close(&j);
	json_open_object(&j, "empty");
	json_close(&j);
	json_close(&j);
	fclose(file);
	OK(str_eq(bytes,
		  "{\n  \"a\\\"b\": \"x\\u000ay\\\\\xc3\xa9\\ufffd\",\n  \"list\": [\n    1,\n"
		  "    null\n  ],\n  \"empty\": {}\n}\n"),
	   "JSON is escaped and indented");
	free(bytes);
}

/* ---- outputs ---- */

static bool holds(const char *path, const char *want)
{
	char have[100] = "";
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(have, 1, sizeof(have) - 1, file) : 0;

	if (file)
		fclose(file);
	return file && n == strlen(want) && str_eq(have, want);
}

static void test_outfile(void)
{
	struct err err = ERR_INIT;
	struct outfile *out;
	char path[64], link_path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/out", folder);
	snprintf(link_path, sizeof(link_path), "%s/link", folder);
	out = outfile_open(path, &err);
	fputs("first", outfile_stream(out));
	OK(access(path, F_OK) != 0, "the target is not there before the end");
	OK(outfile_commit(out, &err) == 0 && holds(path, "first"), "then it is whole");
	OK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644, "with the usual permissions");
	out = outfile_open(path, &err);
	fputs("second", outfile_stream(out));
	outfile_abort(out);
	OK(holds(path, "first"), "giving up leaves the old target");
	OK(symlink("out", link_path) == 0, "a link is made");
	out = outfile_open(link_path, &err);
	fputs("third", outfile_stream(out));
	OK(outfile_commit(out, &err) == 0 && holds(path, "third") && lstat(link_path, &st) == 0 &&
		   S_ISLNK(st.st_mode),
	   "a link stays a link");
	OK(!outfile_open(folder, &err) && strstr(err.text, "folder"), "a folder is no file");
	err_clear(&err);
	OK(!outfile_open("/no/such/folder/x", &err) && strstr(err.text, "No such file"),
	   "no folder");
	err_clear(&err);
	out = outfile_open("/dev/full", &err);
	fputs("x", outfile_stream(out));
	OK(outfile_commit(out, &err) < 0 && strstr(err.text, "No space"),
	   "a full disk is an error");
}

/* ---- blocks behind the caller's back ---- */

enum { BLOCK = 8192, N_BLOCKS = 60 };

static const char *empty_file(void)
{
	return put_file("", 0);
}

/* Block i is written at i * BLOCK, the last ones first; every third does not fill a page. */
static int write_blocks(const char *path, bool lasting, struct err *err)
{
	struct behind *b = behind_new(path, BLOCK, lasting, err);
	int ret = b ? 0 : -1;

	for (size_t i = N_BLOCKS; i-- > 0 && !ret;) {
		void *room = behind_room(b);
		memset(room, (int)(1 + i % 200), BLOCK);
		ret = behind_write(b, room, i % 3 ? BLOCK : 100, i * BLOCK, err);
	}
	if (b && behind_drain(b, err))
		ret = -1;
	behind_free(b);
	return ret;
}

static size_t blocks_wrong(const char *path)
{
	char *bytes = mem_zero(N_BLOCKS, BLOCK);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t wrong = pread(fd, bytes, (size_t)N_BLOCKS * BLOCK, 0) <= (N_BLOCKS - 1) * BLOCK;

	close(fd);
	for (size_t i = 0; i < N_BLOCKS; i++)
		for (size_t j = 0; j < BLOCK; j++)
			wrong += bytes[i * BLOCK + j] != (char)(i % 3 || j < 100 ? 1 + i % 200 : 0);
	free(bytes);
	return wrong;
}

/* From an odd place to a page, in pieces, with an end that does not fill one. */
static void test_behind_copies(const char *source)
{
	const size_t from_at = 100, n = 5 * BLOCK + 77;
	char *want = mem_zero(n, 1), *got = mem_zero(n, 1);
	struct err err = ERR_INIT;
	int from = open(source, O_RDONLY | O_CLOEXEC), to;
	char path[200];

	snprintf(path, sizeof(path), "%s/copied", folder);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	struct behind *b = behind_new(path, BLOCK, true, &err);
	OK(behind_copy(b, from, from_at, n, BLOCK, &err) == 0 && behind_drain(b, &err) == 0,
	   "what another file has is brought (%s)", err.text);
	to = open(path, O_RDONLY | O_CLOEXEC);
	OK(!read_at(from, want, n, from_at) && !read_at(to, got, n, BLOCK) && !memcmp(want, got, n),
	   "and is the same");
	OK(behind_copy(b, from, (uint64_t)N_BLOCKS * BLOCK, 10, 0, &err) &&
		   strstr(err.text, "ends within"),
	   "a file that is too short is told (%s)", err.text);
	behind_free(b);
	close(from);
	close(to);
	free(want);
	free(got);
}

static void test_behind(void)
{
	struct err err = ERR_INIT;
	struct rlimit limit, whole;

	const char *path = empty_file();

	OK(write_blocks(path, true, &err) == 0 && blocks_wrong(path) == 0,
	   "blocks come to where they belong, whole pages or not (%s)", err.text);
	OK(write_blocks(empty_file(), false, &err) == 0 && blocks_wrong(path) == 0,
	   "in a file that does not last, too");
	test_behind_copies(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &whole);
	limit = whole;
	limit.rlim_cur = 20 * BLOCK;
	setrlimit(RLIMIT_FSIZE, &limit);
	OK(write_blocks(empty_file(), true, &err) != 0 && strstr(err.text, "File too large"),
	   "a failure is told (%s)", err.text);
	setrlimit(RLIMIT_FSIZE, &whole);
	struct err missing = ERR_INIT;
	OK(!behind_new("/no/such/file", BLOCK, true, &missing) && err_is_set(&missing),
	   "a file that is not there is an error");
}

/* Rows by number, more than are held in memory: any piece is what was added. */
static void test_row_file(void)
{
	enum { WIDTH = 500, N = 6001, STEP = 777 };
	struct row_file rows = row_file_new(WIDTH);
	struct err err = ERR_INIT;
	float *some = mem_alloc((size_t)STEP * WIDTH, sizeof(*some));
	size_t wrong = 0;

	for (size_t first = 0; first < N; first += STEP) {
		size_t n = MIN((size_t)STEP, N - first);

		for (size_t i = 0; i < n * WIDTH; i++)
			some[i] = (float)(first * WIDTH + i);
		wrong += row_file_add(&rows, some, n, &err) != 0;
	}
	OK(!wrong && rows.n == N && rows.n_in_file > 0 && rows.n_in_file < N,
	   "rows: %zu of %d in the scratch file", rows.n_in_file, N);
	for (size_t first = 0; first < N; first += 500) {
		size_t n = MIN((size_t)1100, N - first);
		const float *piece = row_file_at(&rows, first, n, &err);

		for (size_t i = 0; piece && i < n * WIDTH; i++)
			wrong += piece[i] != (float)(first * WIDTH + i);
		wrong += !piece;
	}
	OK(!wrong, "rows: read in pieces they are what was added");
	row_file_release(&rows);
	row_file_release(&rows);
	free(some);
}

int main(void)
{
	char remove_all[64];

	umask(022);
	if (!mkdtemp(folder))
		return 1;
	test_tsv_reads();
	test_tsv_refuses();
	test_tsv_long_and_gzip();
	test_tsv_writes();
	test_yaml_reads();
	test_yaml_refuses();
	test_json();
	test_outfile();
	test_behind();
	test_row_file();
	snprintf(remove_all, sizeof(remove_all), "rm -r %s", folder);
	return system(remove_all) ? 1 : done_testing();
}
