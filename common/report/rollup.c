/* rollup.c - see rollup.h. */
#include "base/util.h"

#include "report/rollup.h"

struct rollup {
	const struct query_summary *query;
	const struct onto *onto;
	size_t *cells;          /* of a term and all under it */
	size_t *own;            /* called just that */
	bool *shown;            /* called, or above a called one on its chosen way */
	uint32_t *above;        /* the parent it stands under, ONTO_NONE for roots */
	uint32_t *first, *next; /* children, in order of number */
	size_t n_mapped;
};

/* How usual a term is: 2 in a slim of a field (blood_and_immune_upper_slim), 1 in atlases. */
static int usualness(const struct onto_term *term)
{
	int usual = 0;

	for (size_t i = 0; i < term->subsets.n; i++) {
		if (str_ends(term->subsets.items[i], "_upper_slim"))
			return 2;
		if (str_eq(term->subsets.items[i], "cellxgene_subset"))
			usual = 1;
	}
	return usual;
}

static void count_up(struct rollup *r)
{
	for (size_t i = 0; i < r->query->n_called; i++) {
		const struct label_sum *l = &r->query->labels[r->query->by_count[i]];
		uint32_t t = *l->cl_id ? onto_find(r->onto, l->cl_id) : ONTO_NONE;
		uint32_t *above;
		size_t n;

		if (t != ONTO_NONE)
			t = onto_current(r->onto, t);
		if (t == ONTO_NONE)
			continue;
		n = onto_ancestors(r->onto, t, &above);
		for (size_t k = 0; k < n; k++)
			r->cells[above[k]] += l->n;
		r->own[t] += l->n;
		r->n_mapped += l->n;
		free(above);
	}
}

/* Is parent 'a' the better place: more cells in it, or more usual, or deeper? */
static bool is_better(const struct rollup *r, uint32_t a, uint32_t b)
{
	const struct onto_term *x = &r->onto->terms[a], *y = &r->onto->terms[b];

	if (r->cells[a] != r->cells[b])
		return r->cells[a] > r->cells[b];
	if (usualness(x) != usualness(y))
		return usualness(x) > usualness(y);
	return x->depth > y->depth;
}

static uint32_t place_of(const struct rollup *r, uint32_t t)
{
	const struct onto_term *term = &r->onto->terms[t];
	uint32_t best = ONTO_NONE;

	for (size_t i = 0; i < term->n_parents; i++)
		if (best == ONTO_NONE || is_better(r, term->parents[i], best))
			best = term->parents[i];
	return best;
}

/*
 * Choose places from the called terms up, so that only the chosen ways appear. Terms of the table
 * are numbered by id, not by depth: each called term walks its own way to the root.
 */
static void choose_places(struct rollup *r)
{
	for (uint32_t t = 0; t < r->onto->n_terms; t++) {
		for (uint32_t at = t; r->own[t] && at != ONTO_NONE && !r->shown[at];) {
			r->shown[at] = true;
			r->above[at] = place_of(r, at);
			at = r->above[at];
		}
	}
}

/* Link children to parents, so that each list rises. */
static void link_terms(struct rollup *r)
{
	for (uint32_t t = (uint32_t)r->onto->n_terms; t-- > 0;) {
		if (r->above[t] != ONTO_NONE) {
			r->next[t] = r->first[r->above[t]];
			r->first[r->above[t]] = t;
		}
	}
}

/* Down a chain of terms that only pass on the cells of the next. */
static uint32_t skip_chain(const struct rollup *r, uint32_t t)
{
	while (r->first[t] != ONTO_NONE && r->next[r->first[t]] == ONTO_NONE && !r->own[t] &&
	       r->cells[r->first[t]] == r->cells[t])
		t = r->first[t];
	return t;
}

static void put_term(struct page *p, const struct rollup *r, uint32_t t, int depth)
{
	const struct onto_term *term;
	bool inner;

	t = skip_chain(r, t);
	term = &r->onto->terms[t];
	inner = r->first[t] != ONTO_NONE && depth < 100;
	page_raw(p, inner ? "<li><details open><summary>" : "<li><span class=\"leaf\">");
	page_text(p, term->label);
	page_raw(p, " <span class=\"tally\">");
	page_count(p, r->cells[t]);
	page_raw(p, " \xc2\xb7 ");
	page_share(p, r->cells[t], r->query->n_cells);
	page_raw(p, "</span> <span class=\"id\">");
	if (inner) /* a link in what opens and closes would be two things to press in one */
		page_text(p, term->id);
	else
		page_term(p, term->id);
	page_raw(p, inner ? "</span></summary><ul>\n" : "</span></span></li>\n");
	if (!inner)
		return;
	for (uint32_t child = r->first[t]; child != ONTO_NONE; child = r->next[child])
		put_term(p, r, child, depth + 1);
	page_raw(p, "</ul></details></li>\n");
}

static void put_tree(struct page *p, struct rollup *r)
{
	page_section(p, 3, NULL, "By the ontology");
	page_raw(p, "<ul class=\"tree\">\n");
	for (uint32_t t = 0; t < r->onto->n_terms; t++)
		if (r->shown[t] && r->above[t] == ONTO_NONE)
			put_term(p, r, t, 0);
	page_raw(p, "</ul>\n<p class=\"note\">");
	if (r->query->n_cells > r->n_mapped) {
		size_t without = r->query->n_cells - r->n_mapped;

		page_count(p, without);
		page_raw(p, " %s no term. ", without == 1 ? "cell has" : "cells have");
	}
	page_raw(p, "A type under two others is shown under one of them and counted in both."
		    "</p>\n");
	page_section_end(p);
}

void section_rollup(struct page *p, const struct query_summary *q, const struct onto *onto)
{
	struct rollup r = {.query = q, .onto = onto};
	size_t n = onto->n_terms;

	MEM_ZERO(r.cells, n + 1);
	MEM_ZERO(r.own, n + 1);
	MEM_ZERO(r.shown, n + 1);
	MEM_ARRAY(r.above, n + 1);
	MEM_ARRAY(r.first, n + 1);
	MEM_ARRAY(r.next, n + 1);
	for (size_t t = 0; t < n; t++)
		r.above[t] = r.first[t] = r.next[t] = ONTO_NONE;
	count_up(&r);
	choose_places(&r);
	link_terms(&r);
	if (r.n_mapped)
		put_tree(p, &r);
	free(r.cells);
	free(r.own);
	free(r.shown);
	free(r.above);
	free(r.first);
	free(r.next);
}
