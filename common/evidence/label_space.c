/* label_space.c - see label_space.h. */
#include "base/util.h"

#include <math.h>

#include "evidence/label_space.h"

/* ---- making ---- */

/* The facts of one type whose genes were tested. */
static void take_facts(struct space_type *type, const struct marker_table *t, size_t first,
		       size_t last, const uint32_t *tested)
{
	MEM_ARRAY(type->genes, last - first);
	for (size_t i = first; i < last; i++) {
		uint32_t gene = tested[t->facts[i].gene];
		if (gene == STRTAB_NONE)
			continue;
		type->genes[type->n_genes++] = (struct space_gene){gene, (float)t->facts[i].sign};
		type->n_positive += t->facts[i].sign > 0;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct space_type *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->id, y->id);
}

static void take_types(struct label_space *s, const struct marker_table *t,
		       const struct strtab *genes)
{
	uint32_t *tested;

	MEM_ARRAY(tested, t->genes.n);
	for (uint32_t i = 0; i < t->genes.n; i++)
		tested[i] = strtab_find(genes, strtab_str(&t->genes, i));
	MEM_ZERO(s->types, t->keys.n);
	for (size_t i = 0, last; i < t->n_facts; i = last) {
		const struct marker_type *from = &t->types[t->facts[i].type];
		struct space_type *type = &s->types[s->n_types];
		for (last = i; last < t->n_facts && t->facts[last].type == t->facts[i].type;)
			last++;
		*type = (struct space_type){from->name, from->id, from->term, false, NULL,
					    0,          0,        0,          0};
		take_facts(type, t, i, last, tested);
		if (type->n_positive >= SPACE_FEWEST_GENES)
			s->n_types++;
		else
			free(type->genes);
	}
	s->n_listed = s->n_types;
	if (s->n_types)
		qsort(s->types, s->n_types, sizeof(*s->types), by_name);
	free(tested);
}

static bool above(const struct label_space *s, uint32_t term, uint32_t top)
{
	return term != ONTO_NONE && top != ONTO_NONE && onto_is_a(s->onto, term, top);
}

static void index_genes(struct label_space *s)
{
	size_t *at;

	MEM_ZERO(s->starts, s->n_genes + 1);
	for (size_t i = 0; i < s->n_listed; i++)
		for (size_t k = 0; k < s->types[i].n_genes; k++)
			if (s->types[i].genes[k].weight > 0)
				s->starts[s->types[i].genes[k].gene + 1]++;
	for (size_t g = 0; g < s->n_genes; g++)
		s->starts[g + 1] += s->starts[g];
	MEM_ARRAY(s->types_of, s->starts[s->n_genes] + 1);
	at = mem_copy(s->starts, s->n_genes + 1, sizeof(*at));
	for (size_t i = 0; i < s->n_listed; i++)
		for (size_t k = 0; k < s->types[i].n_genes; k++)
			if (s->types[i].genes[k].weight > 0)
				s->types_of[at[s->types[i].genes[k].gene]++] = (uint32_t)i;
	free(at);
}

/* Types that list a gene and are not below another that does. */
static size_t apart(const struct label_space *s, size_t gene)
{
	size_t n = 0;

	for (size_t i = s->starts[gene]; i < s->starts[gene + 1]; i++) {
		uint32_t term = s->types[s->types_of[i]].term;
		bool top = true;
		for (size_t k = s->starts[gene]; top && k < s->starts[gene + 1]; k++)
			top = k == i || !above(s, term, s->types[s->types_of[k]].term);
		n += top;
	}
	return n;
}

static void weigh_genes(struct label_space *s)
{
	double all = (double)s->n_listed;

	MEM_ARRAY(s->idf, s->n_genes);
	for (size_t g = 0; g < s->n_genes; g++) {
		size_t n = apart(s, g);
		s->idf[g] = n ? log(1 + all / (double)n) / log(1 + all) : NAN;
	}
}

static int by_gene(const void *a, const void *b)
{
	const struct space_gene *x = a, *y = b;

	if (x->gene != y->gene)
		return x->gene < y->gene ? -1 : 1;
	return x->weight > y->weight ? -1 : x->weight < y->weight;
}

/* What is listed at or below a term, each gene once; what marks a part is not against the whole. */
static void add_derived(struct label_space *s, uint32_t term)
{
	struct space_type *type = &s->types[s->n_types];
	size_t n = 0, kept = 0, cap = 0;

	*type = (struct space_type){.name = s->onto->terms[term].label,
				    .id = s->onto->terms[term].id,
				    .term = term,
				    .derived = true};
	for (size_t i = 0; i < s->n_listed; i++) {
		const struct space_type *from = &s->types[i];
		for (size_t k = 0; above(s, from->term, term) && k < from->n_genes; k++) {
			if (from->genes[k].weight < 0)
				continue;
			MEM_GROW(type->genes, n + 1, cap);
			type->genes[n++] = from->genes[k];
		}
	}
	if (n)
		qsort(type->genes, n, sizeof(*type->genes), by_gene);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || type->genes[kept - 1].gene != type->genes[i].gene)
			type->genes[kept++] = type->genes[i];
	type->n_genes = type->n_positive = kept;
	s->n_types++;
}

/* Terms above two listed types or more that have no list of their own. */
static void add_ancestors(struct label_space *s)
{
	size_t *n_below, n_more = 0;
	bool *has;

	MEM_ZERO(n_below, s->onto->n_terms);
	MEM_ZERO(has, s->onto->n_terms);
	for (size_t i = 0; i < s->n_listed; i++) {
		uint32_t *up;
		size_t n;
		if (s->types[i].term == ONTO_NONE)
			continue;
		has[s->types[i].term] = true;
		n = onto_ancestors(s->onto, s->types[i].term, &up);
		for (size_t k = 0; k < n; k++)
			n_below[up[k]]++;
		free(up);
	}
	for (size_t t = 0; t < s->onto->n_terms; t++)
		n_more += n_below[t] > 1 && !has[t];
	s->types = mem_resize(s->types, s->n_listed + n_more, sizeof(*s->types));
	for (size_t t = 0; t < s->onto->n_terms; t++)
		if (n_below[t] > 1 && !has[t])
			add_derived(s, (uint32_t)t);
	free(n_below);
	free(has);
}

void label_space_make(struct label_space *s, const struct marker_table *t, const struct onto *onto,
		      const bool *lineages, const struct strtab *genes)
{
	*s = (struct label_space){.onto = onto, .lineages = lineages, .n_genes = genes->n};
	take_types(s, t, genes);
	index_genes(s);
	weigh_genes(s);
	if (s->n_listed)
		add_ancestors(s);
	for (size_t i = 0; i < s->n_types; i++) {
		struct space_type *type = &s->types[i];
		for (size_t k = 0; k < type->n_genes; k++) {
			double idf = s->idf[type->genes[k].gene];
			double w = (double)type->genes[k].weight * (isnan(idf) ? 1 : idf);
			type->genes[k].weight = (float)w;
			*(w > 0 ? &type->sum_for : &type->sum_against) += w;
			*(w > 0 ? &type->squares_for : &type->squares_against) += w * w;
		}
	}
}

void label_space_release(struct label_space *s)
{
	for (size_t i = 0; i < s->n_types; i++)
		free(s->types[i].genes);
	free(s->types);
	free(s->idf);
	free(s->types_of);
	free(s->starts);
	*s = (struct label_space){0};
}

/* ---- asking ---- */

struct cluster_evidence cluster_evidence_of(const float *values, size_t n_genes)
{
	struct cluster_evidence e = {.values = values};
	double n = (double)n_genes;

	for (size_t g = 0; g < n_genes; g++) {
		e.mean += (double)values[g] / n;
		e.mean_up += fmax((double)values[g], 0) / n;
		e.n_positive += values[g] > 0;
	}
	for (size_t g = 0; g < n_genes; g++) {
		double x = (double)values[g] - e.mean, up = fmax((double)values[g], 0) - e.mean_up;
		e.variance += x * x / n;
		e.variance_up += up * up / n;
		e.covariance += x * up / n;
	}
	return e;
}

/* Moments of a sum whose terms are drawn without replacement. */
double label_space_z(const struct label_space *s, size_t type, const struct cluster_evidence *e)
{
	const struct space_type *t = &s->types[type];
	double n = (double)s->n_genes, score = 0, variance;

	for (size_t k = 0; k < t->n_genes; k++) {
		double w = (double)t->genes[k].weight, x = (double)e->values[t->genes[k].gene];
		score += w * (w > 0 ? x : fmax(x, 0));
	}
	score -= e->mean * t->sum_for + e->mean_up * t->sum_against;
	variance = e->variance * (t->squares_for - t->sum_for * t->sum_for / n) +
		   e->variance_up * (t->squares_against - t->sum_against * t->sum_against / n) -
		   2 * e->covariance * t->sum_for * t->sum_against / n;
	return variance > 0 ? score / sqrt(variance * n / (n - 1)) : 0;
}

size_t label_space_support(const struct label_space *s, size_t type,
			   const struct cluster_evidence *e)
{
	const struct space_type *t = &s->types[type];
	size_t n = 0;

	for (size_t k = 0; k < t->n_genes; k++)
		n += t->genes[k].weight > 0 && e->values[t->genes[k].gene] > 0;
	return n;
}

size_t label_space_find(const struct label_space *s, uint32_t term, const char *name)
{
	for (size_t i = 0; i < s->n_types; i++)
		if (term != ONTO_NONE ? s->types[i].term == term
				      : name && str_eq(s->types[i].name, name))
			return i;
	return SIZE_MAX;
}

bool label_space_kin(const struct label_space *s, size_t a, size_t b)
{
	return a == b || above(s, s->types[a].term, s->types[b].term) ||
	       above(s, s->types[b].term, s->types[a].term);
}

static bool in_lineage(const struct label_space *s, uint32_t term)
{
	return onto_nearest_of(s->onto, term, s->lineages) != ONTO_NONE;
}

uint32_t label_space_common(const struct label_space *s, uint32_t a, uint32_t b)
{
	uint32_t both[2] = {a, b}, common;

	if (a == ONTO_NONE || b == ONTO_NONE)
		return ONTO_NONE;
	common = onto_common(s->onto, both, 2);
	return common != ONTO_NONE && in_lineage(s, common) ? common : ONTO_NONE;
}
