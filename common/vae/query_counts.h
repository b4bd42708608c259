/* query_counts.h - counts of a file over the genes of a model.
 *
 * Chooses the matrix that holds counts and lays the file's genes over the model's: by var's names
 * or a var column (feature_name, gene_ids and their like), whichever finds most, Ensembl ids
 * without their version. Genes the file lacks count as zero, as in scvi-tools.
 *
 *	struct query_counts q;
 *	if (query_open(&q, file, "auto", &model->genes, pool, err)) ...
 *	struct stream *cells = query_stream(&q, NULL, 0, err);  // counts of the model's genes
 *	query_close(&q);
 */
#ifndef VAE_QUERY_COUNTS_H
#define VAE_QUERY_COUNTS_H

#include "base/names.h"
#include "h5ad/h5ad.h"
#include "matrix/norm.h"

struct query_counts {
	struct h5ad *file; /* borrowed */
	const struct slot *slot;
	struct norm_verdict verdict; /* of the first block */
	const char *column;          /* of var that was matched; "var_names" for its names */
	uint32_t *map;               /* per gene of the slot: the model's, or STRTAB_NONE */
	size_t n_genes, n_found;     /* of the model */
	struct pool *pool;
};

/*
 * 'slot' is "auto" (the first of X, raw and layers that holds counts, else fractional counts), or a
 * name, which is taken as it is. Refused when no matrix holds counts. Call query_close in any case.
 */
int query_open(struct query_counts *q, struct h5ad *file, const char *slot,
	       const struct names *genes, struct pool *pool, struct err *err) MUST_USE;
void query_close(struct query_counts *q);

/* All cells, or those listed, rising. */
struct stream *query_stream(struct query_counts *q, const size_t *cells, size_t n_cells,
			    struct err *err) MUST_USE;

#endif
