/* reference.h - an atlas made ready to be mapped onto, and its file *.ref.h5.
 *
 * Gene statistics and loadings place any cell in the atlas's space; labels, coordinates and soft
 * clusters of the atlas's own cells say what is where; quantiles of the atlas's own distances say
 * what is far. Written by ref-build, read by ref-map, knn-transfer and ref-model.
 *
 *	struct reference *ref = reference_read("atlas.ref.h5", &err);
 *	const struct ref_labels *types = reference_labels(ref, "cell_type", &err);
 *	use(ref->corrected, types->of_cell);
 *	reference_free(ref);
 *
 * Matrices are row by row. What a file may leave out is NULL: cells and coordinates (--no-cells),
 * clusters, neighbours, tree. A reference that was read holds what is promised here: shapes agree,
 * numbers are finite, weights and deviations are not negative, labels are in range.
 */
#ifndef MAP_REFERENCE_H
#define MAP_REFERENCE_H

#include "base/err.h"
#include "base/mem.h"

#define REF_QUANTILES ((size_t)1001)
#define REF_UNCORRECTED "soft-kmeans" /* clusters of a reference without batches */

/*
 * What sctransform's model of an atlas expects of a gene in a cell of t counts: mu = exp(intercept +
 * slope log10 t), with a variance of mu + dispersion mu^2, or 'least' where that is more. See
 * map/residuals.h.
 */
struct ref_residuals {
	double *intercept, *slope, *dispersion; /* per gene; NULL: the values are log-normalised */
	double least;
};

/* How a cell becomes coordinates: see map/projection.h. */
struct ref_genes {
	size_t n;
	char **names;
	double *mean, *deviation;       /* of the atlas's values; deviation 0: never used */
	struct ref_residuals residuals; /* which the values are, or none: then log1p */
	double *loadings;               /* n x dims */
	double clip_low, clip_high, target_sum;
};

/* One column of labels: what every cell of the atlas is, in words of its own. */
struct ref_labels {
	char *column;
	size_t n;
	char **names;     /* sorted by bytes */
	char **ids;       /* Cell Ontology ids beside them, "" where unknown; NULL for none */
	int32_t *of_cell; /* -1 for none; NULL without cells */
	double *counts;   /* cells of each */
	double *means;    /* n x dims: of the unit vectors of its cells' corrected coordinates */
	double *map_quantiles; /* n x REF_QUANTILES of map_distance, held-out; NULL for none */
	double *knn_quantiles; /* the same of knn_distance */
	double *sure; /* 2: how right shares of sharp votes were (tree/sureness.h); or NULL */
};

/* Where the soft clusters lie in one space: the means and Cholesky factors of the covariances. */
struct ref_spread {
	double *means;   /* K x dims */
	double *factors; /* K x dims x (dims + 1) / 2, lower triangle by row */
};

/* Soft clusters (Harmony's, or soft k-means); see map/correction.h. */
struct ref_clusters {
	size_t n;
	char *flavour; /* "H0", "H1", "H2", "symphony", or REF_UNCORRECTED */
	double sigma;
	double *centroids; /* n x dims, unit */
	double *weights;   /* n: sum of memberships */
	double *sums;      /* n x dims: memberships times corrected coordinates */
	struct ref_spread pca, corrected;
};

struct reference {
	size_t n_dims, n_cells; /* n_cells is that of the atlas, also without coordinates */
	struct ref_genes genes;
	double *variance;        /* of the components, n_dims */
	char **cells;            /* names */
	double *pca, *corrected; /* n_cells x n_dims; the same array when nothing was corrected */
	double *layout;          /* n_cells x 2, a UMAP to look at */
	struct ref_labels *labels;
	size_t n_labels;
	struct ref_clusters clusters; /* n 0: none */
	size_t n_neighbors;           /* of each cell, itself first; 0: none */
	uint32_t *neighbors;          /* n_cells x n_neighbors, in unit length of 'corrected' */
	char *tree, *tree_column;     /* Newick of one column's labels, or NULL */
	double tree_max_distance;     /* to knn_k neighbours (tree_predict.h); NaN: not measured */
	char *card;                   /* JSON: sources, options, what was decided */
	size_t knn_k;                 /* neighbours and metric of knn_quantiles */
	bool knn_cosine;
	struct arena arena; /* owns every string */
};

struct reference *reference_new(void);
void reference_free(struct reference *ref); /* NULL is fine */

/* A string that lives as long as the reference. */
char *reference_str(struct reference *ref, const char *s);

/* The column's labels; the error lists the columns there are. */
const struct ref_labels *reference_labels(const struct reference *ref, const char *column,
					  struct err *err) MUST_USE;

/* Were batches taken out of its coordinates? */
bool reference_is_corrected(const struct reference *ref);

/* Were its percentiles measured with so many neighbours by that metric? Of others they say nothing. */
bool reference_is_measured(const struct reference *ref, size_t k, bool cosine);

/* Forget what was measured of neighbours: percentiles of distances, and what shares of votes mean. */
void reference_forget_measures(struct reference *ref);

/*
 * Can it place cells by their expression? Not where no gene has a deviation, as in what was imported
 * from a ref.Rds of Azimuth's without the model that placed its cells.
 */
bool reference_projects(const struct reference *ref);

/* Leave names, labels, coordinates and neighbours of the cells out: mapping and profiles stay. */
void reference_drop_cells(struct reference *ref);

/* The file, checked. NULL on failure; a file that is no reference is told so. */
struct reference *reference_read(const char *path, struct err *err) MUST_USE;

/* The same without what there is of every cell: all that placing a query takes. */
struct reference *reference_read_space(const char *path, struct err *err) MUST_USE;

/* Whole or not at all; "-" is standard output. The same reference gives the same bytes. */
int reference_write(const struct reference *ref, const char *path, struct err *err) MUST_USE;

/* Does the file begin as HDF5 and say that it is a reference? Any other file is no error. */
bool reference_is(const char *path);

/* Promises of this header that do not hold, for reading and importing. */
int reference_check(const struct reference *ref, const char *path, struct err *err) MUST_USE;

#endif
