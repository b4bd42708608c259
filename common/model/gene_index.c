/* gene_index.c - see gene_index.h. */
#include "base/util.h"

#include "model/gene_index.h"

struct gene_index gene_index_new(const struct model *m)
{
	struct gene_index index = {0};

	MEM_ARRAY(index.gene, m->n_genes);
	for (size_t g = 0; g < m->n_genes; g++) {
		size_t n = index.names.n;
		uint32_t name = strtab_add(&index.names, m->genes[g]);

		index.gene[name] = name == n ? (uint32_t)g : GENE_REPEATED;
	}
	return index;
}

uint32_t gene_index_find(const struct gene_index *index, const char *name)
{
	uint32_t found = strtab_find(&index->names, name);

	return found == STRTAB_NONE ? GENE_NONE : index->gene[found];
}

void gene_index_release(struct gene_index *index)
{
	strtab_release(&index->names);
	free(index->gene);
	*index = (struct gene_index){0};
}
