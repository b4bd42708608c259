/* scatter.h - cells in the plane, as a picture that is the same size for any number of them.
 *
 * Each pixel shows one of the cells that fall on it, chosen by a hash of the cell's row: a fair
 * sample whatever the order of the file, and the same in every run. Few cells are drawn larger
 * than many. Of the cell that is shown its label is kept, and what else the page colours by: in
 * every layer a pixel is the same cell.
 *
 *	struct scatter_plan plan = {.path = "query.h5ad", .batch = "donor"};
 *	struct scatter *s = scatter_open(&plan, &err);
 *	scatter_cell(s, &seen, &err);                   // for every row, in order
 *	scatter_done(s, &err);
 *	scatter_free(s);
 *
 * Of a query that was mapped onto an atlas a second picture shows its cells over the atlas's own, in
 * the same coordinates:
 *
 *	struct scatter_ground ground = {"X_pca_mapped", atlas_points, n_atlas, 30};
 *	struct scatter_plan over = {.path = "mapped.h5ad", .ground = &ground};
 *
 * Coordinates come from obsm X_umap, else X_tsne, else X_pca (its first two columns), else
 * spatial, each axis as wide as the picture; or from spatial alone, as a map (in_space):
 * to scale, and y downwards as in an image. Memory is about 100 bytes a cell of the h5ad until
 * scatter_done, and five megabytes for the picture.
 */
#ifndef REPORT_SCATTER_H
#define REPORT_SCATTER_H

#include "h5ad/h5ad.h"
#include "report/query_summary.h"

#define SCATTER_SIDE 640  /* pixels, on a page */
#define SCATTER_LEVELS 32 /* of a number */
#define SCATTER_NOVEL 4.0 /* novelty at the top level */

/* What a pixel can be coloured by, beside its label. */
enum scatter_layer { BY_CONFIDENCE, BY_NOVELTY, BY_BATCH, BY_MODEL, SCATTER_LAYERS };

/*
 * Points that are there whatever the query's cells: shown grey, where no cell is. Borrowed. None, and
 * no basis: the cells in the latent space of a neural reference, which keeps no cells of its own.
 */
struct scatter_ground {
	const char *basis; /* the query's coordinates in the same space; NULL: X_scANVI or X_scVI,
			    * by the two columns that vary most */
	const double *at;
	size_t n, n_columns;
};

/* A picture to be: what is not said is left out. */
struct scatter_plan {
	const char *path;
	const char *batch; /* a column of obs */
	const struct scatter_ground *ground;
	bool in_space;
	size_t side; /* 0: SCATTER_SIDE */
};

struct scatter {
	bool in_space;
	size_t side, n_pixels; /* side * side */
	struct h5ad *file;
	char **cells;               /* names, borrowed from the file */
	const struct column *batch; /* NULL without */
	const char *basis;          /* "X_umap", ...; NULL when there are no coordinates */
	double *at;                 /* n_columns per cell */
	size_t n_cells, n_columns, n_read;
	double low[2], span[2];
	long radius;
	uint32_t *label, *hash; /* per pixel; STRTAB_NONE is bare */
	/*
	 * Per pixel: 0 is nothing, 1 to SCATTER_LEVELS a number's level, else the number of a name
	 * and 1; 255 is that or more. NULL when no cell has any.
	 */
	unsigned char *layer[SCATTER_LAYERS];
	struct strtab batches; /* in the order they come */
	const struct scatter_ground *ground;
	bool *is_ground; /* per pixel, or NULL */
	struct text scratch;
};

/* Without such coordinates in the file 'basis' of the scatter is NULL: there is nothing to show. */
struct scatter *scatter_open(const struct scatter_plan *plan, struct err *err) MUST_USE;
void scatter_free(struct scatter *s); /* NULL is fine */

/* The cell of the next row of the calls: an error when the h5ad has another one there. */
int scatter_cell(struct scatter *s, const struct seen_cell *seen, struct err *err) MUST_USE;

/* All rows were read: an error when the h5ad has more. Closes it; the picture stays. */
int scatter_done(struct scatter *s, struct err *err) MUST_USE;

/* The cell's batch, "" when it is missing; NULL without batches. Valid until the next call. */
const char *scatter_batch(struct scatter *s, size_t row);

/* What a picture may be coloured by, in a word; and whether there is anything to see: one model, or one
 * sample, is nothing to tell apart. */
const char *scatter_layer_name(enum scatter_layer layer);
bool scatter_has_layer(const struct scatter *s, const struct query_summary *q,
		       enum scatter_layer layer);

#endif
