/* go.c - the terms of the Gene Ontology and what is above them. */
#include "base/util.h"

#include "base/text.h"
#include "evidence/go.h"
#include "format/tsv.h"
#include "onto/obo.h"

static const struct {
	const char *name;
	unsigned bit;
} relations[] = {{"is_a", GO_IS_A},
		 {"part_of", GO_PART_OF},
		 {"regulates", GO_REGULATES},
		 {"positively_regulates", GO_POSITIVELY},
		 {"negatively_regulates", GO_NEGATIVELY}};

static unsigned relation_of(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(relations); i++)
		if (strlen(relations[i].name) == len && strncmp(relations[i].name, word, len) == 0)
			return relations[i].bit;
	return 0;
}

int go_relations(const char *words, unsigned *bits, struct err *err)
{
	*bits = 0;
	for (const char *at = words; *at;) {
		size_t len = strcspn(at, ",");
		unsigned bit = relation_of(at, len);
		if (!bit)
			return err_set(err,
				       "'%.*s' is no relation: is_a, part_of, regulates, "
				       "positively_regulates, negatively_regulates are",
				       (int)len, at);
		*bits |= bit;
		at += len + (at[len] == ',');
	}
	return 0;
}

/* ---- reading ---- */

/* Parents by id, until all terms are known. */
struct waiting_term {
	uint32_t term;
	const char *parent;
	bool is_a;
};

struct reading {
	struct go *go;
	unsigned relations;
	struct waiting_term *waiting;
	size_t n, cap;
};

static const char *keep(struct go *go, const char *s)
{
	return arena_str(&go->arena, s, strlen(s));
}

static void know_id(struct go *go, const char *id, uint32_t term)
{
	size_t n = go->ids.n;
	uint32_t at = strtab_add(&go->ids, id);

	if (go->ids.n == n)
		return;
	MEM_GROW(go->of_id, go->ids.n, go->cap_ids);
	go->of_id[at] = term;
}

static uint32_t add_term(struct go *go, const char *id, const char *name, char aspect)
{
	MEM_GROW(go->terms, go->n_terms + 1, go->cap_terms);
	go->terms[go->n_terms] = (struct go_term){
		.id = keep(go, id), .name = keep(go, name), .slims = "", .aspect = aspect};
	know_id(go, id, (uint32_t)go->n_terms);
	return (uint32_t)go->n_terms++;
}

static void await(struct reading *r, uint32_t term, const char *parent, bool is_a)
{
	MEM_GROW(r->waiting, r->n + 1, r->cap);
	r->waiting[r->n++] = (struct waiting_term){term, keep(r->go, parent), is_a};
}

/* Each of "a|b", cut in place. */
static void await_list(struct reading *r, uint32_t term, char *list, bool is_a)
{
	char *rest = list, *id;

	while ((id = strsep(&rest, "|")))
		if (*id)
			await(r, term, id, is_a);
}

static int read_table(struct reading *r, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t id, name, aspect, alt, slim, at[ARRAY_LEN(relations)];
	int got = -1;

	if (!in || tsv_need(in, "id", &id, err) || tsv_need(in, "name", &name, err) ||
	    tsv_need(in, "aspect", &aspect, err) || tsv_need(in, "is_a", &at[0], err))
		goto close_table;
	alt = tsv_column(in, "alt_id");
	slim = tsv_column(in, "slim");
	for (size_t i = 1; i < ARRAY_LEN(relations); i++)
		at[i] = tsv_column(in, relations[i].name);
	while ((got = tsv_next(in, err)) > 0) {
		char **f = in->fields, *rest, *other;
		uint32_t term = add_term(r->go, f[id], f[name], *f[aspect] ? *f[aspect] : '?');
		if (slim != SIZE_MAX)
			r->go->terms[term].slims = keep(r->go, f[slim]);
		for (size_t i = 0; i < ARRAY_LEN(relations); i++)
			if (at[i] != SIZE_MAX && r->relations & relations[i].bit)
				await_list(r, term, f[at[i]], i == 0);
		rest = alt == SIZE_MAX ? NULL : f[alt];
		while (rest && (other = strsep(&rest, "|")))
			if (*other)
				know_id(r->go, other, term);
	}
close_table:
	tsv_close(in);
	return got;
}

/* "part_of GO:1": what is wanted of it waits; has_part is refused. */
static int take_relationship(struct reading *r, uint32_t term, const char *text, const char *path,
			     struct err *err)
{
	size_t len = strcspn(text, " ");
	unsigned bit = relation_of(text, len);

	if (len == 8 && strncmp(text, "has_part", len) == 0)
		return err_set(err,
			       "%s: term %s has_part: annotations cannot be propagated along it "
			       "(go-basic.obo is without)",
			       path, r->go->terms[term].id);
	if (bit & r->relations && text[len])
		await(r, term, text + len + strspn(text + len, " "), false);
	return 0;
}

static int take_obo_term(struct reading *r, const struct obo_term *from, const char *path,
			 struct err *err)
{
	const char *space = from->namespaces.n ? from->namespaces.items[0] : "";
	char aspect = str_eq(space, "biological_process")   ? 'P'
		      : str_eq(space, "molecular_function") ? 'F'
		      : str_eq(space, "cellular_component") ? 'C'
							    : '?';
	struct text slims = TEXT_INIT;
	uint32_t term;

	if (from->obsolete)
		return 0;
	term = add_term(r->go, from->id, from->name, aspect);
	for (size_t i = 0; i < from->subset.n; i++)
		text_add(&slims, "%s%s", i ? "|" : "", from->subset.items[i]);
	r->go->terms[term].slims = keep(r->go, slims.s);
	text_release(&slims);
	for (size_t i = 0; i < from->alt_id.n; i++)
		know_id(r->go, from->alt_id.items[i], term);
	for (size_t i = 0; i < from->is_a.n && r->relations & GO_IS_A; i++)
		await(r, term, from->is_a.items[i], true);
	for (size_t i = 0; i < from->relationships.n; i++)
		if (take_relationship(r, term, from->relationships.items[i], path, err))
			return -1;
	return 0;
}

static int read_obo(struct reading *r, const char *path, struct err *err)
{
	struct obo *in = obo_open(path, err);
	struct obo_term term;
	int got = -1;

	while (in && (got = obo_next(in, &term, err)) > 0)
		if ((got = take_obo_term(r, &term, path, err)))
			break;
	obo_close(in);
	return got;
}

/* ---- the graph ---- */

static void link_parents(struct reading *r)
{
	struct go *go = r->go;

	for (size_t i = 0, last; i < r->n; i = last) {
		struct go_term *t = &go->terms[r->waiting[i].term];
		for (last = i; last < r->n && r->waiting[last].term == r->waiting[i].term;)
			last++;
		t->parents = arena_alloc(&go->arena, (last - i) * sizeof(*t->parents));
		for (int is_a = 1; is_a >= 0; is_a--) {
			for (size_t k = i; k < last; k++) {
				uint32_t p = go_find(go, r->waiting[k].parent);
				if (r->waiting[k].is_a == is_a && p != STRTAB_NONE)
					t->parents[t->n_parents++] = p;
			}
			if (is_a)
				t->n_is_a = t->n_parents;
		}
	}
}

/* Parents before children; the depth of each by is_a. A circle leaves terms over. */
static int measure(struct go *go, const char *path, struct err *err)
{
	enum { NEW, OPEN, DONE };
	uint8_t *state = mem_zero(go->n_terms, 1);
	struct frame_of_walk {
		uint32_t term;
		size_t next;
	} * stack;
	int ret = 0;

	MEM_ARRAY(stack, go->n_terms + 1);
	for (uint32_t root = 0; root < go->n_terms && !ret; root++) {
		size_t n = 0;
		if (state[root] == NEW)
			stack[n++] = (struct frame_of_walk){root, 0};
		while (n && !ret) {
			struct frame_of_walk *top = &stack[n - 1];
			struct go_term *t = &go->terms[top->term];
			state[top->term] = OPEN;
			if (top->next == t->n_parents) {
				state[top->term] = DONE;
				for (size_t i = 0; i < t->n_is_a; i++)
					t->depth =
						MAX(t->depth, go->terms[t->parents[i]].depth + 1);
				n--;
				continue;
			}
			uint32_t up = t->parents[top->next++];
			if (state[up] == OPEN)
				ret = err_set(err,
					      "%s: %s is above itself: the relations make a circle",
					      path, go->terms[up].id);
			else if (state[up] == NEW)
				stack[n++] = (struct frame_of_walk){up, 0};
		}
	}
	free(stack);
	free(state);
	return ret;
}

int go_read_terms(struct go *go, const char *path, unsigned bits, struct err *err)
{
	struct reading r = {.go = go, .relations = bits};
	bool obo = str_ends(path, ".obo") || str_ends(path, ".obo.gz");
	int ret = obo ? read_obo(&r, path, err) : read_table(&r, path, err);

	if (!ret && go->n_terms == 0)
		ret = err_set(err, "%s: there are no terms in it", path);
	if (!ret) {
		link_parents(&r);
		ret = measure(go, path, err);
	}
	free(r.waiting);
	return ret;
}

uint32_t go_add_set(struct go *go, const char *name)
{
	return add_term(go, name, name, '?');
}

void go_release(struct go *go)
{
	free(go->terms);
	strtab_release(&go->ids);
	free(go->of_id);
	strtab_release(&go->genes);
	free(go->pairs);
	free(go->seen);
	arena_release(&go->arena);
	*go = (struct go){0};
}

uint32_t go_find(const struct go *go, const char *id)
{
	uint32_t at = strtab_find(&go->ids, id);

	return at == STRTAB_NONE ? STRTAB_NONE : go->of_id[at];
}

/* ---- asking ---- */

size_t go_above(struct go *go, uint32_t term, bool is_a_only, uint32_t *found)
{
	size_t n = 0;

	if (!go->seen)
		MEM_ZERO(go->seen, go->n_terms);
	go->stamp++;
	go->seen[term] = go->stamp;
	found[n++] = term;
	for (size_t i = 0; i < n; i++) {
		const struct go_term *t = &go->terms[found[i]];
		for (size_t k = 0; k < (is_a_only ? t->n_is_a : t->n_parents); k++) {
			if (go->seen[t->parents[k]] == go->stamp)
				continue;
			go->seen[t->parents[k]] = go->stamp;
			found[n++] = t->parents[k];
		}
	}
	return n;
}

static bool tagged(const char *slims, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = slims; *at; at += strcspn(at, "|"), at += *at == '|')
		if (strcspn(at, "|") == len && strncmp(at, name, len) == 0)
			return true;
	return false;
}

bool *go_slim(const struct go *go, const char *name, struct err *err)
{
	bool *in_slim = mem_zero(go->n_terms, sizeof(*in_slim));
	size_t n = 0;

	for (size_t i = 0; i < go->n_terms; i++)
		n += in_slim[i] = tagged(go->terms[i].slims, name);
	if (n)
		return in_slim;
	free(in_slim);
	return err_null(err, "no term is in the slim '%s' (goslim_generic is one)", name);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void go_slim_of(struct go *go, uint32_t term, const bool *in_slim, bool direct, struct text *out)
{
	uint32_t *found, *more;
	const char **ids;
	bool *covered = mem_zero(go->n_terms, sizeof(*covered));
	size_t n, n_ids = 0;

	MEM_ARRAY(found, go->n_terms);
	MEM_ARRAY(more, go->n_terms);
	MEM_ARRAY(ids, go->n_terms);
	n = go_above(go, term, true, found);
	for (size_t i = 0; i < n && direct; i++) {
		if (!in_slim[found[i]])
			continue;
		size_t m = go_above(go, found[i], true, more);
		for (size_t k = 1; k < m; k++)
			covered[more[k]] = true;
	}
	for (size_t i = 0; i < n; i++)
		if (in_slim[found[i]] && !covered[found[i]])
			ids[n_ids++] = go->terms[found[i]].id;
	if (n_ids)
		qsort(ids, n_ids, sizeof(*ids), by_id);
	text_clear(out);
	for (size_t i = 0; i < n_ids; i++)
		text_add(out, "%s%s", i ? "|" : "", ids[i]);
	free(found);
	free(more);
	free(ids);
	free(covered);
}
