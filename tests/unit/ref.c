/* Addresses, comma-separated tables, MD5: the parts of common/ref that need no server. */
#include "base/util.h"

#include "base/mem.h"
#include "format/csv.h"
#include "net/address.h"
#include "ref/md5.h"
#include "ref/ref_search.h"
#include "tap.h"

static bool allowed(const char *url)
{
	struct err err = ERR_INIT;

	return address_check(url, &err) == 0;
}

static void test_addresses(void)
{
	static const char *const good[] = {"https://example.org/x.h5ad", "HTTPS://example.org",
					   "http://127.0.0.1:80/x",      "http://127.255.0.3/x",
					   "http://localhost:8080/",     "http://[::1]:80/x"};
	static const char *const bad[] = {"http://example.org/x",
					  "ftp://example.org/x",
					  "file:///etc/passwd",
					  "http://127.0.0.1.evil.org/",
					  "http://127.1/",
					  "http://127.0.0.1@evil.org/",
					  "http://0177.0.0.1/",
					  "https://a b/",
					  "https://",
					  "http://localhost.evil.org/",
					  "https://u:p@example.org",
					  "http://127.0.0.1\\@evil.org/",
					  "https://example.org/\r\nX: y"};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		OK(allowed(good[i]), "asked: %s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		OK(!allowed(bad[i]), "not asked: case %zu", i);
}

static void is_text(char *got, const char *want, const char *title)
{
	OK(got && str_eq(got, want), "%s: %s", title, got ? got : "none");
	free(got);
}

static void test_shapes_of_addresses(void)
{
	struct err err = ERR_INIT;

	is_text(address_shown("https://a/b?key=1#f"), "https://a/b", "no query is shown");
	is_text(address_shown("https://u:p@a/b"), "https://...@a/b", "no password is shown");
	is_text(address_file("https://a/b/c.h5ad?x=/y"), "c.h5ad", "the file's name");
	is_text(address_file("https://a"), "", "no file, no name");
	is_text(address_https("s3://b/k/x", "us-west-2", "", &err),
		"https://b.s3.us-west-2.amazonaws.com/k/x", "a public bucket");
	is_text(address_https("s3://b.c/x", "", "", &err),
		"https://s3.us-east-1.amazonaws.com/b.c/x", "a bucket with a dot");
	is_text(address_https("s3://b/x", "", "https://m/", &err), "https://m/b/x", "an endpoint");
	OK(!address_https("s3://b", "", "", &err), "a bucket alone is no file");
	OK(address_check_redirect("https://a/", "http://127.0.0.1/", &err), "never back to us");
}

static void test_private_networks(void)
{
	static const char *const inner[] = {
		"10.0.0.1",         "172.16.0.1",        "172.31.255.255", "192.168.1.1",
		"169.254.169.254",  "100.64.0.1",        "0.0.0.0",        "0x0a.1",
		"167772161",        "012.0.0.1",         "127.1",          "[fd00::1]",
		"[fe80::1]",        "[::ffff:10.0.0.1]", "[::]",           "10.0.0.1:80",
		"[fe80::1%25eth0]", "2130706433"};
	static const char *const outer[] = {"8.8.8.8",  "172.32.0.1", "192.169.0.1",
					    "11.0.0.1", "[2001::1]",  "10.example.org",
					    "fd00.org"};
	char *url;

	for (size_t i = 0; i < ARRAY_LEN(inner) + ARRAY_LEN(outer); i++) {
		struct err err = ERR_INIT;
		bool in = i < ARRAY_LEN(inner);
		const char *host = in ? inner[i] : outer[i - ARRAY_LEN(inner)];

		url = mem_printf("https://%s/a", host);
		OK(!!address_check_redirect("https://elsewhere.org/", url, &err) == in,
		   "a redirect to %s is %s", host, in ? "refused" : "followed");
		if (in)
			OK(!address_check_redirect("https://10.1.1.1/", url, &err) ||
				   address_is_loopback(url),
			   "but within a private network it is not");
		free(url);
	}
}

/* The text as a table: its rows, or -1. */
static int count_rows(const char *text, size_t len, char last[64])
{
	char path[] = "/tmp/csv.XXXXXX";
	struct err err = ERR_INIT;
	int fd = mkstemp(path), rows = 0, got = -1;
	FILE *out = fdopen(fd, "w");
	struct csv *in;

	fwrite(text, 1, len, out);
	fclose(out);
	in = csv_open(path, &err);
	while (in && (got = csv_next(in, &err)) > 0) {
		rows++;
		snprintf(last, 64, "%s", in->fields[in->n_fields - 1]);
	}
	csv_close(in);
	remove(path);
	return got < 0 ? -1 : rows;
}

static void test_csv(void)
{
	static const struct {
		const char *text;
		int rows;
		const char *last;
	} cases[] = {
		{"a,b\n1,2\n", 1, "2"},
		{"a,b\r\n1,2", 1, "2"},
		{"\xef\xbb\xbf"
		 "a,b\n\n1,\n\n",
		 1, ""},
		{"a,b\n1,\"x, \"\"y\"\"\nz\"\n", 1, "x, \"y\" z"},
		{"a,b\n1,caf\xe9\n", 1, "caf\xc3\xa9"},
		{"a,b\n\"\",\"\"\n", 1, ""},
		{"\"a\",\"b\"\n1,2\n3,4\n", 2, "4"},
		{"a,b\n1\n", -1, ""},
		{"a,b\n1,2,3\n", -1, ""},
		{"a,b\n1,\"2\n", -1, ""},
		{"a,b\n1,\"2\"x\n", -1, ""},
		{"", -1, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char last[64] = "";
		int rows = count_rows(cases[i].text, strlen(cases[i].text), last);

		OK(rows == cases[i].rows && (rows < 0 || str_eq(last, cases[i].last)),
		   "table %zu: %d rows, last \"%s\"", i, rows, last);
	}
}

static const char *md5_of(const char *text, size_t piece)
{
	static char hex[33];
	struct md5 m;
	size_t len = strlen(text);

	md5_start(&m);
	for (size_t at = 0; at < len; at += piece)
		md5_add(&m, text + at, MIN(piece, len - at));
	md5_hex(&m, hex);
	return hex;
}

/* RFC 1321, section A.5. */
static void test_md5(void)
{
	const char *digits = "123456789012345678901234567890123456789012345678901234567890123456789"
			     "01234567890";

	OK(str_eq(md5_of("", 1), "d41d8cd98f00b204e9800998ecf8427e"), "MD5 of nothing");
	OK(str_eq(md5_of("abc", 9), "900150983cd24fb0d6963f7d28e17f72"), "MD5 of abc");
	for (size_t piece = 1; piece <= 80; piece += 7)
		OK(str_eq(md5_of(digits, piece), "57edf4a22be3c955ac49da2e2107b67a"),
		   "MD5 of 80 digits, %zu at a time", piece);
}

int main(void)
{
	test_addresses();
	test_shapes_of_addresses();
	test_private_networks();
	test_csv();
	test_md5();
	OK(search_words("Tabula Sapiens - Blood", "TABULA sapiens: blood"), "words of a title");
	OK(!search_words("Tabula Blood", "Tabula Sapiens"), "a word that is not there");
	return done_testing();
}
