/* patterns.c - see patterns.h. */
#include "base/util.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/text.h"
#include "format/tsv.h"
#include "onto/names/fold.h"
#include "onto/names/patterns.h"
#include "onto/table_ids.h"

#define STEPS_LIMIT 20000
#define DEPTH_LIMIT 2000
#define LABEL_LIMIT ((size_t)1000) /* a longer label is not a label: its beginning is tried */

struct pattern {
	pcre2_code *code;
	struct pattern_hit hit;
	enum pattern_when when;
};

struct patterns {
	struct pattern *list;
	size_t n, cap;
	pcre2_match_context *limits;
	struct arena arena;
};

static int compile(struct pattern *p, const char *text, const struct tsv *in, struct err *err)
{
	int code;
	PCRE2_SIZE offset;
	PCRE2_UCHAR why[200];

	if (!*text)
		return err_set(err, "%s: line %zu: an empty pattern would match every label",
			       in->path, in->line);
	p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);
	if (!p->code) {
		pcre2_get_error_message(code, why, sizeof(why));
		return err_set(err, "%s: line %zu: pattern \"%s\": at character %zu: %s", in->path,
			       in->line, text, (size_t)offset + 1, (char *)why);
	}
	/* Without JIT the same matches are found, slower. */
	(void)pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	return 0;
}

static int read_rows(struct patterns *p, struct tsv *in, struct table_ids *ids, struct err *err)
{
	size_t pattern, id, name, when;
	int got;

	if (tsv_need(in, "pattern", &pattern, err) || tsv_need(in, "id", &id, err) ||
	    tsv_need(in, "name", &name, err) || tsv_need(in, "when", &when, err))
		return -1;
	while ((got = tsv_next(in, err)) > 0) {
		char **f = in->fields;
		bool none = str_eq(f[id], "-");

		MEM_GROW(p->list, p->n + 1, p->cap);
		struct pattern *row = &p->list[p->n];

		memset(row, 0, sizeof(*row));
		if (!str_eq(f[when], "first") && !str_eq(f[when], "last"))
			return err_set(err, "%s: line %zu: 'when' is \"%s\" (first or last)",
				       in->path, in->line, f[when]);
		row->when = str_eq(f[when], "first") ? PATTERN_FIRST : PATTERN_LAST;
		row->hit.line = in->line;
		row->hit.name = arena_str(&p->arena, f[name], strlen(f[name]));
		row->hit.term = none ? ONTO_NONE : table_ids_find(ids, f[id], in->line);
		if (compile(row, f[pattern], in, err))
			return -1;
		p->n++;
	}
	return got;
}

struct patterns *patterns_read(const char *path, const struct onto *onto, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct table_ids ids = {.onto = onto, .unknown = TEXT_INIT};
	struct patterns *p;
	int ret;

	if (!in)
		return NULL;
	MEM_ZERO(p, 1);
	p->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(p->limits, STEPS_LIMIT);
	pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
	ret = table_ids_end(&ids, path, read_rows(p, in, &ids, err), err);
	tsv_close(in);
	if (!ret)
		return p;
	patterns_free(p);
	return NULL;
}

void patterns_free(struct patterns *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		pcre2_code_free(p->list[i].code);
	free(p->list);
	pcre2_match_context_free(p->limits);
	arena_release(&p->arena);
	free(p);
}

bool patterns_match(const struct patterns *p, enum pattern_when when, const char *label,
		    struct pattern_hit *hit)
{
	char lower[1004];
	size_t len = MIN(strlen(label), LABEL_LIMIT);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool found = false;

	for (size_t i = 0; i < len; i++)
		lower[i] = label[i] == '_'                      ? ' '
			   : label[i] >= 'A' && label[i] <= 'Z' ? (char)(label[i] + 32)
								: label[i];
	for (size_t i = 0; i < p->n && !found; i++) {
		if (p->list[i].when != when)
			continue;
		/* Below zero: no match, or one of the limits. With room for the whole match only,
		 * zero means that there were groups too. */
		if (pcre2_match(p->list[i].code, (PCRE2_SPTR)lower, len, 0, 0, data, p->limits) >=
		    0) {
			*hit = p->list[i].hit;
			found = true;
		}
	}
	pcre2_match_data_free(data);
	return found;
}
