/* approve.h - a model whose genes have approved symbols.
 *
 * gene-normalize brings the genes of files to approved symbols, so a model that was made of older
 * ones would miss every gene that was renamed since. The same tables and rules do it here:
 *
 *	struct approval a;
 *	struct model *now = model_approve(m, &tables, &a, &err);
 *	for (size_t g = 0; g < m->n_genes; g++)
 *		printf("%s is %s\n", m->genes[g], a.names.s[g]);
 *	approval_release(&a);
 *
 * A gene whose new name another has, too, is left out, as in the one-to-one conversion between
 * species. A model that has a gene twice keeps all its names: which is meant is not known.
 */
#ifndef MODEL_APPROVE_H
#define MODEL_APPROVE_H

#include "base/names.h"
#include "matrix/gene_names.h"
#include "model/model.h"

/* What became of each gene of the model. */
struct approval {
	struct names names;
	enum gene_rule *rules;
	size_t n_changed;
};

/*
 * The renamed model, which the caller frees; NULL with 'err' filled when no gene is left, and NULL
 * without when nothing changes. Release 'a' in any case.
 */
struct model *model_approve(const struct model *m, const struct gene_tables *tables,
			    struct approval *a, struct err *err) MUST_USE;
void approval_release(struct approval *a);

#endif
