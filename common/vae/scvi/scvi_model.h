/* scvi_model.h - the models of scvi-tools, as files: model.pt of releases 0.15 to 1.5, and the
 * folders (model_params.pt, attr.pkl, var_names.csv) of 0.8 to 0.14.
 *
 *	struct vae *v = scvi_read("model.pt", err);      // or the folder that holds it
 *	if (scvi_write(v, "out/model.pt", err)) ...      // in scvi-tools' layout
 *
 * Sizes come from the tensors and are held against the recorded recipe: where the two disagree, or
 * a tensor is missing or unknown, the file is refused. What is not known here is refused by name:
 * other classes (totalVI, PEAKVI, ...), embeddings for batches, covariates beside the batch, label
 * groups, likelihoods other than nb and zinb.
 */
#ifndef VAE_SCVI_SCVI_MODEL_H
#define VAE_SCVI_SCVI_MODEL_H

#include "vae/net/vae.h"

/* A model.pt, a folder with one, or a folder of before 0.15. NULL on failure. */
struct vae *scvi_read(const char *path, struct err *err) MUST_USE;

/* Whole or not at all. */
int scvi_write(struct vae *v, const char *path, struct err *err) MUST_USE;

#endif
