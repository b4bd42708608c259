#include "onto/onto.h"

#include <errno.h>
#include <zlib.h>

#include "base/text.h"
#include "base/tsv.h"

static const char *const columns[] = {"id",      "label",    "exact",       "related",
				      "broad",   "narrow",   "parents",     "xrefs",
				      "subsets", "obsolete", "replaced_by", "consider"};
enum {
	ID,
	LABEL,
	EXACT,
	RELATED,
	BROAD,
	NARROW,
	PARENTS,
	XREFS,
	SUBSETS,
	OBSOLETE,
	REPLACED,
	CONSIDER,
	N_COLUMNS
};

/* ---- building ------------------------------------------------------------------------------ */

struct builder {
	struct onto *o;
	size_t cap;
	const char *path;
	size_t *lines; /* of each term, for messages */
	size_t cap_lines;
};

static struct onto_strings keep_list(struct onto *o, char *const *items, size_t n)
{
	struct onto_strings s = {0};

	if (n == 0)
		return s;
	s.items = arena_alloc(&o->arena, mem_product(n, sizeof(*s.items)));
	s.n = n;
	for (size_t i = 0; i < n; i++)
		s.items[i] = arena_str(&o->arena, items[i], strlen(items[i]));
	return s;
}

/* "a|b" cut at the bars in place. */
static struct onto_strings keep_split(struct onto *o, char *field)
{
	struct onto_strings s;
	char **items = NULL;
	size_t n = 0, cap = 0;

	for (char *part; (part = strsep(&field, "|"));) {
		if (!*part)
			continue;
		MEM_GROW(items, n + 1, cap);
		items[n++] = part;
	}
	s = keep_list(o, items, n);
	free(items);
	return s;
}

static struct onto_term *add_term(struct builder *b, const char *id, const char *label, size_t line,
				  struct err *err)
{
	struct onto *o = b->o;
	uint32_t number = strtab_add(&o->ids, id);

	if (number < o->n_terms)
		return err_null(err, "%s: line %zu: %s is there already, from line %zu", b->path,
				line, id, b->lines[number]);
	MEM_GROW(o->terms, o->n_terms + 1, b->cap);
	MEM_GROW(b->lines, o->n_terms + 1, b->cap_lines);
	b->lines[o->n_terms] = line;
	struct onto_term *t = &o->terms[o->n_terms++];

	memset(t, 0, sizeof(*t));
	t->id = strtab_str(&o->ids, number);
	t->label = arena_str(&o->arena, label, strlen(label));
	return t;
}

/* Ids that terms took over are terms too: obsolete, replaced by the one that took them. */
static int add_merged(struct builder *b, struct onto_strings *merged, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *id = merged[i].items[0];
		struct onto_term *t;

		if (strtab_find(&b->o->ids, id) != STRTAB_NONE)
			continue;
		t = add_term(b, id, "", 0, err);
		if (!t)
			return -1;
		t->obsolete = true;
		t->replaced_by = keep_list(b->o, &merged[i].items[1], 1);
	}
	return 0;
}

static int read_obo(struct builder *b, const char *prefix, struct err *err)
{
	struct obo *in = obo_open(b->path, err);
	struct onto_strings *merged = NULL; /* pairs: the id taken over, the id that took it */
	size_t n_merged = 0, cap_merged = 0;
	struct obo_term from;
	int got;

	if (!in)
		return -1;
	while ((got = obo_next(in, &from, err)) > 0) {
		struct onto_term *t;

		if (prefix && !str_starts(from.id, prefix))
			continue;
		t = add_term(b, from.id, from.name, from.line, err);
		if (!t) {
			got = -1;
			break;
		}
		t->obsolete = from.obsolete;
		for (size_t i = 0; i < OBO_SCOPES; i++)
			t->synonyms[i] =
				keep_list(b->o, from.synonyms[i].items, from.synonyms[i].n);
		t->parent_ids = keep_list(b->o, from.is_a.items, from.is_a.n);
		t->xrefs = keep_list(b->o, from.xref.items, from.xref.n);
		t->subsets = keep_list(b->o, from.subset.items, from.subset.n);
		t->replaced_by = keep_list(b->o, from.replaced_by.items, from.replaced_by.n);
		t->consider = keep_list(b->o, from.consider.items, from.consider.n);
		for (size_t i = 0; i < from.alt_id.n; i++) {
			char *pair[2] = {from.alt_id.items[i], (char *)t->id};

			if (prefix && !str_starts(pair[0], prefix))
				continue;
			MEM_GROW(merged, n_merged + 1, cap_merged);
			merged[n_merged++] = keep_list(b->o, pair, 2);
		}
	}
	if (!got)
		got = add_merged(b, merged, n_merged, err);
	free(merged);
	b->o->version = mem_str(obo_version(in));
	obo_close(in);
	return got;
}

static int read_table(struct builder *b, const char *prefix, struct err *err)
{
	struct tsv *in = tsv_open(b->path, err);
	size_t at[N_COLUMNS];
	int got = -1;

	if (!in)
		return -1;
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (tsv_need(in, columns[i], &at[i], err))
			goto close;
	while ((got = tsv_next(in, err)) > 0) {
		struct onto_term *t;
		char **f = in->fields;

		if (prefix && !str_starts(f[at[ID]], prefix))
			continue;
		t = add_term(b, f[at[ID]], f[at[LABEL]], in->line, err);
		if (!t) {
			got = -1;
			break;
		}
		for (size_t i = 0; i < OBO_SCOPES; i++)
			t->synonyms[i] = keep_split(b->o, f[at[EXACT + i]]);
		t->parent_ids = keep_split(b->o, f[at[PARENTS]]);
		t->xrefs = keep_split(b->o, f[at[XREFS]]);
		t->subsets = keep_split(b->o, f[at[SUBSETS]]);
		t->obsolete = str_eq(f[at[OBSOLETE]], "1");
		t->replaced_by = keep_split(b->o, f[at[REPLACED]]);
		t->consider = keep_split(b->o, f[at[CONSIDER]]);
	}
	b->o->version = mem_str("");
close:
	tsv_close(in);
	return got;
}

/* A table begins with its header; anything else is taken for OBO. */
static int looks_like_table(const char *path, struct err *err)
{
	char head[4] = "";
	gzFile gz = gzopen(path, "rb");

	if (!gz)
		return err_errno(err, "%s", path);
	int got = gzread(gz, head, 3);

	gzclose_r(gz);
	return got == 3 && memcmp(head, "id\t", 3) == 0;
}

/* ---- the graph ----------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct onto_term *s = a, *t = b;

	return strcmp(s->id, t->id);
}

static int by_number(const void *a, const void *b)
{
	uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;

	return (s > t) - (s < t);
}

static void number_terms(struct onto *o)
{
	if (o->n_terms)
		qsort(o->terms, o->n_terms, sizeof(*o->terms), by_id);
	MEM_ARRAY(o->of_id, o->ids.n + 1);
	for (size_t i = 0; i < o->n_terms; i++)
		o->of_id[strtab_find(&o->ids, o->terms[i].id)] = (uint32_t)i;
}

static void link_parents(struct onto *o)
{
	for (size_t i = 0; i < o->n_terms; i++) {
		struct onto_term *t = &o->terms[i];

		t->parents = arena_alloc(&o->arena,
					 mem_product(t->parent_ids.n + 1, sizeof(*t->parents)));
		for (size_t p = 0; p < t->parent_ids.n; p++) {
			uint32_t parent = onto_find(o, t->parent_ids.items[p]);

			if (parent != ONTO_NONE)
				t->parents[t->n_parents++] = parent;
		}
		if (t->n_parents)
			qsort(t->parents, t->n_parents, sizeof(*t->parents), by_number);
	}
}

enum { UNSEEN, OPEN, DONE };

#define CIRCLE_SHOWN 12

/* Name the terms of a circle, from stack[first] up to the last and back to the first. */
static int complain_circle(const struct onto *o, const uint32_t *stack, size_t first, size_t n,
			   const char *path, struct err *err)
{
	struct text way = TEXT_INIT;

	for (size_t i = first; i < n; i++) {
		const struct onto_term *t = &o->terms[stack[i]];

		if (i - first < CIRCLE_SHOWN)
			text_add(&way, "%s (%s) is a ", t->id, t->label);
		else if (i - first == CIRCLE_SHOWN)
			text_add(&way, "... is a ");
	}
	err_set(err, "%s: is_a goes in a circle: %s%s", path, way.s, o->terms[stack[first]].id);
	text_release(&way);
	return -1;
}

/* Depth by a walk upwards with a stack of its own: chains in a hostile file may be long. */
static int measure_depth(struct onto *o, uint32_t start, uint8_t *state, uint32_t *stack,
			 uint32_t *next, const char *path, struct err *err)
{
	size_t n = 0;

	stack[n] = start;
	next[n++] = 0;
	state[start] = OPEN;
	while (n) {
		struct onto_term *t = &o->terms[stack[n - 1]];

		if (next[n - 1] == t->n_parents) {
			for (size_t p = 0; p < t->n_parents; p++)
				t->depth = MAX(t->depth, o->terms[t->parents[p]].depth + 1);
			state[stack[--n]] = DONE;
			continue;
		}
		uint32_t parent = t->parents[next[n - 1]++];

		if (state[parent] == OPEN) {
			size_t first = n;

			while (stack[first - 1] != parent)
				first--;
			return complain_circle(o, stack, first - 1, n, path, err);
		}
		if (state[parent] == UNSEEN) {
			state[parent] = OPEN;
			stack[n] = parent;
			next[n++] = 0;
		}
	}
	return 0;
}

static int measure(struct onto *o, const char *path, struct err *err)
{
	uint8_t *state;
	uint32_t *stack, *next;
	int ret = 0;

	MEM_ZERO(state, o->n_terms + 1);
	MEM_ARRAY(stack, o->n_terms + 1);
	MEM_ARRAY(next, o->n_terms + 1);
	for (size_t i = 0; i < o->n_terms && !ret; i++)
		if (state[i] == UNSEEN)
			ret = measure_depth(o, (uint32_t)i, state, stack, next, path, err);
	free(state);
	free(stack);
	free(next);
	return ret;
}

struct onto *onto_read(const char *path, const char *prefix, struct err *err)
{
	struct builder b = {.path = path};
	int table = looks_like_table(path, err);

	if (table < 0)
		return NULL;
	MEM_ZERO(b.o, 1);
	if (table ? read_table(&b, prefix, err) : read_obo(&b, prefix, err))
		goto fail;
	if (b.o->n_terms == 0) {
		err_set(err, "%s: no terms%s%s", path, prefix ? " with ids that begin " : "",
			prefix ? prefix : "");
		goto fail;
	}
	number_terms(b.o);
	link_parents(b.o);
	if (measure(b.o, path, err))
		goto fail;
	free(b.lines);
	return b.o;
fail:
	free(b.lines);
	onto_free(b.o);
	return NULL;
}

void onto_free(struct onto *o)
{
	if (!o)
		return;
	free(o->terms);
	free(o->version);
	free(o->of_id);
	strtab_release(&o->ids);
	arena_release(&o->arena);
	free(o);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void put_list(struct tsv_writer *w, const struct onto_strings *s, struct text *joined)
{
	text_clear(joined);
	for (size_t i = 0; i < s->n; i++)
		text_add(joined, "%s%s", i ? "|" : "", s->items[i]);
	tsv_put(w, joined->s);
}

int onto_write(const struct onto *o, FILE *out, const char *path, struct err *err)
{
	struct tsv_writer w = {.file = out, .path = path};
	struct text joined = TEXT_INIT;

	for (size_t i = 0; i < N_COLUMNS; i++)
		tsv_put(&w, columns[i]);
	tsv_end_row(&w);
	for (size_t i = 0; i < o->n_terms; i++) {
		const struct onto_term *t = &o->terms[i];

		tsv_put(&w, t->id);
		tsv_put(&w, t->label);
		for (size_t s = 0; s < OBO_SCOPES; s++)
			put_list(&w, &t->synonyms[s], &joined);
		put_list(&w, &t->parent_ids, &joined);
		put_list(&w, &t->xrefs, &joined);
		put_list(&w, &t->subsets, &joined);
		tsv_put(&w, t->obsolete ? "1" : "0");
		put_list(&w, &t->replaced_by, &joined);
		put_list(&w, &t->consider, &joined);
		tsv_end_row(&w);
	}
	text_release(&joined);
	return tsv_writer_close(&w, err);
}

/* ---- asking -------------------------------------------------------------------------------- */

uint32_t onto_find(const struct onto *o, const char *id)
{
	uint32_t number = strtab_find(&o->ids, id);

	return number == STRTAB_NONE ? ONTO_NONE : o->of_id[number];
}

uint32_t onto_current(const struct onto *o, uint32_t term)
{
	for (size_t steps = 0; steps <= o->n_terms; steps++) {
		const struct onto_term *t = &o->terms[term];

		if (!t->obsolete)
			return term;
		if (t->replaced_by.n == 0)
			return ONTO_NONE;
		term = onto_find(o, t->replaced_by.items[0]);
		if (term == ONTO_NONE)
			return ONTO_NONE;
	}
	return ONTO_NONE; /* replacements in a circle */
}

/* Edges up from 'term' to everything above it, UINT32_MAX where there is no way. */
static uint32_t *heights(const struct onto *o, uint32_t term)
{
	uint32_t *up, *queue;
	size_t head = 0, n = 0;

	MEM_ARRAY(up, o->n_terms);
	MEM_ARRAY(queue, o->n_terms);
	memset(up, 0xff, o->n_terms * sizeof(*up));
	up[term] = 0;
	queue[n++] = term;
	while (head < n) {
		uint32_t at = queue[head++];
		const struct onto_term *t = &o->terms[at];

		for (size_t p = 0; p < t->n_parents; p++)
			if (up[t->parents[p]] == UINT32_MAX) {
				up[t->parents[p]] = up[at] + 1;
				queue[n++] = t->parents[p];
			}
	}
	free(queue);
	return up;
}

bool onto_is_a(const struct onto *o, uint32_t term, uint32_t above)
{
	if (term == above || o->terms[above].depth >= o->terms[term].depth)
		return term == above;
	uint32_t *up = heights(o, term);
	bool is = up[above] != UINT32_MAX;

	free(up);
	return is;
}

size_t onto_ancestors(const struct onto *o, uint32_t term, uint32_t **out)
{
	uint32_t *up = heights(o, term);
	size_t n = 0;

	MEM_ARRAY(*out, o->n_terms);
	for (size_t i = 0; i < o->n_terms; i++)
		if (up[i] != UINT32_MAX)
			(*out)[n++] = (uint32_t)i;
	free(up);
	return n;
}

uint32_t onto_common(const struct onto *o, const uint32_t *terms, size_t n)
{
	uint32_t best = ONTO_NONE;
	uint32_t *shared;

	if (n == 0)
		return ONTO_NONE;
	MEM_ZERO(shared, o->n_terms);
	for (size_t i = 0; i < n; i++) {
		uint32_t *up = heights(o, terms[i]);

		for (size_t t = 0; t < o->n_terms; t++)
			shared[t] += up[t] != UINT32_MAX;
		free(up);
	}
	for (size_t t = 0; t < o->n_terms; t++)
		if (shared[t] == n &&
		    (best == ONTO_NONE || o->terms[t].depth > o->terms[best].depth))
			best = (uint32_t)t;
	free(shared);
	return best;
}

int onto_distance(const struct onto *o, uint32_t a, uint32_t b)
{
	uint32_t *from_a = heights(o, a), *from_b = heights(o, b);
	uint64_t best = UINT64_MAX;

	for (size_t t = 0; t < o->n_terms; t++)
		if (from_a[t] != UINT32_MAX && from_b[t] != UINT32_MAX)
			best = MIN(best, (uint64_t)from_a[t] + from_b[t]);
	free(from_a);
	free(from_b);
	return best == UINT64_MAX ? -1 : (int)best;
}

/* Of the terms above that pass, the nearest; then the deepest; then the lowest number. */
static uint32_t nearest(const struct onto *o, uint32_t term, const bool *listed, uint32_t level)
{
	uint32_t *up = heights(o, term), best = ONTO_NONE;

	for (size_t t = 0; t < o->n_terms; t++) {
		if (up[t] == UINT32_MAX || (listed ? !listed[t] : o->terms[t].depth != level))
			continue;
		if (best == ONTO_NONE || up[t] < up[best] ||
		    (up[t] == up[best] && o->terms[t].depth > o->terms[best].depth))
			best = (uint32_t)t;
	}
	free(up);
	return best;
}

uint32_t onto_at_level(const struct onto *o, uint32_t term, uint32_t level)
{
	uint32_t found = ONTO_NONE;

	if (o->terms[term].depth > level)
		found = nearest(o, term, NULL, level);
	return found == ONTO_NONE ? term : found;
}

uint32_t onto_nearest_of(const struct onto *o, uint32_t term, const bool *listed)
{
	return nearest(o, term, listed, 0);
}
