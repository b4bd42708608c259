/* approve.c - a model's genes through the tables of gene names. */
#include "base/util.h"

#include "matrix/orthologs.h"
#include "model/approve.h"
#include "model/edit.h"

struct model *model_approve(const struct model *m, const struct gene_tables *tables,
			    struct approval *a, struct err *err)
{
	struct orthologs pairs = {.n = m->n_genes};

	*a = (struct approval){.names = names_of(m->genes, m->n_genes)};
	MEM_ZERO(a->rules, m->n_genes);
	if (names_repeated(m->genes, m->n_genes))
		return NULL;
	gene_names_apply(tables, false, &a->names, a->rules);
	names_make_unique(&a->names, "-");
	for (size_t g = 0; g < m->n_genes; g++)
		a->n_changed += !str_eq(a->names.s[g], m->genes[g]);
	if (!a->n_changed)
		return NULL;
	pairs.names[0] = m->genes;
	pairs.names[1] = a->names.s;
	return model_convert(m, &pairs, 0, CONVERT_ONE_TO_ONE, err);
}

void approval_release(struct approval *a)
{
	names_release(&a->names);
	free(a->rules);
	*a = (struct approval){.rules = NULL};
}
