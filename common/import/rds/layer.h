/* layer.h - one named matrix of an R object, as a stream of cells.
 *
 * Mostly that is one matrix. Seurat v5 may split a layer by sample ("counts.1", "counts.2"): then
 * the parts hold different cells, perhaps of different genes, and the stream puts them together
 * in the object's order of cells. A cell that no part has is empty.
 *
 *	struct rds_layer l = rds_layer_new("counts", n_genes, n_cells);
 *	if (rds_layer_add(&l, &part, err))
 *		return -1;
 *	struct stream *cells = rds_layer_stream(&l);
 */
#ifndef IMPORT_RDS_LAYER_H
#define IMPORT_RDS_LAYER_H

#include "import/rds/rds_matrix.h"
#include "matrix/stream.h"

struct rds_part {
	struct rds_matrix matrix;
	uint32_t *genes; /* per gene of the matrix: the layer's gene; NULL for the same */
	uint32_t *cells; /* per cell of the matrix: the layer's cell; NULL for the same */
};

struct rds_layer {
	char *name; /* "counts", "data", "logcounts", ... */
	size_t n_genes, n_cells;
	struct rds_part *parts;
	size_t n_parts, cap_parts;
};

struct rds_layer rds_layer_new(const char *name, size_t n_genes, size_t n_cells);
void rds_layer_release(struct rds_layer *l);

/* Move 'part' in. Its matrix, with the maps, must fit the layer: checked. */
int rds_layer_add(struct rds_layer *l, struct rds_part *part, struct err *err) MUST_USE;

bool rds_layer_integers(const struct rds_layer *l);

/* Do both layers store the same? Only one-part layers of the same storage are compared. */
bool rds_layer_same(const struct rds_layer *a, const struct rds_layer *b);

/* The cells in order. The layer must outlive the stream. */
struct stream *rds_layer_stream(const struct rds_layer *l);

#endif
