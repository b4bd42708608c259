/* mtl_file.h - the file of a multi-task mapper: HDF5, read in ten lines of h5py.
 *
 *	/              attributes format "pipette-mtl", format_version 1
 *	/recipe        scalars: hidden_1, hidden_2, dropout, binary, levels, coordinates
 *	/genes         names in the order of the model's numbers
 *	/levels/I      name, labels, parent (of the level above), temperature
 *	/params        layer_1, layer_2, head_I, coordinate_I: NAME.weight (inputs x outputs), NAME.bias
 *	/coordinates/I name, mean, sd
 *	/neighbours    latent (cells x units), node (cells x levels; -1 for none), when there are any
 *
 *	struct mtl *m = mtl_read("atlas.mtl.h5", err);
 *	if (mtl_write(m, "copy.mtl.h5", err)) ...
 *
 * The same model gives the same bytes. A damaged or hostile file is refused with the place.
 */
#ifndef MTL_MTL_FILE_H
#define MTL_MTL_FILE_H

#include "mtl/mtl_model.h"

/* Whole or not at all; "-" is standard output. */
int mtl_write(const struct mtl *m, const char *path, struct err *err) MUST_USE;

/* NULL on failure; mtl_free frees it. */
struct mtl *mtl_read(const char *path, struct err *err) MUST_USE;

#endif
