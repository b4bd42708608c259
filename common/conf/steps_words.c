/* steps_words.c - what the words in braces of steps.tsv stand for, and when a condition holds. */
#include "base/util.h"

#include <stdarg.h>

#include "conf/steps_private.h"

int scope_error(const struct scope *x, const char *format, ...)
{
	char *what;
	va_list args;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	va_end(args);
	err_set(x->err, "%s:%zu: %s", x->steps->table, x->row->line, what ? what : format);
	free(what);
	return -1;
}

void step_words_add(struct step_words *w, const char *s)
{
	MEM_GROW(w->items, w->n + 1, w->cap);
	w->items[w->n++] = s;
}

const char *scope_keep(struct scope *x, const char *s)
{
	return arena_str(&x->steps->arena, s, strlen(s));
}

PRINTF_LIKE(2, 3) static const char *keep_printf(struct scope *x, const char *format, ...)
{
	struct text t = TEXT_INIT;
	const char *kept;
	va_list args;
	char *s;

	va_start(args, format);
	if (vasprintf(&s, format, args) >= 0) {
		text_add(&t, "%s", s);
		free(s);
	}
	va_end(args);
	kept = scope_keep(x, t.s);
	text_release(&t);
	return kept;
}

/* ---- what there is of each noun ---- */

size_t noun_count(const struct scope *x, enum noun noun)
{
	switch (noun) {
	case NOUN_REFERENCE:
		return x->c->n_references;
	case NOUN_QUERY:
		return x->c->n_queries;
	case NOUN_MODEL:
		return x->c->n_models + (x->c->n_references > 0);
	case NOUN_SHARD:
		return x->n_shards > 1 ? x->n_shards : 0;
	case N_NOUNS:
		break;
	}
	return 0;
}

/* A model from elsewhere; NULL for the one that is trained, which comes first. */
static const struct conf_model *model_at(const struct scope *x, size_t i)
{
	size_t before = x->c->n_references > 0;

	return i > before ? &x->c->models[i - before - 1] : NULL;
}

const char *noun_name(const struct scope *x, enum noun noun, size_t i)
{
	const struct conf_model *model;

	switch (noun) {
	case NOUN_REFERENCE:
		return x->c->references[i - 1].name;
	case NOUN_QUERY:
		return x->c->queries[i - 1].name;
	case NOUN_MODEL:
		model = model_at(x, i);
		return model ? model->name : "trained";
	case NOUN_SHARD:
	case N_NOUNS:
		break;
	}
	return keep_printf((struct scope *)x, "%zu", i);
}

/* ---- their attributes ---- */

static const char *source(struct scope *x, const char *path)
{
	return path ? keep_printf(x, "%c%s", STEP_SOURCE, path) : "";
}

static bool is_foreign(const char *path)
{
	return path && !str_ends(path, ".h5ad") && !str_ends(path, ".h5ad.gz");
}

static const char *importer_of(const char *path)
{
	size_t len = path ? strlen(path) : 0;

	return len > 4 && strcasecmp(path + len - 4, ".rds") == 0 ? "rds-import" : "h5-import";
}

/* What a file of cells, of a reference or a query, has. NULL: there is no such attribute. */
static const char *of_cells(struct scope *x, const char *path, const char *made, const char *attr)
{
	if (str_eq(attr, "path"))
		return source(x, path);
	if (str_eq(attr, "foreign"))
		return is_foreign(path) ? "yes" : "";
	if (str_eq(attr, "importer"))
		return importer_of(path);
	if (str_eq(attr, "h5ad"))
		return path && !is_foreign(path) ? source(x, path)
						 : keep_printf(x, "%c/%s", STEP_RUN, made);
	return NULL;
}

/* One word for each reference, so that they stay side by side; none at all when none has ids. */
static const char *ids_of_reference(const struct config *c, const struct conf_reference *ref)
{
	bool any = false;

	for (size_t i = 0; i < c->n_references; i++)
		any |= c->references[i].ids != NULL;
	return ref->ids ? ref->ids : any ? "none" : "";
}

static const char *of_reference(struct scope *x, const struct conf_reference *ref, const char *attr)
{
	if (str_eq(attr, "id"))
		return ref->id ? ref->id : "";
	if (str_eq(attr, "label"))
		return ref->label;
	if (str_eq(attr, "ids"))
		return ids_of_reference(x->c, ref);
	if (str_eq(attr, "cells"))
		return keep_printf(x, "%zu", ref->cells);
	if (str_eq(attr, "where"))
		return ref->where ? ref->where : "";
	if (str_eq(attr, "exclude"))
		return ref->exclude ? ref->exclude : "";
	return of_cells(x, ref->path,
			keep_printf(x, "refs/%s%s.h5ad", ref->name, ref->path ? "" : ".fetched"),
			attr);
}

static const char *of_model(struct scope *x, const struct conf_model *model, const char *attr)
{
	if (str_eq(attr, "path"))
		return model ? source(x, model->path) : "";
	if (str_eq(attr, "published"))
		return model && !model->path ? "yes" : "";
	return NULL;
}

/* Cells that may share a name get names of their own before anything else; an import sees to it. */
static const char *of_query(struct scope *x, const struct conf_query *query, const char *attr)
{
	bool renamed = x->c->make_unique && !is_foreign(query->path);

	if (renamed && str_eq(attr, "h5ad"))
		return keep_printf(x, "%c/queries/%s.unique.h5ad", STEP_RUN, query->name);
	return of_cells(x, query->path, keep_printf(x, "queries/%s.h5ad", query->name), attr);
}

static const char *attribute(struct scope *x, enum noun noun, size_t i, const char *attr)
{
	if (!*attr)
		return noun_name(x, noun, i);
	switch (noun) {
	case NOUN_REFERENCE:
		return of_reference(x, &x->c->references[i - 1], attr);
	case NOUN_QUERY:
		return of_query(x, &x->c->queries[i - 1], attr);
	case NOUN_MODEL:
		return of_model(x, model_at(x, i), attr);
	case NOUN_SHARD:
	case N_NOUNS:
		break;
	}
	return NULL;
}

/* ---- the run's own ---- */

#define CALLS                                                                                   \
	"label=celltypist,label_original=celltypist_original,confidence=celltypist_confidence," \
	"model=celltypist_model,reason=celltypist_reason"
#define VOTED ",majority_voting=celltypist_voted"
#define IDS                                                               \
	",cl_id=celltypist_ontology_id,cl_name=celltypist_ontology_name," \
	"cl_score=celltypist_ontology_score"

static bool is_on(const struct config *c, const char *section)
{
	return c->settings[setting_find(section, strlen(section), "use")];
}

/* Columns of the table of calls, and what the typed h5ad calls them with "columns: celltypist": for
 * h5-obs --map. The cell's own call, the vote and the gated answer are each there under their own
 * name. */
static const char *columns(const struct config *c)
{
	static const char *const all[2][2] = {{CALLS, CALLS IDS}, {CALLS VOTED, CALLS VOTED IDS}};

	return all[is_on(c, "vote")][is_on(c, "ontology")];
}

/* The tissue that labels are read by; "unknown" is none. */
static const char *known_tissue(const struct config *c)
{
	return c->tissue && strcasecmp(c->tissue, "unknown") != 0 ? c->tissue : "";
}

static const char *of_run(struct scope *x, const char *name)
{
	const struct config *c = x->c;
	const char run[] = {STEP_RUN, '\0'};
	const struct {
		const char *name, *value;
	} known[] = {
		{"run", scope_keep(x, run)},
		{"name", c->name},
		{"panel", source(x, c->panel)},
		{"registry", source(x, c->registry)},
		{"discover", c->discover && str_eq(c->discover, "service")
				     ? c->discover
				     : source(x, c->discover)},
		{"tissue", known_tissue(c)},
		{"truth", c->truth},
		{"batch", c->batch},
		{"harmonise", c->harmonise ? "yes" : ""},
		{"make_unique", c->make_unique ? "yes" : ""},
		{"references", c->n_references ? "yes" : ""},
		{"shards", x->n_shards > 1 ? keep_printf(x, "%zu", x->n_shards) : ""},
		{"clustered", x->far_clusters || is_on(c, "vote") ? "yes" : ""},
		{"columns", columns(c)},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(name, known[i].name))
			return known[i].value ? known[i].value : "";
	return NULL;
}

/* {SECTION.KEY}, or {SECTION} for its "use". A flag that is set is "yes". */
static const char *of_settings(struct scope *x, const char *name)
{
	size_t len = strcspn(name, ".");
	size_t i = setting_find(name, len, name[len] ? name + len + 1 : "use");
	const char *value;

	if (i == SIZE_MAX)
		return NULL;
	value = x->c->settings[i];
	if (!value)
		return "";
	if (settings[i].kind == SETTING_PATH)
		return source(x, value);
	return *value ? value : "yes";
}

/* ---- lookups ---- */

/* The noun that a name begins with; *attr is the rest. */
static enum noun noun_of(const char *name, const char **attr)
{
	size_t len = strcspn(name, ".,");
	size_t noun = 0;

	while (noun < N_NOUNS &&
	       (strlen(noun_names[noun]) != len || strncmp(name, noun_names[noun], len) != 0))
		noun++;
	*attr = name[len] ? name + len + 1 : name + len;
	return (enum noun)noun;
}

/* The number that {1} or {out2} ends in: 1 when there is none. False for other names. */
static bool is_number_of(const char *name, const char *prefix, size_t *number)
{
	const char *digits = name + strlen(prefix);

	if (!str_starts(name, prefix))
		return false;
	*number = 1;
	return (*prefix && !*digits) || parse_size(digits, 1, 99, number);
}

static int files_of_step(struct scope *x, const char *name, size_t number, struct step_words *out)
{
	if (!x->inputs)
		return scope_error(x, "{%s} is of commands only", name);
	if (number > x->n_inputs)
		return scope_error(x, "{%s}: there are %zu inputs", name, x->n_inputs);
	for (size_t i = 0; i < x->inputs[number - 1].n; i++)
		step_words_add(out, x->inputs[number - 1].items[i]);
	return 0;
}

static int one_value(struct scope *x, const char *name, const char *value, struct step_words *out)
{
	if (!value)
		return scope_error(x, "there is no {%s}", name);
	if (*value)
		step_words_add(out, value);
	return 0;
}

static int values_named(struct scope *x, const char *name, struct step_words *out)
{
	const char *attr, *value;
	enum noun noun = noun_of(name, &attr);
	size_t number;

	if (is_number_of(name, "", &number))
		return files_of_step(x, name, number, out);
	if (is_number_of(name, "out", &number)) {
		if (!x->outputs || number > x->outputs->n)
			return scope_error(x, "{%s}: there is no such output", name);
		step_words_add(out, x->outputs->items[number - 1]);
		return 0;
	}
	if (noun == N_NOUNS) {
		value = of_run(x, name);
		return one_value(x, name, value ? value : of_settings(x, name), out);
	}
	if (x->bound[noun])
		return one_value(x, name, attribute(x, noun, x->bound[noun], attr), out);
	for (size_t i = 1; i <= noun_count(x, noun); i++)
		if (one_value(x, name, attribute(x, noun, i, attr), out))
			return -1;
	return 0;
}

/* The values of "query.h5ad", "gate.min_margin", ..., empty ones left out. */
static int scope_values(struct scope *x, const char *name, size_t len, struct step_words *out)
{
	char *copy = mem_strn(name, len);
	int ret = values_named(x, copy, out);

	free(copy);
	return ret;
}

/* ---- conditions ---- */

static int holds(struct scope *x, const char *condition, size_t len)
{
	bool negated = *condition == '!';
	const char *name = condition + negated;
	const char *equal = memchr(name, '=', len - negated);
	size_t name_len = equal ? (size_t)(equal - name) : len - negated;
	struct step_words found = {0};
	bool yes;

	if (scope_values(x, name, name_len, &found)) {
		free(found.items);
		return -1;
	}
	yes = found.n > 0;
	if (equal && yes) {
		size_t want = len - negated - name_len - 1;

		yes = strlen(found.items[0]) == want &&
		      strncmp(found.items[0], equal + 1, want) == 0;
	}
	free(found.items);
	return yes != negated;
}

int scope_holds(struct scope *x, const char *when)
{
	int ret = 1;

	for (const char *at = when; ret > 0 && *at && !str_eq(when, "-"); at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		ret = holds(x, at, len);
		at += len;
	}
	return ret;
}

/* ---- words ---- */

/* The values joined by commas, as one. */
static void join(struct scope *x, struct step_words *values)
{
	struct text t = TEXT_INIT;

	for (size_t i = 0; i < values->n; i++)
		text_add(&t, "%s%s", i ? "," : "", values->items[i]);
	values->items[0] = scope_keep(x, t.s);
	values->n = 1;
	text_release(&t);
}

static int fill(struct scope *x, const char *done, const char *rest, struct step_words *out);

/* Fill in one pair of braces with each of its values, and then what follows. */
static int fill_values(struct scope *x, const char *done, const char *open, const char *close,
		       struct step_words *out)
{
	bool joined = close[-1] == ',';
	struct step_words values = {0};
	int ret = scope_values(x, open + 1, (size_t)(close - open - 1 - joined), &values);

	if (joined && values.n)
		join(x, &values);
	for (size_t i = 0; i < values.n && ret == 0; i++)
		ret = fill(x, keep_printf(x, "%s%s", done, values.items[i]), close + 1, out);
	free(values.items);
	return ret;
}

/* The word up to 'rest' is 'done'. What the step is not of is bound for the rest of the word. */
static int fill(struct scope *x, const char *done, const char *rest, struct step_words *out)
{
	const char *open = strchr(rest, '{'), *close = open ? strchr(open, '}') : NULL, *attr;
	enum noun noun;
	int ret = 0;

	if (!close) {
		step_words_add(out, keep_printf(x, "%s%s", done, rest));
		return 0;
	}
	done = keep_printf(x, "%s%.*s", done, (int)(open - rest), rest);
	noun = noun_of(keep_printf(x, "%.*s", (int)(close - open - 1), open + 1), &attr);
	if (noun == N_NOUNS || x->bound[noun] || close[-1] == ',')
		return fill_values(x, done, open, close, out);
	for (size_t i = 1; i <= noun_count(x, noun) && ret == 0; i++) {
		x->bound[noun] = i;
		ret = fill_values(x, done, open, close, out);
	}
	x->bound[noun] = 0;
	return ret;
}

int scope_fill(struct scope *x, const char *word, struct step_words *out)
{
	const char *mark = strchr(word, '?');
	const char *brace = strchr(word, '{');

	if (mark && (!brace || mark < brace)) {
		int yes = holds(x, word, (size_t)(mark - word));

		return yes <= 0 ? yes : scope_fill(x, mark + 1, out);
	}
	return fill(x, "", word, out);
}

int words_of_cell(struct scope *x, const char *cell, int each(struct scope *, const char *, void *),
		  void *arg)
{
	char *copy = mem_str(cell), *rest = copy, *word;
	int ret = 0;

	while (ret == 0 && !str_eq(cell, "-") && (word = strsep(&rest, " ")))
		if (*word)
			ret = each(x, word, arg);
	free(copy);
	return ret;
}
