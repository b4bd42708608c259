/* lineage.c - see lineage.h. */
#include "base/util.h"

#include "trust/lineage.h"

bool lineage_known(const struct model *m)
{
	return m->cl_ids || m->levels;
}

void lineage_free(struct lineage *l)
{
	if (!l)
		return;
	for (size_t t = 0; t < l->n_terms; t++)
		free(l->terms[t].classes);
	for (size_t k = 0; k < l->n_classes; k++)
		free(l->above[k]);
	free(l->terms);
	free(l->above);
	free(l->n_above);
	free(l);
}

double lineage_sum(const struct lineage_term *t, const double *probabilities)
{
	double sum = 0;

	for (size_t i = 0; i < t->n_classes; i++)
		sum += probabilities[t->classes[i]];
	return MIN(sum, 1);
}

/* ---- terms and their classes ---- */

static struct lineage *lineage_new(size_t n_classes, size_t most_terms)
{
	struct lineage *l = mem_zero(1, sizeof(*l));

	l->n_classes = n_classes;
	MEM_ZERO(l->terms, MAX(most_terms, 1));
	MEM_ZERO(l->above, n_classes);
	MEM_ZERO(l->n_above, n_classes);
	return l;
}

static bool same_classes(const struct lineage_term *a, const struct lineage_term *b)
{
	return a->n_classes == b->n_classes &&
	       memcmp(a->classes, b->classes, a->n_classes * sizeof(*a->classes)) == 0;
}

/* The next term, after all that are more specific. 'classes' go over. */
static void add_term(struct lineage *l, const struct lineage_term *t)
{
	bool says_more = t->n_classes > 1;

	for (size_t i = 0; i < l->n_terms && says_more; i++)
		says_more = !same_classes(&l->terms[i], t);
	if (!says_more) {
		free(t->classes);
		return;
	}
	for (size_t i = 0; i < t->n_classes; i++) {
		uint32_t k = t->classes[i];

		l->above[k] = mem_resize(l->above[k], l->n_above[k] + 1, sizeof(**l->above));
		l->above[k][l->n_above[k]++] = (uint32_t)l->n_terms;
	}
	l->terms[l->n_terms++] = *t;
}

struct lineage *lineage_of_levels(const struct model *m)
{
	const struct model_levels *levels = m->levels;
	size_t n = levels->n;
	struct lineage *l = lineage_new(m->n_classes, mem_product(n, m->n_classes));

	for (size_t level = n; level-- > 0;) {
		for (size_t k = 0; k < m->n_classes; k++) {
			struct lineage_term t = {.label = levels->of_class[k * n + level],
						 .id = ""};
			bool first = true;

			MEM_ARRAY(t.classes, m->n_classes);
			for (size_t j = 0; j < m->n_classes; j++) {
				if (!str_eq(levels->of_class[j * n + level], t.label))
					continue;
				first &= j >= k;
				t.classes[t.n_classes++] = (uint32_t)j;
			}
			if (first)
				add_term(l, &t);
			else
				free(t.classes);
		}
	}
	return l;
}

/* ---- the ontology ---- */

/* Per class its term, ONTO_NONE without an id. NULL: an id that is no term. The caller frees. */
static uint32_t *terms_of(const struct model *m, const struct onto *o, struct err *err)
{
	uint32_t *terms = mem_alloc(m->n_classes, sizeof(*terms));

	for (size_t k = 0; k < m->n_classes; k++) {
		const char *id = m->cl_ids ? m->cl_ids[k] : "";
		uint32_t t = *id && !str_eq(id, "unknown") ? onto_find(o, id) : ONTO_NONE;

		if (t == ONTO_NONE && *id && !str_eq(id, "unknown")) {
			err_set(err, "class %s: the ontology has no term %s (--ontology)",
				m->classes[k], id);
			free(terms);
			return NULL;
		}
		terms[k] = t == ONTO_NONE ? t : onto_current(o, t);
	}
	return terms;
}

/* Terms at or below each, itself counted. The caller frees. */
static size_t *count_below(const struct onto *o)
{
	size_t *n = mem_zero(o->n_terms, sizeof(*n));

	for (uint32_t t = 0; t < o->n_terms; t++) {
		uint32_t *above;
		size_t n_above = onto_ancestors(o, t, &above);

		for (size_t i = 0; i < n_above; i++)
			n[above[i]]++;
		free(above);
	}
	return n;
}

struct ranked {
	size_t n_below;
	uint32_t term;
};

static int most_specific_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->n_below != y->n_below)
		return x->n_below < y->n_below ? -1 : 1;
	return x->term < y->term ? -1 : x->term > y->term;
}

/* The terms at or above any class but those that say nothing, in order. The caller frees. */
static struct ranked *rank(const struct onto *o, const uint32_t *terms, size_t n_classes, size_t *n)
{
	size_t *n_below = count_below(o);
	bool *there = mem_zero(o->n_terms, sizeof(*there));
	struct ranked *ranked = mem_alloc(o->n_terms, sizeof(*ranked));

	for (size_t k = 0; k < n_classes; k++) {
		uint32_t *above;
		size_t n_above = terms[k] == ONTO_NONE ? 0 : onto_ancestors(o, terms[k], &above);

		for (size_t i = 0; i < n_above; i++)
			there[above[i]] = true;
		if (terms[k] != ONTO_NONE)
			free(above);
	}
	*n = 0;
	for (uint32_t t = 0; t < o->n_terms; t++)
		if (there[t] && 2 * n_below[t] <= o->n_terms)
			ranked[(*n)++] = (struct ranked){n_below[t], t};
	qsort(ranked, *n, sizeof(*ranked), most_specific_first);
	free(there);
	free(n_below);
	return ranked;
}

struct lineage *lineage_of_terms(const struct model *m, const struct onto *o, struct err *err)
{
	uint32_t *terms = terms_of(m, o, err);
	struct ranked *ranked;
	struct lineage *l;
	size_t n;

	if (!terms)
		return NULL;
	ranked = rank(o, terms, m->n_classes, &n);
	l = lineage_new(m->n_classes, n);
	for (size_t i = 0; i < n; i++) {
		struct lineage_term t = {.label = o->terms[ranked[i].term].label,
					 .id = o->terms[ranked[i].term].id};

		MEM_ARRAY(t.classes, m->n_classes);
		for (size_t k = 0; k < m->n_classes; k++)
			if (terms[k] != ONTO_NONE && onto_is_a(o, terms[k], ranked[i].term))
				t.classes[t.n_classes++] = (uint32_t)k;
		add_term(l, &t);
	}
	free(ranked);
	free(terms);
	return l;
}

/* ---- classes below classes ---- */

/* Does a level call class k by the name of class c? */
static bool is_called(const struct model *m, size_t k, size_t c)
{
	const struct model_levels *l = m->levels;

	for (size_t i = 0; l && i < l->n; i++)
		if (str_eq(l->of_class[k * l->n + i], m->classes[c]))
			return true;
	return false;
}

uint8_t *lineage_within(const struct model *m, const struct onto *o, struct err *err)
{
	uint32_t *terms = o ? terms_of(m, o, err) : NULL;
	size_t n = m->n_classes, n_below = 0;
	uint8_t *within;

	if (o && !terms)
		return NULL;
	within = mem_zero(mem_product(n, n), sizeof(*within));
	for (size_t c = 0; c < n; c++)
		for (size_t k = 0; k < n; k++) {
			bool below = is_called(m, k, c);

			if (terms && terms[c] != ONTO_NONE && terms[k] != ONTO_NONE)
				below |= terms[k] != terms[c] && onto_is_a(o, terms[k], terms[c]);
			within[c * n + k] = k == c || below;
			n_below += k != c && below;
		}
	free(terms);
	if (n_below)
		return within;
	free(within);
	return NULL;
}

/* ---- levels ---- */

void level_release(struct level *l)
{
	free(l->name);
	free(l->labels);
	free(l->group_of);
	free(l->below);
	*l = (struct level){.n = 0};
}

static void level_start(struct level *l, const char *name, size_t n_classes)
{
	*l = (struct level){.name = mem_str(name), .n_classes = n_classes};
	MEM_ZERO(l->labels, n_classes);
	MEM_ZERO(l->group_of, n_classes);
	MEM_ZERO(l->below, mem_product(n_classes, n_classes));
}

static uint32_t group_named(struct level *l, const char *label)
{
	size_t g = 0;

	while (g < l->n && !str_eq(l->labels[g], label))
		g++;
	if (g == l->n)
		l->labels[l->n++] = label;
	return (uint32_t)g;
}

int level_of_model(struct level *l, const struct model *m, const char *name, struct err *err)
{
	const struct model_levels *levels = m->levels;
	size_t at = 0;

	while (levels && at < levels->n && !str_eq(levels->names[at], name))
		at++;
	if (!levels)
		return err_set(err, "the model has no levels (lr-train --levels)");
	if (at == levels->n)
		return err_no_name(err, "the model", "level", name,
				   (const char *const *)levels->names, levels->n);
	level_start(l, name, m->n_classes);
	for (size_t k = 0; k < m->n_classes; k++) {
		l->group_of[k] = group_named(l, levels->of_class[k * levels->n + at]);
		l->below[l->group_of[k] * m->n_classes + k] = true;
	}
	return 0;
}

int level_of_slim(struct level *l, const struct model *m, const struct onto *o, const bool *listed,
		  struct err *err)
{
	uint32_t *terms = terms_of(m, o, err), *group = NULL;
	size_t n_listed = 0;

	if (!terms)
		return -1;
	level_start(l, "slim", m->n_classes);
	MEM_ARRAY(group, m->n_classes); /* term of each group */
	for (size_t k = 0; k < m->n_classes; k++) {
		uint32_t t =
			terms[k] == ONTO_NONE ? ONTO_NONE : onto_nearest_of(o, terms[k], listed);

		n_listed += t != ONTO_NONE;
		l->group_of[k] = group_named(l, t == ONTO_NONE ? m->classes[k] : o->terms[t].label);
		group[l->group_of[k]] = t;
	}
	for (size_t g = 0; g < l->n; g++)
		for (size_t k = 0; k < m->n_classes; k++)
			l->below[g * m->n_classes + k] =
				group[g] == ONTO_NONE || terms[k] == ONTO_NONE
					? l->group_of[k] == g
					: onto_is_a(o, terms[k], group[g]);
	free(group);
	free(terms);
	if (n_listed)
		return 0;
	level_release(l);
	return err_set(err, "no class of the model is at or below a listed term (%s)",
		       m->cl_ids ? "lr-model classes shows their ids"
				 : "it has no ids: lr-train --map or --ids stores them");
}

void levels_answer(const struct level *levels, size_t n, const double *p, bool *open,
		   uint32_t *groups, double *sums)
{
	for (size_t k = 0; n && k < levels->n_classes; k++)
		open[k] = true;
	for (size_t i = 0; i < n; i++) {
		const struct level *l = &levels[i];
		double best = -1;

		for (uint32_t g = 0; g < l->n; g++) {
			double sum = 0;
			bool any = false;

			for (size_t k = 0; k < l->n_classes; k++)
				if (open[k] && l->group_of[k] == g) {
					sum += p[k];
					any = true;
				}
			if (any && sum > best) {
				best = sum;
				groups[i] = g;
			}
		}
		sums[i] = 0;
		for (size_t k = 0; k < l->n_classes; k++) {
			sums[i] += l->below[groups[i] * l->n_classes + k] ? p[k] : 0;
			open[k] &= l->group_of[k] == groups[i];
		}
		sums[i] = MIN(sums[i], 1);
	}
}
