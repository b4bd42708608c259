/* chat.c - see chat.h. */
#include "base/util.h"

#include <errno.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/address.h"
#include "net/chat.h"
#include "net/http.h"

#define MOST_CHANGES 5 /* of a request that a server does not take */
#define LONGEST_WAIT 60.0

/* ---- one attempt ---- */

static int keep(void *arg, const void *bytes, size_t n, struct err *err)
{
	struct text *all = arg;

	if (all->len + n > CHAT_LARGEST)
		return err_set(err, "the server's reply is longer than %zu bytes", CHAT_LARGEST);
	text_add_bytes(all, bytes, n);
	return 0;
}

/* The request as this server takes it. The caller frees. */
static char *body_for(const struct chat *chat, const json_t *request)
{
	json_t *body = json_deep_copy(request), *most = json_object_get(body, "max_tokens");
	json_t *format = json_object_get(body, "response_format");
	char *text;

	if (chat->no_temperature)
		json_object_del(body, "temperature");
	if (chat->no_seed)
		json_object_del(body, "seed");
	if (chat->new_limit_name && most) {
		json_object_set(body, "max_completion_tokens", most);
		json_object_del(body, "max_tokens");
	}
	if (format && chat->simpler == 1)
		json_object_set_new(body, "response_format",
				    json_pack("{s:s}", "type", "json_object"));
	if (format && chat->simpler >= 2)
		json_object_del(body, "response_format");
	text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(body);
	return text;
}

/* What a server says is wrong, without the key, whatever it is. */
static void say_trouble(const struct chat *chat, const struct text *all, char *out, size_t room)
{
	struct err none = ERR_INIT;
	json_t *root = document_parse(all->s, all->len, "reply", &none);
	const json_t *error = root ? json_object_get(root, "error") : NULL;
	const char *code = document_text(error, "code"), *message = document_text(error, "message");
	size_t n = 0;

	if (json_is_string(error))
		message = json_string_value(error);
	snprintf(out, room, "%s%s%.300s", code, *code && *message ? ": " : "", message);
	if (chat->key && *chat->key && strstr(out, chat->key))
		snprintf(out, room, "(a message that holds the key)");
	for (; out[n]; n++)
		if ((unsigned char)out[n] < 0x20)
			out[n] = ' ';
	json_decref(root);
}

static bool says(const char *trouble, const char *word)
{
	return strcasestr(trouble, word) != NULL;
}

/* A request that was not understood: what to change in it? False when nothing is known. */
static bool change_request(struct chat *chat, const char *trouble)
{
	if (!chat->new_limit_name && says(trouble, "max_tokens"))
		return chat->new_limit_name = true;
	if (!chat->no_temperature && says(trouble, "temperature"))
		return chat->no_temperature = true;
	if (!chat->no_seed && says(trouble, "seed"))
		return chat->no_seed = true;
	if (chat->simpler < 2 && (says(trouble, "response_format") || says(trouble, "schema") ||
				  says(trouble, "grammar")))
		return ++chat->simpler;
	return false;
}

static bool is_passing(const struct http_reply *http)
{
	return http->again || http->status == 409 || http->status == 529;
}

static bool is_forbidden(long status)
{
	return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
	       status == 413 || status == 422 || status == 501;
}

/* ---- the reply ---- */

static enum chat_end take_reply(const struct text *all, const char *shown, struct chat_reply *reply,
				struct err *err)
{
	json_t *root = document_parse(all->s, all->len, shown, err);
	const json_t *choice = root ? json_array_get(json_object_get(root, "choices"), 0) : NULL;
	const json_t *message = json_object_get(choice, "message");
	const json_t *usage = json_object_get(root, "usage");
	const char *finish = document_text(choice, "finish_reason");
	enum chat_end end = CHAT_ANSWERED;

	if (!root)
		return CHAT_UNREACHABLE;
	reply->prompt_tokens = document_size(usage, "prompt_tokens");
	reply->completion_tokens = document_size(usage, "completion_tokens");
	if (str_eq(finish, "length"))
		end = CHAT_CUT;
	else if (str_eq(finish, "content_filter") || *document_text(message, "refusal"))
		end = CHAT_REFUSED;
	else if (!json_is_string(json_object_get(message, "content")))
		end = CHAT_UNREACHABLE;
	if (end == CHAT_ANSWERED) {
		reply->content = mem_str(document_text(message, "content"));
		reply->model = mem_str(document_text(root, "model"));
	} else {
		err_set(err, "%s: %s", shown,
			end == CHAT_CUT       ? "the answer was cut off"
			: end == CHAT_REFUSED ? "the model would not answer"
					      : "there is no answer in the reply");
	}
	json_decref(root);
	return end;
}

static void wait_before(const struct chat *chat, size_t attempt, size_t asked)
{
	double wait = chat->wait;
	struct timespec left;

	for (size_t i = 1; i < attempt && wait < LONGEST_WAIT; i++)
		wait *= 2;
	wait = MIN(LONGEST_WAIT, MAX(wait, (double)asked));
	left.tv_sec = (time_t)wait;
	left.tv_nsec = (long)((wait - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* How one attempt ended, once its status is known; true when it is worth another. */
static bool judge(struct chat *chat, const struct http_reply *http, const struct text *all,
		  size_t *changes, enum chat_end *end, struct err *err)
{
	char trouble[400];

	say_trouble(chat, all, trouble, sizeof(trouble));
	*end = CHAT_UNREACHABLE;
	if (http->status == 429 && says(trouble, "quota"))
		*end = CHAT_SPENT;
	else if ((http->status == 400 || http->status == 422 || http->status == 501) &&
		 *changes < MOST_CHANGES && change_request(chat, trouble)) {
		++*changes;
		err_clear(err);
		return true;
	} else if (is_forbidden(http->status))
		*end = CHAT_FORBIDDEN;
	if (*trouble && err_is_set(err)) {
		struct err whole = ERR_INIT;
		err_set(&whole, "%s: %s", err->text, trouble);
		*err = whole;
	}
	return false;
}

enum chat_end chat_ask(struct chat *chat, const json_t *request, struct chat_reply *reply,
		       struct err *err)
{
	char *url = address_join(chat->url, "chat/completions"), *shown = address_shown(url), *body;
	enum chat_end end = CHAT_UNREACHABLE;
	struct text all = TEXT_INIT;
	struct http_reply http;
	size_t changes = 0, tries = 0;
	bool again = true;

	*reply = (struct chat_reply){0};
	if (address_check(url, err)) {
		end = CHAT_FORBIDDEN;
		again = false;
	}
	while (again) {
		body = body_for(chat, request);
		struct http_request ask = {.url = url,
					   .post = body,
					   .token = chat->key,
					   .stall = chat->limit,
					   .limit = chat->limit,
					   .stays = true,
					   .wants_refusals = true,
					   .body = keep,
					   .arg = &all};
		text_clear(&all);
		reply->attempts++;
		int failed = http_get(&ask, &http, err);
		free(body);
		if (!failed) {
			end = take_reply(&all, shown, reply, err);
			break;
		}
		again = judge(chat, &http, &all, &changes, &end, err);
		if (!again && end == CHAT_UNREACHABLE && is_passing(&http) &&
		    tries < chat->retries) {
			wait_before(chat, ++tries, http.wait);
			err_clear(err);
			again = true;
		}
	}
	text_release(&all);
	free(shown);
	free(url);
	return end;
}

void chat_reply_release(struct chat_reply *reply)
{
	free(reply->content);
	free(reply->model);
	*reply = (struct chat_reply){0};
}
