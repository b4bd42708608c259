/* label_check.c - see label_check.h. */
#include "base/util.h"

#include <math.h>

#include "evidence/label_check.h"

#define FEWEST_GENES 3     /* with evidence at all */
#define STRONGEST_GENES 50 /* whose share that is listed is the coverage */
#define GENES_NAMED 5
#define FULL_SUPPORT 4.0 /* genes */

const struct check_rules check_defaults = {
	.least_z = 4,
	.least_z_given = 3,
	.least_margin = 0.3,
	.least_coverage = 0.1,
	.strong_z = 5,
	.clear_margin = 0.5,
	.least_support = 2,
	.conflict_evidence = 0.2,
	.conflict_idf = 0.5,
};

const char *check_status_name(enum check_status status)
{
	static const char *const names[] = {"resolved", "climbed",  "unresolved", "supported",
					    "weak",     "conflict", "unlisted"};

	return names[status];
}

/* One cluster against the whole space. */
struct look {
	const struct label_space *s;
	const struct check_rules *rules;
	const struct strtab *genes;
	struct cluster_evidence e;
	double *z; /* per type */
};

/* ---- genes by strength ---- */

struct weighed {
	double by;
	uint32_t gene;
};

static int by_strength(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->by != y->by)
		return x->by > y->by ? -1 : 1;
	return x->gene < y->gene ? -1 : x->gene > y->gene;
}

static void name_genes(const struct look *l, struct weighed *genes, size_t n, struct text *out)
{
	if (n)
		qsort(genes, n, sizeof(*genes), by_strength);
	for (size_t i = 0; i < MIN(n, GENES_NAMED); i++)
		text_add(out, "%s%s", i ? "," : "", strtab_str(l->genes, genes[i].gene));
}

/* Of the genes with most evidence, the share that some type lists. */
static double coverage(const struct look *l)
{
	struct weighed *genes;
	size_t n = 0, known = 0;

	MEM_ARRAY(genes, l->s->n_genes);
	for (size_t g = 0; g < l->s->n_genes; g++)
		if (l->e.values[g] > 0)
			genes[n++] = (struct weighed){(double)l->e.values[g], (uint32_t)g};
	if (n)
		qsort(genes, n, sizeof(*genes), by_strength);
	n = MIN(n, STRONGEST_GENES);
	for (size_t i = 0; i < n; i++)
		known += !isnan(l->s->idf[genes[i].gene]);
	free(genes);
	return n ? (double)known / (double)n : 0;
}

/* ---- types by z ---- */

/* The highest z of the listed types, leaving out kin of 'but'. */
static size_t highest(const struct look *l, size_t but)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < l->s->n_listed; i++) {
		if (but != SIZE_MAX && label_space_kin(l->s, i, but))
			continue;
		if (best == SIZE_MAX || l->z[i] > l->z[best])
			best = i;
	}
	return best;
}

static size_t rank_of(const struct look *l, size_t type)
{
	size_t rank = 1;

	for (size_t i = 0; i < l->s->n_listed; i++)
		rank += i != type && l->z[i] > l->z[type];
	return rank;
}

static double clip(double x)
{
	return fmin(1, fmax(0, x));
}

static void set_confidence(struct verdict *v, const struct look *l, double beyond, double margin,
			   size_t support)
{
	double links[] = {clip(beyond / l->rules->strong_z), clip(margin / l->rules->clear_margin),
			  clip((double)support / FULL_SUPPORT)};
	static const char *const names[] = {"support", "margin", "genes"};
	size_t least = 0;

	for (size_t i = 1; i < 3; i++)
		if (links[i] < links[least])
			least = i;
	v->confidence = links[least];
	v->limit = names[least];
}

/* ---- for and against a type ---- */

static double support_mass(const struct look *l, size_t type, struct text *named)
{
	const struct space_type *t = &l->s->types[type];
	struct weighed *genes;
	double mass = 0;
	size_t n = 0;

	MEM_ARRAY(genes, t->n_genes);
	for (size_t k = 0; k < t->n_genes; k++) {
		double here = (double)t->genes[k].weight * (double)l->e.values[t->genes[k].gene];
		if (here <= 0)
			continue;
		genes[n++] = (struct weighed){here, t->genes[k].gene};
		mass += here;
	}
	name_genes(l, genes, n, named);
	free(genes);
	return mass;
}

/* Is a gene listed, and only by types of other lineages than the term's? */
static bool is_foreign(const struct look *l, size_t gene, uint32_t term)
{
	const struct label_space *s = l->s;
	size_t n = 0;

	for (size_t i = s->starts[gene]; i < s->starts[gene + 1]; i++) {
		uint32_t other = s->types[s->types_of[i]].term;
		if (other == ONTO_NONE)
			continue;
		if (label_space_common(s, term, other) != ONTO_NONE ||
		    onto_is_a(s->onto, term, other) || onto_is_a(s->onto, other, term))
			return false;
		n++;
	}
	return n > 0;
}

static double conflict_mass(const struct look *l, uint32_t term, struct text *named)
{
	struct weighed *genes;
	double mass = 0;
	size_t n = 0;

	if (term == ONTO_NONE)
		return 0;
	MEM_ARRAY(genes, l->s->n_genes);
	for (size_t g = 0; g < l->s->n_genes; g++) {
		double e = (double)l->e.values[g], idf = l->s->idf[g];
		if (e < l->rules->conflict_evidence || !(idf >= l->rules->conflict_idf) ||
		    !is_foreign(l, g, term))
			continue;
		genes[n++] = (struct weighed){idf * e, (uint32_t)g};
		mass += idf * e;
	}
	name_genes(l, genes, n, named);
	free(genes);
	return mass;
}

/* ---- verdicts ---- */

static void unresolved(struct verdict *v, const char *reason)
{
	v->status = CHECK_UNRESOLVED;
	v->reason = reason;
	v->label = "Unresolved";
	v->id = "";
	v->confidence = 0;
}

static void take_type(struct verdict *v, const struct look *l, size_t type)
{
	double support = support_mass(l, type, &v->genes);
	double against = conflict_mass(l, l->s->types[type].term, &v->conflicts);

	v->label = l->s->types[type].name;
	v->id = l->s->types[type].id;
	v->support = l->z[type];
	v->rank = rank_of(l, type);
	v->contradiction = support + against > 0 ? against / (support + against) : 0;
}

/* Is there too little to say anything? */
static bool too_little(struct verdict *v, const struct look *l)
{
	if (l->e.n_positive < FEWEST_GENES)
		unresolved(v, "few-markers");
	else if (v->coverage < l->rules->least_coverage)
		unresolved(v, "coverage");
	else if (v->best == SIZE_MAX)
		unresolved(v, "weak");
	return v->reason[0] != '\0';
}

/* What the best type and all that come near it are, in one lineage; else ONTO_NONE. */
static uint32_t common_of_near(const struct verdict *v, const struct look *l)
{
	double near = v->best_z * (1 - l->rules->least_margin);
	uint32_t common = l->s->types[v->best].term;

	for (size_t i = 0; i < l->s->n_listed && common != ONTO_NONE; i++)
		if (l->z[i] > near && !label_space_kin(l->s, i, v->best))
			common = label_space_common(l->s, common, l->s->types[i].term);
	return common;
}

static void name_cluster(struct verdict *v, const struct look *l)
{
	size_t support;
	uint32_t common;

	if (too_little(v, l))
		return;
	support = label_space_support(l->s, v->best, &l->e);
	take_type(v, l, v->best);
	set_confidence(v, l, v->best_z - l->rules->least_z, v->margin, support);
	if (support < l->rules->least_support || v->best_z < l->rules->least_z) {
		unresolved(v, "weak");
		return;
	}
	v->status = CHECK_RESOLVED;
	if (v->margin >= l->rules->least_margin)
		return;
	common = common_of_near(v, l);
	if (common == ONTO_NONE) {
		unresolved(v, "mixed");
		return;
	}
	v->status = CHECK_CLIMBED;
	v->reason = "climbed";
	v->label = l->s->onto->terms[common].label;
	v->id = l->s->onto->terms[common].id;
}

/* The best z of a type that is of another lineage than the given one. */
static double foreign_z(const struct look *l, size_t type, size_t *which)
{
	const struct label_space *s = l->s;
	uint32_t term = s->types[type].term;
	double best = 0;

	*which = SIZE_MAX;
	for (size_t i = 0; i < s->n_listed; i++) {
		if (label_space_kin(s, i, type) || s->types[i].term == ONTO_NONE ||
		    label_space_common(s, term, s->types[i].term) != ONTO_NONE)
			continue;
		if (*which == SIZE_MAX || l->z[i] > best) {
			best = l->z[i];
			*which = i;
		}
	}
	return best;
}

/* The type of a label: its own, or the nearest above it that still is in a lineage. */
static size_t type_of_label(const struct look *l, const struct given_label *given)
{
	const struct label_space *s = l->s;
	size_t type = label_space_find(s, given->term, given->name), nearest = SIZE_MAX;

	if (type != SIZE_MAX || given->term == ONTO_NONE)
		return type;
	for (size_t i = 0; i < s->n_types; i++) {
		uint32_t term = s->types[i].term;
		if (term == ONTO_NONE || !onto_is_a(s->onto, given->term, term) ||
		    label_space_common(s, term, term) == ONTO_NONE)
			continue;
		if (nearest == SIZE_MAX ||
		    s->onto->terms[term].depth > s->onto->terms[s->types[nearest].term].depth)
			nearest = i;
	}
	return nearest;
}

/* A general label is as good as the best of what is listed below it. */
static size_t voice_of(const struct look *l, size_t type)
{
	size_t best = type;

	for (size_t i = 0; i < l->s->n_listed; i++)
		if (l->s->types[i].term != ONTO_NONE && l->s->types[type].term != ONTO_NONE &&
		    onto_is_a(l->s->onto, l->s->types[i].term, l->s->types[type].term) &&
		    l->z[i] > l->z[best])
			best = i;
	return best;
}

static void judge_label(struct verdict *v, const struct look *l, const struct given_label *given)
{
	size_t named = type_of_label(l, given), type, other;
	bool little = too_little(v, l);
	double z, against, margin, least = l->rules->least_z_given;

	v->label = given->name;
	v->id = given->term == ONTO_NONE ? "" : l->s->onto->terms[given->term].id;
	if (little)
		return;
	if (named == SIZE_MAX) {
		v->status = CHECK_UNLISTED;
		v->reason = "unlisted";
		return;
	}
	type = voice_of(l, named);
	take_type(v, l, type);
	if (given->term == l->s->types[named].term || given->term == ONTO_NONE)
		v->reason = "";
	else
		v->reason = "by-ancestor";
	v->label = given->name;
	v->id = given->term == ONTO_NONE ? "" : l->s->onto->terms[given->term].id;
	z = l->z[type];
	against = foreign_z(l, named, &other);
	margin = z > 0 ? (z - against) / z : 0;
	set_confidence(v, l, z - least, margin, label_space_support(l->s, type, &l->e));
	v->status = CHECK_SUPPORTED;
	if (other != SIZE_MAX && against >= least &&
	    against - z >= l->rules->least_margin * against) {
		v->status = CHECK_CONFLICT;
		v->reason = "other-lineage";
	} else if (v->contradiction >= 0.5 && against >= fmax(z, least)) {
		v->status = CHECK_CONFLICT;
		v->reason = "contradiction";
	} else if (z < least) {
		v->status = CHECK_WEAK;
		v->reason = "weak";
	}
	if (v->status != CHECK_SUPPORTED)
		v->confidence = 0;
}

void label_check(struct verdict *v, const struct label_space *s, const struct strtab *genes,
		 const struct check_rules *rules, const float *values,
		 const struct given_label *given)
{
	struct look l = {s, rules, genes, cluster_evidence_of(values, s->n_genes), NULL};

	*v = (struct verdict){.label = "",
			      .id = "",
			      .reason = "",
			      .limit = "",
			      .support = NAN,
			      .contradiction = NAN,
			      .best_z = NAN,
			      .second_z = NAN,
			      .margin = NAN,
			      .second = SIZE_MAX,
			      .genes = TEXT_INIT,
			      .conflicts = TEXT_INIT};
	MEM_ARRAY(l.z, s->n_types + 1);
	for (size_t i = 0; i < s->n_types; i++)
		l.z[i] = label_space_z(s, i, &l.e);
	v->coverage = coverage(&l);
	v->best = highest(&l, SIZE_MAX);
	if (v->best != SIZE_MAX) {
		v->best_z = l.z[v->best];
		v->second = highest(&l, v->best);
		v->second_z = v->second == SIZE_MAX ? NAN : l.z[v->second];
		v->margin = v->second == SIZE_MAX || v->second_z <= 0
				    ? 1
				    : (v->best_z - v->second_z) / v->best_z;
	}
	if (given)
		judge_label(v, &l, given);
	else
		name_cluster(v, &l);
	free(l.z);
}

void verdict_release(struct verdict *v)
{
	text_release(&v->genes);
	text_release(&v->conflicts);
}
