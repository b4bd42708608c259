/* lazy_curl.c - libcurl's calls, looked up when they are first made.
 *
 * A wheel must run on machines that have no libcurl, and what fetches files is not worth bundling
 * one with its certificates. So the filters of a wheel are linked with this instead: where
 * libcurl.so.4 is there it is used, else a download fails with CURLE_FAILED_INIT and a message
 * that says what to install. Whatever downloads nothing needs none.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>

/* In the tests it stands in libcurl.so.4's own place, and LIBCURL is where the real one is. */
#ifdef LIBCURL
static const char *const names[] = {LIBCURL};
#else
static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
#endif

static void *find(const char *name)
{
	static void *library;

	for (size_t i = 0; !library && i < sizeof(names) / sizeof(*names); i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library ? dlsym(library, name) : NULL;
}

/* A pointer to a function, from a pointer to data, as POSIX has dlsym give it. */
#define LOOK_UP(function)                     \
	__typeof__(&(function)) found = NULL; \
	*(void **)&found = find(#function)

#undef curl_easy_setopt
#undef curl_easy_getinfo

CURLcode curl_global_init(long flags)
{
	LOOK_UP(curl_global_init);
	return found ? found(flags) : CURLE_FAILED_INIT;
}

void curl_global_cleanup(void)
{
	LOOK_UP(curl_global_cleanup);
	if (found)
		found();
}

CURL *curl_easy_init(void)
{
	LOOK_UP(curl_easy_init);
	return found ? found() : NULL;
}

/* Every option is one word: a long, a pointer, a function or an offset of 64 bits. */
CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	va_list arguments;
	LOOK_UP(curl_easy_setopt);

	va_start(arguments, option);
	void *value = va_arg(arguments, void *);
	va_end(arguments);
	return found ? found(curl, option, value) : CURLE_FAILED_INIT;
}

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
	va_list arguments;
	LOOK_UP(curl_easy_getinfo);

	va_start(arguments, info);
	void *value = va_arg(arguments, void *);
	va_end(arguments);
	return found ? found(curl, info, value) : CURLE_FAILED_INIT;
}

CURLcode curl_easy_perform(CURL *curl)
{
	LOOK_UP(curl_easy_perform);
	return found ? found(curl) : CURLE_FAILED_INIT;
}

void curl_easy_cleanup(CURL *curl)
{
	LOOK_UP(curl_easy_cleanup);
	if (found)
		found(curl);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
	LOOK_UP(curl_slist_append);
	return found ? found(list, text) : NULL;
}

void curl_slist_free_all(struct curl_slist *list)
{
	LOOK_UP(curl_slist_free_all);
	if (found)
		found(list);
}

const char *curl_easy_strerror(CURLcode code)
{
	LOOK_UP(curl_easy_strerror);
	return found ? found(code)
		     : "libcurl.so.4 is not on this machine (Debian: apt install libcurl4)";
}
