/* download.c - see download.h. */
#include "base/util.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/text.h"
#include "ref/download.h"
#include "ref/md5.h"

#define PIECE ((size_t)1 << 18)

static void tell(struct download *d, int64_t done, int64_t expected)
{
	if (d->plan->meter && (done || expected))
		d->plan->meter(d->plan->meter_arg, done, expected);
}

static void expect(struct download *d, uint64_t whole)
{
	tell(d, 0, (int64_t)whole - d->metered);
	d->metered = (int64_t)whole;
}

static void add_sums(struct download *d, const void *bytes, size_t n)
{
	sha256_add(&d->sha256, bytes, n);
	d->have += n;
	tell(d, (int64_t)n, 0);
}

static void reset_sums(struct download *d)
{
	tell(d, -(int64_t)d->have, 0);
	d->have = 0;
	sha256_start(&d->sha256);
}

int download_restart(struct download *d, struct err *err)
{
	reset_sums(d);
	d->resumed = false;
	d->total = 0;
	free(d->validator);
	d->validator = mem_str("");
	if (ftruncate(d->fd, 0))
		return err_errno(err, "%s: cannot be written", d->entry->folder);
	return 0;
}

/* The sums of what an earlier run left. */
static int take_up(struct download *d, struct err *err)
{
	char *buffer = mem_alloc(PIECE, 1);
	ssize_t got;

	while ((got = pread(d->fd, buffer, PIECE, (off_t)d->have)) > 0)
		add_sums(d, buffer, (size_t)got);
	free(buffer);
	if (got < 0)
		return err_errno(err, "%s: cannot be read", d->entry->folder);
	d->resumed = d->have > 0;
	return 0;
}

int download_open(struct download *d, struct cache_entry *entry, const struct fetch_plan *plan,
		  uint64_t expected_size, struct err *err)
{
	char *path = cache_path(entry, "part");

	*d = (struct download){.entry = entry, .plan = plan, .expected_size = expected_size};
	d->validator = cache_part(entry, &d->total);
	d->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	reset_sums(d);
	if (d->fd < 0)
		err_errno(err, "%s: cannot be made", path);
	free(path);
	if (d->fd < 0)
		return -1;
	expect(d, expected_size);
	if (!*d->validator || (expected_size && d->total && d->total != expected_size))
		return download_restart(d, err);
	return take_up(d, err);
}

/* ---- one attempt ---- */

/* Only a strong ETag, or else a date, says that the bytes are the same. */
static const char *validator_of(const struct http_reply *r)
{
	return r->etag[0] == '"' ? r->etag : r->last_modified;
}

static int begin_again(struct download *d, const struct http_reply *r, struct err *err)
{
	uint64_t whole = r->has_length ? r->length : 0;

	if (download_restart(d, err))
		return -1;
	d->total = whole;
	free(d->validator);
	d->validator = mem_str(validator_of(r));
	return cache_note_part(d->entry, d->validator, d->total, err);
}

/* S3 makes a single upload's ETag its MD5; with a dash it is of several parts. */
static void take_etag(struct download *d, const struct http_reply *r)
{
	d->etag_md5[0] = '\0';
	if (r->s3 && !r->sealed && strlen(r->etag) == 34 && r->etag[0] == '"') {
		memcpy(d->etag_md5, r->etag + 1, 32);
		d->etag_md5[32] = '\0';
		if (!is_hex(d->etag_md5, 32))
			d->etag_md5[0] = '\0';
	}
}

static int on_head(void *arg, const struct http_reply *r, struct err *err)
{
	struct download *d = arg;

	d->sized = r->sized;
	take_etag(d, r);
	if (r->status == 206 &&
	    (d->have == 0 || r->first != d->have || (d->total && r->total && r->total != d->total)))
		return err_set(err, "the server sends another part than was asked for");
	if (r->status == 200 && begin_again(d, r, err))
		return -1;
	if (d->expected_size && d->total && d->total != d->expected_size)
		return err_set(err, "the server has %llu bytes, but the list says %llu",
			       (unsigned long long)d->total, (unsigned long long)d->expected_size);
	if (!d->expected_size)
		expect(d, d->total);
	return 0;
}

static int on_body(void *arg, const void *bytes, size_t n, struct err *err)
{
	struct download *d = arg;

	if (d->expected_size && d->have + n > d->expected_size)
		return err_set(err, "the server sends more than the %llu bytes of the list",
			       (unsigned long long)d->expected_size);
	if (write_at(d->fd, bytes, n, d->have))
		return err_errno(err, "%s: cannot be written", d->entry->folder);
	add_sums(d, bytes, n);
	return 0;
}

int download_try(struct download *d, const char *url, struct http_reply *reply, struct err *err)
{
	bool resuming = d->have > 0 && *d->validator;
	struct http_request ask = {.url = url,
				   .from = resuming ? d->have : 0,
				   .validator = d->validator,
				   .stall = d->plan->patience.stall,
				   .head = on_head,
				   .body = on_body,
				   .arg = d};

	if (d->have > 0 && d->have == d->total) /* only its end was not noted */
		return 0;
	if (http_get(&ask, reply, err) == 0)
		return 0;
	if (resuming && reply->status == 416) { /* it cannot go on from there: from the start */
		reply->again = true;
		if (download_restart(d, err))
			reply->again = false;
	}
	return -1;
}

/* ---- the whole ---- */

static int differs(struct err *err, const char *what, const char *is, const char *should)
{
	return err_set(err, "not the right content: %s is %s, but should be %s", what, is, should);
}

static int check_md5(const struct download *d, const char *should, struct err *err)
{
	char *buffer = *should ? mem_alloc(PIECE, 1) : NULL, sum[33];
	struct md5 md5;
	off_t at = 0;
	ssize_t got;

	if (!*should)
		return 0;
	md5_start(&md5);
	for (; (got = pread(d->fd, buffer, PIECE, at)) > 0; at += got)
		md5_add(&md5, buffer, (size_t)got);
	free(buffer);
	md5_hex(&md5, sum);
	if (got < 0)
		return err_errno(err, "%s: cannot be read", d->entry->folder);
	return strcasecmp(should, sum) == 0 ? 0 : differs(err, "md5", sum, should);
}

/* A portal's or a mirror's page comes with 200 as well; no reference is one. */
static int check_no_page(const struct download *d, struct err *err)
{
	static const char *const openings[] = {"<!doctype html", "<html"};
	char bytes[64] = "", *begin = bytes;
	ssize_t got = pread(d->fd, bytes, sizeof(bytes) - 1, 0);

	if (got < 0)
		return err_errno(err, "%s: cannot be read", d->entry->folder);
	if (str_starts(begin, "\xef\xbb\xbf"))
		begin += 3;
	begin += strspn(begin, " \t\r\n");
	for (size_t i = 0; i < ARRAY_LEN(openings); i++)
		if (strncasecmp(begin, openings[i], strlen(openings[i])) == 0)
			return err_set(err,
				       "the server sends a web page, not the file (a login, or a "
				       "notice? open the address in a browser)");
	return 0;
}

int download_check(struct download *d, const struct known_file *e, struct err *err)
{
	struct sha256 sha256 = d->sha256;
	char is[32], should[32];

	sha256_hex(&sha256, d->entry->sha256);
	d->entry->size = d->have;
	snprintf(is, sizeof(is), "%llu", (unsigned long long)d->have);
	snprintf(should, sizeof(should), "%llu",
		 (unsigned long long)(e->size ? e->size : d->total));
	if ((e->size || d->total) && !str_eq(is, should))
		return differs(err, "size", is, should);
	if (check_no_page(d, err))
		return -1;
	if (*e->sha256 && strcasecmp(e->sha256, d->entry->sha256) != 0)
		return differs(err, "sha256", d->entry->sha256, e->sha256);
	return check_md5(d, e->md5, err) || check_md5(d, d->etag_md5, err) ? -1 : 0;
}

int download_finish(struct download *d, struct err *err)
{
	int ret = close(d->fd);

	d->fd = -1;
	return ret ? err_errno(err, "%s: cannot be written", d->entry->folder) : 0;
}

void download_close(struct download *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->validator);
	*d = (struct download){.fd = -1};
}
