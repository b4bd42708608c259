/* gene_index.h - a model's genes by name.
 *
 * CellTypist trains on whatever names it is given, so a model may have a gene twice. Such a name
 * does not say which of the coefficients is meant: finding it says so.
 *
 *	struct gene_index index = gene_index_new(model);
 *	uint32_t gene = gene_index_find(&index, "CD4"); // a gene, GENE_NONE or GENE_REPEATED
 *	gene_index_release(&index);
 */
#ifndef MODEL_GENE_INDEX_H
#define MODEL_GENE_INDEX_H

#include "base/strtab.h"
#include "model/model.h"

#define GENE_NONE UINT32_MAX
#define GENE_REPEATED (UINT32_MAX - 1)

struct gene_index {
	struct strtab names;
	uint32_t *gene; /* per name */
};

/* The model is borrowed during the call only. */
struct gene_index gene_index_new(const struct model *m);
uint32_t gene_index_find(const struct gene_index *index, const char *name);
void gene_index_release(struct gene_index *index);

#endif
