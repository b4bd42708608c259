/* proposals.h - what a language model may be asked about a cluster, and what counts as an answer.
 *
 * The labels to choose from are closed: the candidates of the cluster, and "Unresolved". The schema
 * says so to servers that hold a model to one, and every answer is checked here, whatever a server
 * promised. Names of clusters never go into a question: the same evidence is the same question.
 *
 *	struct question q = {.species = "human", .labels = ..., .genes = ...};
 *	const struct question *all[] = {&q};
 *	json_t *request = questions_request(all, 1, "model", 7);
 *	struct proposed a;
 *	proposals_check(&a, all, 1, reply.content);
 *	puts(a.status == ANSWER_LABEL ? q.labels.s[a.label] : answer_status_name(a.status));
 *	proposed_release(&a);
 *
 * A label counts when it is equal, byte for byte, to one offered; genes that were not given are
 * dropped and counted. Text from files is data: control characters are taken out, and it is cut.
 */
#ifndef EVIDENCE_PROPOSALS_H
#define EVIDENCE_PROPOSALS_H

#include "base/names.h"
#include "base/text.h"
#include "format/json_read.h"

#define QUESTION_LABELS 40
#define QUESTION_GENES 30
#define QUESTION_TERMS 10

struct question {
	const char *species, *tissue; /* "" when not known */
	struct names labels, ids;     /* of the candidates, the best first */
	struct names genes;           /* markers, the strongest first */
	struct names terms;           /* what the markers do, in words */
	size_t most_tokens;           /* of the answer */
	bool schema;                  /* ask the server to hold the model to it */
};
void question_release(struct question *q);

/*
 * The body of a request about n questions, one or more; json_decref frees it. Several are numbered
 * from 1, and so are their answers, in one object.
 */
json_t *questions_request(const struct question *const *q, size_t n, const char *model,
			  size_t seed);

/* About how many tokens a request is: four bytes each, and the answers. */
size_t questions_tokens(const struct question *const *q, size_t n, const char *request);

enum answer_status {
	ANSWER_LABEL,
	ANSWER_DECLINED, /* Unresolved, by the model's own word */
	ANSWER_OUTSIDE,  /* a label that was not offered */
	ANSWER_NOT_JSON  /* or not the object that was asked for */
};
const char *answer_status_name(enum answer_status status); /* "", "declined", ... */

struct proposed {
	enum answer_status status;
	size_t label;                            /* of ANSWER_LABEL: which of the question's */
	struct text genes, alternatives, reason; /* joined by commas; as given, cleaned */
	size_t n_invented;                       /* genes that were not given */
};
/* Fill a[0 .. n) from what came back on a request about these; release each. */
void proposals_check(struct proposed *a, const struct question *const *q, size_t n,
		     const char *content);
void proposed_release(struct proposed *a);

/* Without control characters, cut at 'most' bytes between characters. Added to 'out'. */
void clean_text(struct text *out, const char *s, size_t most);

#endif
