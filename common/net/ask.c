/* ask.c - see ask.h. */
#include "base/util.h"

#include <errno.h>
#include <time.h>

#include "base/text.h"
#include "net/address.h"
#include "net/ask.h"

static void sleep_seconds(double seconds)
{
	struct timespec left = {.tv_sec = (time_t)seconds};

	left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

bool patience_again(const struct patience *p, size_t attempt, const struct http_reply *reply)
{
	double wait = p->wait;

	if (!reply->again || attempt > p->retries)
		return false;
	for (size_t i = 1; i < attempt && wait < PATIENCE_LONGEST_WAIT; i++)
		wait *= 2;
	wait = MAX(wait, (double)reply->wait);
	sleep_seconds(MIN(wait, MAX(PATIENCE_LONGEST_WAIT, (double)reply->wait)));
	return true;
}

static int keep(void *arg, const void *bytes, size_t n, struct err *err)
{
	struct text *all = arg;

	if (all->len + n > DOCUMENT_LARGEST)
		return err_set(err, "an answer of more than %zu bytes", DOCUMENT_LARGEST);
	text_add_bytes(all, bytes, n);
	return 0;
}

json_t *ask_json(const char *url, const char *post, const char *token, const struct patience *p,
		 struct http_reply *reply, struct err *err)
{
	struct text all = TEXT_INIT;
	struct http_request ask = {.url = url,
				   .post = post,
				   .token = token,
				   .stall = p->stall,
				   .body = keep,
				   .arg = &all};
	json_t *root = NULL;
	char *shown = address_shown(url);

	for (size_t attempt = 1; http_get(&ask, reply, err); attempt++) {
		text_clear(&all);
		if (!patience_again(p, attempt, reply))
			goto done;
		err_clear(err);
	}
	root = document_parse(all.s, all.len, shown, err);
done:
	free(shown);
	text_release(&all);
	return root;
}

json_t *ask_or_read(const char *where, const struct patience *p, struct err *err)
{
	struct http_reply reply;

	return address_is_url(where) ? ask_json(where, NULL, NULL, p, &reply, err)
				     : document_read(where, err);
}
