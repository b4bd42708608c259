/* http.c - see http.h. */
#include "base/util.h"

#include <curl/curl.h>
#include <pthread.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/address.h"
#include "net/http.h"

#define REDIRECTS 10
#define CONNECT_SECONDS 30L
#define LONGEST_WAIT 3600
#define BUFFER_BYTES (512L << 10)

struct http_transfer {
	const struct http_request *ask;
	struct http_reply *reply;
	struct err *err; /* what the receiver said */
	bool begun, stopped;
};

/* ---- the head ---- */

static void copy_value(char *out, size_t room, const char *value, size_t len)
{
	if (len < room) {
		memcpy(out, value, len);
		out[len] = '\0';
	}
}

/* "bytes 100-199/200": all that matters is where it starts and the whole. */
static void read_range(struct http_reply *r, const char *value)
{
	unsigned long long first, last, total;
	int n = sscanf(value, "bytes %llu-%llu/%llu", &first, &last, &total);

	if (n >= 2) {
		r->first = first;
		r->total = n == 3 ? total : 0;
	}
}

static void read_header(struct http_reply *r, const char *name, size_t name_len, const char *value,
			size_t len)
{
	static const char *const known[] = {"etag",
					    "last-modified",
					    "content-range",
					    "server",
					    "content-length",
					    "x-amz-server-side-encryption",
					    "transfer-encoding"};
	char text[128] = "";
	size_t i = 0;

	while (i < ARRAY_LEN(known) &&
	       (strlen(known[i]) != name_len || strncasecmp(known[i], name, name_len) != 0))
		i++;
	copy_value(text, sizeof(text), value, len);
	switch (i) {
	case 0:
		copy_value(r->etag, sizeof(r->etag), value, len);
		break;
	case 1:
		copy_value(r->last_modified, sizeof(r->last_modified), value, len);
		break;
	case 2:
		read_range(r, text);
		break;
	case 3:
		r->s3 = str_eq(text, "AmazonS3");
		break;
	case 4:
		r->has_length = r->sized = parse_size(text, 0, SIZE_MAX, &r->length);
		break;
	case 5:
		r->sealed = !str_eq(text, "AES256");
		break;
	case 6:
		r->sized = true;
		break;
	}
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;
	size_t len = size * n;
	const char *colon = memchr(line, ':', len), *value;

	if (len > 5 && strncmp(line, "HTTP/", 5) == 0) { /* a new reply: forget the one before */
		*t->reply = (struct http_reply){0};
		return len;
	}
	if (!colon)
		return len;
	value = colon + 1;
	while (value < line + len && (*value == ' ' || *value == '\t'))
		value++;
	const char *end = line + len;
	while (end > value && strchr("\r\n \t", end[-1]))
		end--;
	read_header(t->reply, line, (size_t)(colon - line), value, (size_t)(end - value));
	return len;
}

/* ---- the body ---- */

static bool is_wanted(long status)
{
	return status == 200 || status == 206;
}

static int begin(struct http_transfer *t, CURL *curl)
{
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &t->reply->status);
	t->begun = true;
	if (is_wanted(t->reply->status) && t->ask->head &&
	    t->ask->head(t->ask->arg, t->reply, t->err)) {
		t->stopped = true;
		return -1;
	}
	return 0;
}

struct receiver {
	struct http_transfer *t;
	CURL *curl;
};

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct receiver *r = arg;
	struct http_transfer *t = r->t;

	if (!t->begun && begin(t, r->curl))
		return 0;
	if (!is_wanted(t->reply->status) && !t->ask->wants_refusals) /* nobody reads it */
		return size * n;
	if (t->ask->body(t->ask->arg, bytes, size * n, t->err)) {
		t->stopped = true;
		return 0;
	}
	return size * n;
}

/* ---- what went wrong ---- */

static bool is_passing(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

static bool is_passing_status(long status)
{
	return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
	       status == 503 || status == 504;
}

static const char *meaning(long status)
{
	switch (status) {
	case 401:
		return " (not authorised: a token is missing, wrong or expired)";
	case 403:
		return " (forbidden: this needs permission)";
	case 404:
	case 410:
		return " (there is no such file)";
	case 407:
		return " (the proxy wants a password)";
	case 429:
		return " (too many requests)";
	default:
		return status >= 500 ? " (the server's trouble)" : "";
	}
}

static int judge(struct http_transfer *t, CURL *curl, CURLcode code, const char *detail)
{
	struct http_reply *r = t->reply;
	char *shown = address_shown(t->ask->url);
	curl_off_t wait = 0;

	if (t->stopped) {
		free(shown);
		return -1;
	}
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r->status);
	if (code != CURLE_OK) {
		r->again = is_passing(code);
		err_set(t->err, "%s: %s", shown, *detail ? detail : curl_easy_strerror(code));
	} else if (!is_wanted(r->status)) {
		curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
		r->again = is_passing_status(r->status);
		r->wait = (size_t)MAX(0, MIN(wait, LONGEST_WAIT));
		err_set(t->err, "%s: the server answers %ld%s", shown, r->status,
			meaning(r->status));
	}
	free(shown);
	return err_is_set(t->err) ? -1 : 0;
}

/* ---- asking ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_library(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void set_certificates(CURL *curl)
{
	const char *file = getenv("CURL_CA_BUNDLE"), *folder = getenv("SSL_CERT_DIR");

	if (!file || !*file)
		file = getenv("SSL_CERT_FILE");
	if (file && *file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, file);
	if (folder && *folder)
		curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

static struct curl_slist *set_headers(CURL *curl, const struct http_request *ask)
{
	struct curl_slist *list = NULL;

	if (ask->from > 0) {
		char *range = mem_printf("%llu-", (unsigned long long)ask->from);
		char *header = mem_printf("If-Range: %s", ask->validator);

		curl_easy_setopt(curl, CURLOPT_RANGE, range);
		list = curl_slist_append(list, header);
		free(range);
		free(header);
	}
	if (ask->token) {
		char *header = mem_printf("Authorization: Bearer %s", ask->token);

		list = curl_slist_append(list, header);
		explicit_bzero(header, strlen(header));
		free(header);
	}
	if (ask->post) {
		list = curl_slist_append(list, "Content-Type: application/json");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->post);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	return list;
}

static void set_up(CURL *curl, struct receiver *r, char *detail)
{
	const struct http_request *ask = r->t->ask;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "pipette/" PIPETTE_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)MAX(1, ask->stall));
	if (ask->limit)
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ask->limit);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, r->t);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
	set_certificates(curl);
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Ask one address; 1 and '*next' (the caller frees) when it sends us elsewhere. */
static int ask_once(struct http_transfer *t, CURL *curl, const char *url, char **next, char *detail)
{
	CURLcode code;
	char *to = NULL;

	*t->reply = (struct http_reply){0};
	t->begun = false;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, address_is_loopback(url) ? "*" : NULL);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK && !t->begun && begin(t, curl))
		code = CURLE_WRITE_ERROR;
	if (code == CURLE_OK && is_redirect(t->reply->status))
		curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &to);
	if (to && t->ask->stays)
		return err_set(t->err, "redirected: such a request is not sent elsewhere");
	if (to && t->ask->token)
		return err_set(t->err, "redirected: a request with a token is not sent elsewhere");
	if (to) {
		*next = mem_str(to);
		return address_check_redirect(url, *next, t->err) ? -1 : 1;
	}
	return judge(t, curl, code, detail);
}

int http_get(const struct http_request *ask, struct http_reply *reply, struct err *err)
{
	struct http_transfer t = {.ask = ask, .reply = reply, .err = err};
	struct receiver r = {.t = &t};
	char detail[CURL_ERROR_SIZE] = "", *url = mem_str(ask->url);
	struct curl_slist *headers;
	int got = 1;

	*reply = (struct http_reply){0};
	if (address_check(url, err)) {
		free(url);
		return -1;
	}
	pthread_once(&once, start_library);
	r.curl = curl_easy_init();
	if (!r.curl)
		BUG("libcurl does not start");
	set_up(r.curl, &r, detail);
	headers = set_headers(r.curl, ask);
	for (int hop = 0; got == 1 && hop <= REDIRECTS; hop++) {
		char *next = NULL;

		got = ask_once(&t, r.curl, url, &next, detail);
		if (next) {
			free(url);
			url = next;
		}
	}
	if (got == 1)
		got = err_set(err, "redirected more than %d times", REDIRECTS);
	curl_slist_free_all(headers);
	curl_easy_cleanup(r.curl);
	free(url);
	return got;
}
