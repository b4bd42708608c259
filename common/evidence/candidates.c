/* candidates.c - see candidates.h. */
#include "base/util.h"

#include "evidence/candidates.h"

#define GENES_NAMED 8

static int by_z(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->z != y->z)
		return x->z > y->z ? -1 : 1;
	return x->type < y->type ? -1 : x->type > y->type;
}

/* The genes that mark a type here, by evidence times weight. */
static void name_genes(struct candidate *c, const struct label_space *s, const struct strtab *genes,
		       const float *values)
{
	const struct space_type *t = &s->types[c->type];
	bool *done;

	c->genes = (struct text)TEXT_INIT;
	MEM_ZERO(done, t->n_genes);
	for (size_t n = 0; n < GENES_NAMED; n++) {
		size_t best = SIZE_MAX;
		float most = 0;
		for (size_t k = 0; k < t->n_genes; k++) {
			float here = t->genes[k].weight * values[t->genes[k].gene];
			if (!done[k] && here > most) {
				most = here;
				best = k;
			}
		}
		if (best == SIZE_MAX)
			break;
		done[best] = true;
		text_add(&c->genes, "%s%s", n ? "," : "", strtab_str(genes, t->genes[best].gene));
	}
	free(done);
}

void candidates_find(struct candidates *c, const struct label_space *s, const struct strtab *genes,
		     const float *values)
{
	struct cluster_evidence e = cluster_evidence_of(values, s->n_genes);
	size_t n = 0;

	MEM_ARRAY(c->items, s->n_types + 1);
	for (size_t i = 0; i < s->n_types; i++) {
		double z = label_space_z(s, i, &e);
		if (z > 0 && label_space_support(s, i, &e) > 0)
			c->items[n++] = (struct candidate){.type = i, .z = z};
	}
	if (n)
		qsort(c->items, n, sizeof(*c->items), by_z);
	c->n = MIN(n, CANDIDATES_MOST);
	for (size_t i = 0; i < c->n; i++)
		name_genes(&c->items[i], s, genes, values);
}

void candidates_release(struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		text_release(&c->items[i].genes);
	free(c->items);
	*c = (struct candidates){0};
}
