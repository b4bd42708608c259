/* ngram.c - see ngram.h. */
#include "base/util.h"

#include <math.h>
#include <pthread.h>

#include "onto/names/ngram.h"

struct ngrams {
	const struct term_names *names;
	pthread_mutex_t building;
	bool built;
	struct strtab grams;
	float *weight; /* of each gram */
	float *norm;   /* of each name */
	uint32_t
		*postings; /* names, a gram's after another's; a name as often as it has the gram */
	size_t *posting;
};

#define MAX_GRAMS 400

/* Call 'take' for each three letters of " text ". Returns how many ids were put in 'ids'. */
static size_t cut(const struct strtab *t, struct strtab *add, const char *text, uint32_t *ids)
{
	char padded[WORDS_BYTES + 4];
	size_t n = 0;
	int len = snprintf(padded, sizeof(padded), " %s ", text);

	for (int i = 0; i + 3 <= len && i + 3 < (int)sizeof(padded) && n < MAX_GRAMS; i++) {
		uint32_t id =
			add ? strtab_add_n(add, padded + i, 3) : strtab_find_n(t, padded + i, 3);

		if (id != STRTAB_NONE)
			ids[n++] = id;
	}
	return n;
}

static size_t cut_name(struct ngrams *g, const struct name *n, bool add, uint32_t *ids)
{
	return cut(&g->grams, add ? &g->grams : NULL, n->folded, ids);
}

static void weigh_grams(struct ngrams *g, size_t n_names)
{
	MEM_ARRAY(g->weight, g->grams.n + 1);
	for (size_t i = 0; i < g->grams.n; i++) {
		double in_names = (double)(g->posting[i + 1] - g->posting[i]);

		g->weight[i] = (float)log((double)(n_names + 1) / (in_names + 1));
		if (g->weight[i] < 0)
			g->weight[i] = 0;
	}
}

struct ngrams *ngrams_new(const struct term_names *names)
{
	struct ngrams *g;

	MEM_ZERO(g, 1);
	g->names = names;
	pthread_mutex_init(&g->building, NULL);
	return g;
}

static void build(struct ngrams *g)
{
	const struct term_names *names = g->names;
	uint32_t ids[MAX_GRAMS];
	size_t *fill;

	for (size_t i = 0; i < names->n; i++)
		cut_name(g, &names->list[i], true, ids);
	MEM_ZERO(g->posting, g->grams.n + 2);
	for (size_t i = 0; i < names->n; i++) {
		size_t n = cut_name(g, &names->list[i], false, ids);

		for (size_t k = 0; k < n; k++)
			g->posting[ids[k] + 1]++;
	}
	for (size_t i = 0; i < g->grams.n; i++)
		g->posting[i + 1] += g->posting[i];
	MEM_ARRAY(g->postings, g->posting[g->grams.n] + 1);
	MEM_ZERO(g->norm, names->n + 1);
	weigh_grams(g, names->n);
	fill = mem_copy(g->posting, g->grams.n + 1, sizeof(*fill));
	for (size_t i = 0; i < names->n; i++) {
		size_t n = cut_name(g, &names->list[i], false, ids);

		for (size_t k = 0; k < n; k++) {
			g->postings[fill[ids[k]]++] = (uint32_t)i;
			g->norm[i] += g->weight[ids[k]] * g->weight[ids[k]];
		}
		g->norm[i] = sqrtf(g->norm[i]);
	}
	free(fill);
	g->built = true;
}

void ngrams_free(struct ngrams *g)
{
	if (!g)
		return;
	pthread_mutex_destroy(&g->building);
	strtab_release(&g->grams);
	free(g->weight);
	free(g->norm);
	free(g->postings);
	free(g->posting);
	free(g);
}

static size_t keep_best(const struct ngrams *g, const float *dot, double norm,
			struct ngram_hit *hits, size_t cap)
{
	size_t n = 0;

	for (uint32_t i = 0; i < g->names->n; i++) {
		double s = dot[i] > 0 ? dot[i] / (norm * g->norm[i]) : 0;
		size_t at = n;

		for (size_t j = 0; j < n; j++)
			if (g->names->list[hits[j].name].term == g->names->list[i].term)
				at = j;
		if (s <= 0 || (at < n && hits[at].similarity >= s) ||
		    (at == cap && hits[cap - 1].similarity >= s))
			continue;
		if (at == n && n < cap)
			n++;
		else if (at == cap)
			at = cap - 1;
		for (; at > 0 && hits[at - 1].similarity < s; at--)
			hits[at] = hits[at - 1];
		hits[at] = (struct ngram_hit){.name = i, .similarity = s};
	}
	return n;
}

size_t ngrams_best(struct ngrams *g, const char *text, struct ngram_hit *hits, size_t cap)
{
	uint32_t ids[MAX_GRAMS];
	float *dot;
	double norm = 0;
	size_t n;

	pthread_mutex_lock(&g->building);
	if (!g->built)
		build(g);
	pthread_mutex_unlock(&g->building);
	n = cut(&g->grams, NULL, text, ids);
	MEM_ZERO(dot, g->names->n + 1);
	for (size_t k = 0; k < n; k++) {
		float w = g->weight[ids[k]];

		norm += (double)w * w;
		for (size_t p = g->posting[ids[k]]; p < g->posting[ids[k] + 1]; p++)
			dot[g->postings[p]] += w * w;
	}
	n = norm > 0 ? keep_best(g, dot, sqrt(norm), hits, cap) : 0;
	free(dot);
	return n;
}
