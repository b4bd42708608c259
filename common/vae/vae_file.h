/* vae_file.h - our own file of such a model: HDF5, read in ten lines of h5py.
 *
 *	/            attributes format "pipette-vae", format_version 1
 *	/recipe      scalars: n_hidden, n_latent, n_layers, dropout, zero_inflated, ...
 *	/genes /batches /labels           names in the order of the model's numbers
 *	/params/NAME                      tensors under scvi-tools' names and in its shapes, float32
 *	/extras/NAME                      what only scvi-tools uses, kept for the way back
 *	/prototypes  labels, means, quantiles, cells (vae/net/prototypes.h), where there are some
 *	/text        batch_key, labels_key, unlabeled, origin
 *
 *	struct vae *v = vae_read("m.vae.h5", err);
 *	if (vae_file_write(v, "copy.vae.h5", err)) ...
 *
 * The same model gives the same bytes. A damaged or hostile file is refused with the place.
 */
#ifndef VAE_VAE_FILE_H
#define VAE_VAE_FILE_H

#include "vae/net/vae.h"

/* Whole or not at all; "-" is standard output. */
int vae_file_write(struct vae *v, const char *path, struct err *err) MUST_USE;

/* Either kind, told by its first bytes: a container of ours, or scvi-tools' model.pt or folder. */
struct vae *vae_read(const char *path, struct err *err) MUST_USE;

#endif
