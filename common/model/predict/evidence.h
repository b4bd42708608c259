/* evidence.h - which genes made a call: for the label against the runner-up, gene by gene.
 *
 * With label k and runner-up s the margin of the decisions is a sum,
 *	d_k - d_s = (b_k - b_s) + sum over genes of (W_k - W_s) z
 * z being measured from the mean training cell. A row says what it is made of: up to four expressed
 * genes for and four against with their part, "LYZ:+0.81"; what the genes that are not expressed
 * add up to; the intercepts; and the rest. The columns add up to the margin.
 *
 *	struct evidence *e = evidence_new(model, coef, genes, n_genes);
 *	evidence_open(e, "why.tsv", &err);
 *	evidence_add(e, block, names, scores, pool, &err);     // after scoring, block by block
 *	evidence_finish(e, &err);                              // now the file appears
 *	evidence_free(e);
 *
 * Weights share out what correlated genes say: a small part for a famous marker is not evidence
 * against it.
 */
#ifndef MODEL_PREDICT_EVIDENCE_H
#define MODEL_PREDICT_EVIDENCE_H

#include "base/pool.h"
#include "matrix/cells.h"
#include "model/model.h"

struct evidence;

/* 'coef' takes the place of the model's (rows x genes) and is copied; the rest is borrowed. */
struct evidence *evidence_new(const struct model *m, const double *coef, char *const *genes,
			      size_t n_genes);
int evidence_open(struct evidence *e, const char *path, struct err *err) MUST_USE;

/* The next cells with their decisions (scorer_run), of which the highest is the label. */
int evidence_add(struct evidence *e, const struct cells *block, char *const *names,
		 const double *scores, struct pool *pool, struct err *err) MUST_USE;

int evidence_finish(struct evidence *e, struct err *err) MUST_USE;
void evidence_free(struct evidence *e); /* NULL is fine; what is not finished does not appear */

#endif
