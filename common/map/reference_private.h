/* reference_private.h - what writing and reading a *.ref.h5 share: where each array is.
 *
 *	/            attributes format "pipette-reference", format_version
 *	/genes /mean /sd /loadings /variance, and the scalars /clip_low ... /knn_cosine
 *	/residuals/{intercept,slope,dispersion,least}            where values are sctransform's
 *	/cells /coords/pca /coords/harmony /coords/umap          the atlas's cells; may be missing
 *	/labels/COLUMN/{names,ids,codes,counts,profiles}
 *	/calibration/COLUMN/{map,knn}                            labels x 1001 quantiles
 *	/calibration/COLUMN/share                                2
 *	/clusters/{centroids,Nr,C,mean_pca,chol_pca,mean_harmony,chol_harmony,sigma,flavour}
 *	/neighbors/index   /tree/{newick,column,max_distance}   /card
 *
 * Texts have a fixed width: a file with others is refused before HDF5 follows them.
 */
#ifndef MAP_REFERENCE_PRIVATE_H
#define MAP_REFERENCE_PRIVATE_H

#include "map/reference.h"

#define REF_FORMAT "pipette-reference"
#define REF_VERSION 2

/* An array of doubles: rows x columns, or with no columns a vector. */
struct ref_array {
	const char *name;
	double **at;
	size_t n_rows, n_columns;
	bool narrow;   /* kept as float32 */
	bool optional; /* may be NULL, and missing from the file */
};

struct ref_scalar {
	const char *name;
	double *at;
};

#define REF_N_ARRAYS ((size_t)17)
#define REF_N_LABEL_ARRAYS ((size_t)5)

/* Sizes come from the reference: it must know them. */
void reference_arrays(struct reference *ref, struct ref_array list[REF_N_ARRAYS]);
void reference_label_arrays(const struct reference *ref, struct ref_labels *l,
			    struct ref_array list[REF_N_LABEL_ARRAYS]);

#endif
