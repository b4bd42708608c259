/* address.c - see address.h. */
#include "base/util.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/mem.h"
#include "net/address.h"

static bool starts_case(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

bool address_is_url(const char *s)
{
	return starts_case(s, "http://") || starts_case(s, "https://");
}

/* "host:port" of a URL: where it starts, and its length. */
static const char *authority(const char *url, size_t *len)
{
	const char *at = strstr(url, "://");

	at = at ? at + 3 : url;
	*len = strcspn(at, "/?#");
	return at;
}

/* 127.x.y.z in full: short and octal forms are somebody's trick. */
static bool is_loopback_number(const char *s, size_t len)
{
	size_t dots = 0, digits = 0;

	if (len < 9 || strncmp(s, "127.", 4) != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';

		if (!digit && (s[i] != '.' || digits == 0))
			return false;
		dots += !digit;
		digits = digit ? digits + 1 : 0;
		if (digits > 3)
			return false;
	}
	return dots == 3 && digits > 0;
}

bool address_is_loopback(const char *s)
{
	size_t len;
	const char *host = authority(s, &len);

	if (!address_is_url(s))
		return false;
	if (len >= 5 && strncmp(host, "[::1]", 5) == 0)
		return len == 5 || host[5] == ':';
	len = MIN(len, strcspn(host, ":"));
	return (len == 9 && strncasecmp(host, "localhost", 9) == 0) ||
	       is_loopback_number(host, len);
}

static bool is_inner_v4(uint32_t n)
{
	static const struct {
		uint32_t net, mask;
	} nets[] = {{0x0a000000, 0xff000000}, {0xac100000, 0xfff00000}, {0xc0a80000, 0xffff0000},
		    {0xa9fe0000, 0xffff0000}, {0x64400000, 0xffc00000}, {0x7f000000, 0xff000000},
		    {0x00000000, 0xff000000}};

	for (size_t i = 0; i < ARRAY_LEN(nets); i++)
		if ((n & nets[i].mask) == nets[i].net)
			return true;
	return false;
}

static bool is_inner_v6(const uint8_t n[16])
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, none[15];
	uint32_t last =
		(uint32_t)n[12] << 24 | (uint32_t)n[13] << 16 | (uint32_t)n[14] << 8 | n[15];

	if (memcmp(n, mapped, sizeof(mapped)) == 0)
		return is_inner_v4(last);
	return (n[0] & 0xfe) == 0xfc || (n[0] == 0xfe && (n[1] & 0xc0) == 0x80) ||
	       memcmp(n, none, sizeof(none)) == 0;
}

/* Is the host a number, in whatever form libcurl takes, of a net that is not everybody's? */
static bool is_inner(const char *url)
{
	struct in_addr v4;
	struct in6_addr v6;
	size_t len;
	const char *host = authority(url, &len);
	bool bracket = len > 0 && host[0] == '[';
	char *name = mem_strn(host + bracket, strcspn(host + bracket, bracket ? "]%/" : ":/?#"));
	bool inner = bracket ? inet_pton(AF_INET6, name, &v6) == 1 && is_inner_v6(v6.s6_addr)
			     : inet_aton(name, &v4) && is_inner_v4(ntohl(v4.s_addr));

	free(name);
	return inner;
}

int address_check(const char *url, struct err *err)
{
	char *shown = address_shown(url);
	size_t len;
	const char *host = authority(url, &len);
	int ret = -1;

	if (!address_is_url(url))
		err_set(err, "%s: not an https address", shown);
	else if (len == 0 || host[0] == ':')
		err_set(err, "%s: an address without a host", shown);
	else if (memchr(host, '@', len))
		err_set(err, "an address with a user or password in it is not used");
	else if (strpbrk(url, " \\\t\r\n\"<>^`{|}"))
		err_set(err, "%s: blanks and such signs are written as %%XX in an address", shown);
	else if (starts_case(url, "http:") && !address_is_loopback(url))
		err_set(err, "%s: only https is used, except to this machine itself", shown);
	else
		ret = 0;
	free(shown);
	return ret;
}

int address_check_redirect(const char *from, const char *to, struct err *err)
{
	if (address_check(to, err))
		return err_prefix(err, "redirected");
	if (address_is_loopback(to) && !address_is_loopback(from))
		return err_set(err, "redirected from elsewhere to this machine: refused");
	if (is_inner(to) && !is_inner(from))
		return err_set(err, "redirected from elsewhere to a private network: refused");
	return 0;
}

char *address_shown(const char *s)
{
	size_t len, start;
	const char *host = authority(s, &len);
	const char *at = memchr(host, '@', len);

	if (!at)
		return mem_strn(s, strcspn(s, "?#"));
	start = (size_t)(host - s);
	return mem_printf("%.*s...%.*s", (int)start, s, (int)strcspn(at, "?#"), at);
}

char *address_file(const char *s)
{
	char *shown = address_shown(s);
	const char *path = strstr(shown, "://"), *slash;
	char *file;

	path = path ? path + 3 : shown;
	slash = strrchr(path, '/');
	file = mem_str(slash ? slash + 1 : path == shown ? path : "");
	free(shown);
	return file;
}

char *address_https(const char *s, const char *region, const char *endpoint, struct err *err)
{
	const char *bucket = s + 5, *key;

	if (!str_starts(s, "s3://"))
		return mem_str(s);
	key = strchr(bucket, '/');
	if (!key || key == bucket || !key[1])
		return err_null(err, "%s: not like s3://BUCKET/FILE", s);
	if (*endpoint)
		return address_join(endpoint, bucket);
	if (memchr(bucket, '.', (size_t)(key - bucket))) /* its certificate has no such name */
		return mem_printf("https://s3.%s.amazonaws.com/%s", *region ? region : "us-east-1",
				  bucket);
	return mem_printf("https://%.*s.s3.%s.amazonaws.com%s", (int)(key - bucket), bucket,
			  *region ? region : "us-east-1", key);
}

char *address_join(const char *base, const char *name)
{
	return mem_printf("%s%s%s", base, str_ends(base, "/") ? "" : "/", name);
}
