/* carry.h - annexes of a model that is made from another.
 *
 * A model with fewer classes or other genes is still made of the same cells, and what is known of
 * them beside the weights (annex.h) goes along as far as it can:
 *	classes left out   factors, levels and calibration stay, theirs gone; landmarks do not: which of
 *	                   them were cells of a lost class is not known, and such cells would
 *	                   never be strange
 *	other genes        all stay, with the loadings of the genes that stay; places are as the fewer
 *	                   genes show them
 *
 *	carry_classes(to, from, keep);                    // keep: per class of 'from'
 *
 *	carry_genes_start(to, from);                      // 'to' has its classes and shape
 *	carry_gene(to, gene, from, old, n_old);           // each gene, from one or more
 *	carry_genes_end(to, from);
 *
 * Without annexes in 'from' these do nothing. What is made belongs to 'to'.
 */
#ifndef MODEL_CARRY_H
#define MODEL_CARRY_H

#include "model/model.h"

/* 'to' has the same genes. */
void carry_classes(struct model *to, const struct model *from, const bool *keep);

void carry_genes_start(struct model *to, const struct model *from);

/* Gene number 'gene' of 'to' stands for these of 'from': the mean of what they are. */
void carry_gene(struct model *to, size_t gene, const struct model *from, const uint32_t *old,
		size_t n_old);
void carry_genes_end(struct model *to, const struct model *from);

#endif
