/* h5ad_private.h - an open AnnData file, as the files of h5ad/ and h5ad/derive/ see it.
 *
 * What HDF5 gives is in f->h5 (hdf5/hdf5.h). The rest is read by h5ad_open, once: where raw is,
 * the frames, without their values, the slots, the names of members. Nothing of it changes until
 * the file is closed.
 */
#ifndef H5AD_H5AD_PRIVATE_H
#define H5AD_H5AD_PRIVATE_H

#include "h5ad/h5ad.h"
#include "h5ad/hdf5/hdf5.h"

enum { IN_OBSM, IN_VARM, IN_OBSP, IN_VARP, IN_LAYERS, IN_UNS, N_MEMBER_GROUPS };

struct h5ad {
	struct h5_file h5;
	const char *dialect;
	const char *raw_path, *raw_var_path; /* "/raw/X" and "/raw/var", or "/raw.X"; NULL */
	struct frame *obs, *var, *raw_var;   /* raw_var: NULL without raw */
	struct slot *slots;
	size_t n_slots;
	struct members members[N_MEMBER_GROUPS];
	size_t n_rounded; /* by the streams, so far */
};

/* ---- parts of an open file ---- */

/* The frame at an absolute path, of either form, without its values (frame_file.c). */
struct frame *frame_of_file(const struct h5_file *f, const char *path, struct err *err) MUST_USE;

/* Fill f->slots (slots.c). */
int find_slots(struct h5ad *f, struct err *err) MUST_USE;

/* Fill f->members (members.c). */
int find_members(struct h5ad *f, struct err *err) MUST_USE;

#endif
