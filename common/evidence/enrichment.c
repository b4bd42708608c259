/* enrichment.c - see enrichment.h. */
#include "base/util.h"

#include "evidence/enrichment.h"
#include "evidence/statistics.h"

/* The terms of each background gene, propagated: once to count, once to fill. */
static void propagate(struct enrichment *e, struct go *go, const uint32_t *place, bool fill)
{
	uint32_t *found, *mark;
	size_t *at = fill ? mem_copy(e->starts, go->n_terms + 1, sizeof(*at)) : NULL;

	MEM_ARRAY(found, go->n_terms);
	MEM_ZERO(mark, go->n_terms); /* the gene last counted, plus 1 */
	for (size_t i = 0; i < go->n_pairs; i++) {
		uint32_t gene = place[go->pairs[i].gene];
		if (gene == STRTAB_NONE)
			continue;
		size_t n = go_above(go, go->pairs[i].term, false, found);
		for (size_t k = 0; k < n; k++) {
			if (mark[found[k]] == gene + 1)
				continue;
			mark[found[k]] = gene + 1;
			if (fill)
				e->genes[at[found[k]]++] = gene;
			else
				e->starts[found[k] + 1]++;
		}
	}
	free(found);
	free(mark);
	free(at);
}

void enrichment_make(struct enrichment *e, struct go *go, const struct strtab *background,
		     size_t smallest, size_t largest)
{
	uint32_t *place;

	*e = (struct enrichment){.go = go, .n_genes = background->n};
	MEM_ARRAY(place, go->genes.n);
	for (uint32_t i = 0; i < go->genes.n; i++)
		place[i] = strtab_find(background, strtab_str(&go->genes, i));
	MEM_ZERO(e->starts, go->n_terms + 1);
	propagate(e, go, place, false);
	for (size_t t = 0; t < go->n_terms; t++)
		e->starts[t + 1] += e->starts[t];
	MEM_ARRAY(e->genes, e->starts[go->n_terms] + 1);
	propagate(e, go, place, true);
	free(place);
	MEM_ARRAY(e->eligible, go->n_terms);
	for (size_t t = 0; t < go->n_terms; t++) {
		size_t size = e->starts[t + 1] - e->starts[t];
		if (size >= MAX(1, smallest) && size <= largest)
			e->eligible[e->n_eligible++] = (uint32_t)t;
	}
	e->log_factorial = log_factorials(e->n_genes);
}

void enrichment_release(struct enrichment *e)
{
	free(e->genes);
	free(e->starts);
	free(e->eligible);
	free(e->log_factorial);
	*e = (struct enrichment){0};
}

void enrichment_test(const struct enrichment *e, const bool *in_list, bool two_sided,
		     struct enriched *results)
{
	size_t drawn = 0;
	double *p;

	for (size_t g = 0; g < e->n_genes; g++)
		drawn += in_list[g];
	MEM_ARRAY(p, e->n_eligible);
	for (size_t i = 0; i < e->n_eligible; i++) {
		uint32_t t = e->eligible[i];
		struct urn urn = {e->n_genes, e->starts[t + 1] - e->starts[t], drawn,
				  e->log_factorial};
		struct enriched *r = &results[i];
		*r = (struct enriched){.term = t, .size = urn.marked};
		for (size_t k = e->starts[t]; k < e->starts[t + 1]; k++)
			r->k += in_list[e->genes[k]];
		r->p = p[i] =
			(two_sided ? hypergeometric_two_sided : hypergeometric_upper)(&urn, r->k);
	}
	adjust_bh(p, p, e->n_eligible);
	for (size_t i = 0; i < e->n_eligible; i++)
		results[i].padj = p[i];
	free(p);
}

/* A number for the listed genes of a term, the same for the same genes. */
static uint64_t genes_key(const struct enrichment *e, uint32_t term, const bool *in_list)
{
	uint64_t key = 0;

	for (size_t k = e->starts[term]; k < e->starts[term + 1]; k++)
		if (in_list[e->genes[k]])
			key = hash_bytes(&e->genes[k], sizeof(e->genes[k]), key);
	return key;
}

size_t enrichment_prune(const struct enrichment *e, struct go *go, const bool *in_list,
			struct enriched *results, size_t n)
{
	uint32_t *found;
	uint64_t *keys;
	size_t *at, kept = 0;
	bool *gone = mem_zero(n, sizeof(*gone));

	MEM_ARRAY(found, go->n_terms);
	MEM_ARRAY(keys, n);
	MEM_ZERO(at, go->n_terms); /* place of a term among the results, plus 1 */
	for (size_t i = 0; i < n; i++) {
		keys[i] = genes_key(e, results[i].term, in_list);
		at[results[i].term] = i + 1;
	}
	for (size_t i = 0; i < n; i++) {
		size_t m = go_above(go, results[i].term, false, found);
		for (size_t k = 1; k < m; k++) {
			size_t up = at[found[k]];
			if (up && keys[up - 1] == keys[i] && results[i].p <= results[up - 1].p)
				gone[up - 1] = true;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (!gone[i])
			results[kept++] = results[i];
	free(found);
	free(keys);
	free(at);
	free(gone);
	return kept;
}
