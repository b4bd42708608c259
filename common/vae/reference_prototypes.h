/* reference_prototypes.h - prototypes learned from a reference's own cells.
 *
 * Two ways to the latents: a file of cells that a model knows the batches of, or the counts it was
 * just trained on. Either fills the model's prototypes, in place of those it had.
 *
 *	if (prototypes_from_file(v, file, &how, pool, err)) ...
 *	vae_file_write(v, "atlas.vae.h5", err);
 */
#ifndef VAE_REFERENCE_PROTOTYPES_H
#define VAE_REFERENCE_PROTOTYPES_H

#include "vae/count_store.h"
#include "vae/query_counts.h"

struct prototype_source {
	const char *label;     /* obs column */
	const char *batch;     /* obs column, or NULL for the model's own */
	const char *slot;      /* "auto" or a name */
	const char *unlabeled; /* the word for no label, or NULL */
};

/*
 * A batch that the model does not know is an error: surgery comes first. So is a column without
 * labels. Cells without a count, or without a label, are left out.
 */
int prototypes_from_file(struct vae *v, struct h5ad *file, const struct prototype_source *how,
			 struct pool *pool, struct err *err) MUST_USE;

/* The same from counts held; 'label' is per cell a class of 'labels', or n_labels for none. */
int prototypes_from_store(struct vae *v, struct count_store *store, const uint32_t *batch,
			  const uint32_t *label, const struct names *labels, size_t n_labels,
			  struct pool *pool, struct err *err) MUST_USE;

#endif
