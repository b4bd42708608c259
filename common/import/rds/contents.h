/* contents.h - where in an R object the parts of an experiment are.
 *
 * One function per family of classes finds the parts; object.c turns them into layers and
 * frames. Nothing here copies data. Only object.c, list.c and the finders use this.
 *
 *	struct rds_contents c = {0};
 *	if (rds_contents_find(&c, file, "RNA", err))
 *		return -1;
 *	for (size_t i = 0; i < c.n_offers; i++)
 *		use(c.offers[i].name, c.offers[i].matrix);
 *	rds_contents_release(&c);
 */
#ifndef IMPORT_RDS_CONTENTS_H
#define IMPORT_RDS_CONTENTS_H

#include "base/err.h"
#include "import/rds/value.h"

/* A matrix on offer. Parts of a split layer are offers of one name. */
struct rds_offer {
	char *name;
	const struct rds_value *matrix;
	uint32_t *genes, *cells; /* which of the object's; NULL for all in order */
};

struct rds_embedding {
	char *name;
	const struct rds_value *matrix; /* cells × dimensions */
};

struct rds_contents {
	char *kind;  /* "Seurat 4.0.0", "SingleCellExperiment", "dgCMatrix", "data.frame" */
	char *assay; /* the one chosen, NULL when the class has none */
	struct rds_offer *offers;
	size_t n_offers, cap_offers;
	struct rds_embedding *embeddings;
	size_t n_embeddings, cap_embeddings;
	const struct rds_value *gene_names, *cell_names; /* NULL: the matrix has them */
	const struct rds_value *obs, *var;               /* data frames, NULL for none */
	const struct rds_value *idents;                  /* a factor with names, or NULL */
	const struct rds_value *variable_genes;          /* names, or NULL */
	const char *const *preferred;                    /* layer names to take for X, best first */
};

void rds_contents_release(struct rds_contents *c);

/* Add, with copies of the name and the maps moved in. */
void rds_contents_offer(struct rds_contents *c, const char *name, const struct rds_value *matrix,
			uint32_t *genes, uint32_t *cells);
void rds_contents_embed(struct rds_contents *c, const char *name, const struct rds_value *matrix);

/* Look into 'file'. 'assay' NULL is the default one; the error lists those there are. */
int rds_contents_find(struct rds_contents *c, const struct rds *file, const char *assay,
		      struct err *err) MUST_USE;

bool seurat_is(const struct rds *file);
int seurat_find(struct rds_contents *c, const struct rds *file, const char *assay,
		struct err *err) MUST_USE;

/* SummarizedExperiment and what is built on it. */
bool bioconductor_is(const struct rds *file);
int bioconductor_find(struct rds_contents *c, const struct rds *file, const char *assay,
		      struct err *err) MUST_USE;

#endif
