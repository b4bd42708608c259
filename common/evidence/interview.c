/* interview.c - see interview.h. */
#include "base/util.h"

#include "evidence/answer_cache.h"
#include "evidence/interview.h"

#define MOST_IN_VAIN 3 /* requests that reach nobody before the rest are not sent */

/* Some questions that go together, and what is known of each so far. */
struct round {
	struct interview *talk;
	const struct question *questions[INTERVIEW_LARGEST_BATCH];
	struct proposal *proposals[INTERVIEW_LARGEST_BATCH];
	size_t n, seed;
};

static void note_trouble(struct interview *talk, const struct err *err)
{
	if (!err_is_set(&talk->why))
		talk->why = *err;
}

static bool can_be_asked(const struct question *q)
{
	return q->labels.n > 0 && q->genes.n > 0;
}

static char *body_of(const struct round *r, json_t **request)
{
	*request = questions_request(r->questions, r->n, r->talk->model, r->seed);
	return json_dumps(*request, JSON_COMPACT | JSON_SORT_KEYS);
}

/* ---- one request ---- */

/* Why there is no answer, or NULL when there is one. */
static const char *reason_of(enum chat_end end)
{
	switch (end) {
	case CHAT_ANSWERED:
		return NULL;
	case CHAT_CUT:
		return "cut";
	case CHAT_REFUSED:
		return "refused";
	case CHAT_SPENT:
		return "quota";
	default:
		return "unreachable";
	}
}

/* From the service. -1 when it will not have us. */
static int ask_service(const struct round *r, const json_t *request, struct kept_answer *kept,
		       const char **reason, struct err *err)
{
	struct interview *talk = r->talk;
	struct chat_reply reply = {0};
	struct err trouble = ERR_INIT;
	enum chat_end end = chat_ask(&talk->chat, request, &reply, &trouble);

	talk->n_asked++;
	talk->used += reply.prompt_tokens + reply.completion_tokens;
	talk->stopped |= end == CHAT_SPENT;
	talk->n_in_vain = end == CHAT_UNREACHABLE ? talk->n_in_vain + 1 : 0;
	*reason = reason_of(end);
	if (*reason)
		note_trouble(talk, &trouble);
	else
		*kept = (struct kept_answer){mem_str(reply.content), mem_str(reply.model),
					     reply.prompt_tokens, reply.completion_tokens};
	chat_reply_release(&reply);
	if (end != CHAT_FORBIDDEN)
		return 0;
	*err = trouble;
	return -1;
}

/* From the cache or the service; 'reason' says why there is no answer. */
static int get_answer(const struct round *r, struct kept_answer *kept, const char **source,
		      const char **reason, struct err *err)
{
	struct interview *talk = r->talk;
	json_t *request;
	char *body = body_of(r, &request);
	int ret = 0;

	*kept = (struct kept_answer){0};
	*source = "cache";
	*reason = NULL;
	if (talk->cache && answer_cache_get(talk->cache, body, kept)) {
		talk->n_cached++;
	} else if (talk->cache_only) {
		*reason = "not-cached";
	} else if (talk->stopped ||
		   (talk->budget &&
		    talk->used + questions_tokens(r->questions, r->n, body) > talk->budget)) {
		talk->stopped = true;
		*reason = "budget";
	} else if (talk->n_in_vain >= MOST_IN_VAIN) {
		*reason = "unreachable";
	} else {
		*source = "model";
		ret = ask_service(r, request, kept, reason, err);
	}
	free(body);
	json_decref(request);
	return ret;
}

/* Answers that are right in form are kept, under their question. */
static int keep_answer(const struct round *r, const struct kept_answer *kept, struct err *err)
{
	json_t *request;
	char *body = body_of(r, &request);
	int ret = answer_cache_put(r->talk->cache, body, kept, err);

	free(body);
	json_decref(request);
	return ret;
}

/* ---- what an answer does to a proposal ---- */

static bool well_formed(const struct proposed *a)
{
	return a->status == ANSWER_LABEL || a->status == ANSWER_DECLINED;
}

/* It replaces what the proposal had when it is the first, or has more seeds behind it. */
static void settle(struct proposal *p, struct proposed *a, const char *model, const char *source)
{
	if (a->status == ANSWER_LABEL)
		p->votes[a->label]++;
	if (p->model && !(a->status == ANSWER_LABEL && p->votes[a->label] > p->n_agree)) {
		proposed_release(a);
		return;
	}
	proposed_release(&p->answer);
	free(p->model);
	p->answer = *a;
	p->reason = answer_status_name(a->status);
	p->model = mem_str(model);
	p->source = source;
	p->n_agree = a->status == ANSWER_LABEL ? p->votes[a->label] : 0;
}

static void settle_without(struct proposal *p, const char *reason)
{
	if (!p->model && (!p->reason || !*p->reason))
		p->reason = reason;
}

/* Tokens of a batch are its questions' in equal parts, the first has what is left over. */
static void share_tokens(const struct round *r, const struct kept_answer *kept)
{
	for (size_t i = 0; i < r->n; i++) {
		r->proposals[i]->prompt_tokens +=
			kept->prompt_tokens / r->n + (i ? 0 : kept->prompt_tokens % r->n);
		r->proposals[i]->completion_tokens +=
			kept->completion_tokens / r->n + (i ? 0 : kept->completion_tokens % r->n);
	}
}

/* ---- rounds ---- */

/* Take what is right in form; of a single question, whatever came. The others stay in 'again'. */
static int take_answers(const struct round *r, const struct kept_answer *kept, const char *source,
			struct round *again, struct err *err)
{
	struct proposed answers[INTERVIEW_LARGEST_BATCH];
	bool all_well = true;

	proposals_check(answers, r->questions, r->n, kept->content);
	for (size_t i = 0; i < r->n; i++)
		all_well &= well_formed(&answers[i]);
	r->talk->n_unenforced += !all_well && r->questions[0]->schema;
	share_tokens(r, kept);
	for (size_t i = 0; i < r->n; i++) {
		if (r->n == 1 || well_formed(&answers[i])) {
			settle(r->proposals[i], &answers[i], kept->model, source);
			continue;
		}
		proposed_release(&answers[i]);
		again->questions[again->n] = r->questions[i];
		again->proposals[again->n++] = r->proposals[i];
	}
	if (all_well && r->talk->cache && str_eq(source, "model"))
		return keep_answer(r, kept, err);
	return 0;
}

static int hold_round(const struct round *r, struct err *err)
{
	struct round again = {.talk = r->talk, .seed = r->seed};
	struct kept_answer kept;
	const char *source, *reason;
	int ret = get_answer(r, &kept, &source, &reason, err);

	if (ret == 0 && !reason)
		ret = take_answers(r, &kept, source, &again, err);
	else if (ret == 0 && r->n > 1)
		again = *r;
	else if (ret == 0)
		settle_without(r->proposals[0], reason);
	kept_answer_release(&kept);
	for (size_t i = 0; ret == 0 && i < again.n; i++) {
		struct round one = {.talk = r->talk,
				    .questions = {again.questions[i]},
				    .proposals = {again.proposals[i]},
				    .n = 1,
				    .seed = r->seed};
		ret = hold_round(&one, err);
	}
	return ret;
}

/* The next questions that can be asked, from 'at' on; returns where the ones after them begin. */
static size_t gather(struct round *r, const struct questions *q, struct proposal *proposals,
		     size_t at)
{
	for (r->n = 0; at < q->clusters.n && r->n < r->talk->batch; at++) {
		if (!can_be_asked(&q->items[at]))
			continue;
		r->questions[r->n] = &q->items[at];
		r->proposals[r->n++] = proposals ? &proposals[at] : NULL;
	}
	return at;
}

int interview_hold(struct interview *talk, const struct questions *q, struct proposal *proposals,
		   void (*heard)(void *arg, size_t n), void *arg, struct err *err)
{
	struct round r = {.talk = talk};

	for (size_t i = 0; i < q->clusters.n; i++)
		proposal_init(&proposals[i], can_be_asked(&q->items[i]) ? NULL : "no-candidates");
	for (size_t at = 0; at < q->clusters.n;) {
		at = gather(&r, q, proposals, at);
		for (size_t k = 0; r.n && k < talk->repeat; k++) {
			r.seed = talk->seed + k;
			for (size_t i = 0; i < r.n; i++)
				r.proposals[i]->n_asked++;
			if (hold_round(&r, err))
				return -1;
		}
		if (heard)
			heard(arg, at);
	}
	for (size_t i = 0; i < q->clusters.n; i++)
		if (!proposals[i].reason)
			proposals[i].reason = "";
	return 0;
}

size_t interview_write_requests(const struct interview *talk, const struct questions *q, FILE *out,
				size_t *n_requests)
{
	struct interview quiet = *talk;
	struct round r = {.talk = &quiet, .seed = talk->seed};
	size_t tokens = 0;

	*n_requests = 0;
	for (size_t at = 0; at < q->clusters.n;) {
		json_t *request;
		char *body;

		at = gather(&r, q, NULL, at);
		if (r.n == 0)
			break;
		body = body_of(&r, &request);
		tokens += questions_tokens(r.questions, r.n, body);
		fprintf(out, "%s\n", body);
		(*n_requests)++;
		free(body);
		json_decref(request);
	}
	return tokens;
}
