/* chat.h - one question to a language model, by the protocol that they all speak.
 *
 * POST {base}/chat/completions, as OpenAI defined it and llama.cpp, Ollama, vLLM and the vendors
 * serve it. Hides what differs: parameters a server does not know are left out or renamed, and a
 * way of asking for JSON that it does not have gives way to a simpler one, each once; waiting and
 * asking again; and where in the reply the answer is.
 *
 *	struct chat chat = {.url = "http://127.0.0.1:8080/v1", .retries = 4, .limit = 120};
 *	struct chat_reply reply;
 *	enum chat_end end = chat_ask(&chat, request, &reply, &err);
 *	if (end == CHAT_ANSWERED)
 *		use(reply.content);
 *	chat_reply_release(&reply);
 *
 * A key travels in the header alone and is in no message, whatever a server writes back. Redirects
 * are not followed. A reply of more than CHAT_LARGEST bytes is no answer.
 */
#ifndef NET_CHAT_H
#define NET_CHAT_H

#include "format/json_read.h"

#define CHAT_LARGEST ((size_t)1 << 20)

struct chat {
	const char *url, *key; /* of the service; NULL without a key */
	size_t retries;        /* after the first attempt */
	size_t limit;          /* seconds an attempt may take */
	double wait;           /* seconds before the second attempt; doubled each time */
	/* What this server turned out not to take; kept from one question to the next. */
	bool no_temperature, no_seed, new_limit_name;
	unsigned simpler; /* 1: ask for JSON without a schema; 2: do not ask for it */
};

enum chat_end {
	CHAT_ANSWERED,
	CHAT_CUT,         /* the answer was too long for its limit */
	CHAT_REFUSED,     /* the model would not, or a filter stopped it */
	CHAT_UNREACHABLE, /* no answer in time, however often asked; or none that can be read */
	CHAT_SPENT,       /* no quota is left: no use asking on */
	CHAT_FORBIDDEN    /* key, address or request are wrong: 'err' says so */
};

struct chat_reply {
	char *content, *model; /* of CHAT_ANSWERED; the model that answered, "" when not said */
	size_t prompt_tokens, completion_tokens;
	size_t attempts;
};

/*
 * 'request' is the body, as it is asked of the first server; it is not changed. 'err' is filled
 * unless it was answered. Release the reply in any case.
 */
enum chat_end chat_ask(struct chat *chat, const json_t *request, struct chat_reply *reply,
		       struct err *err) MUST_USE;
void chat_reply_release(struct chat_reply *reply);

#endif
