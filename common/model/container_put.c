/* container_put.c - what a model file is written with: groups, arrays and names without time stamps. */
#include "base/util.h"

#include <hdf5.h>

#include "base/mem.h"
#include "h5ad/hdf5/create.h"
#include "model/container_private.h"

hid_t container_create_group(hid_t at, const char *name)
{
	hid_t plist = H5Pcreate(H5P_GROUP_CREATE);
	hid_t group;

	H5Pset_obj_track_times(plist, false);
	group = H5Gcreate2(at, name, H5P_DEFAULT, plist, H5P_DEFAULT);
	H5Pclose(plist);
	return group;
}

/* HDF5 has no text of width 0. */
hid_t container_text_type(size_t width)
{
	return put_text_type(MAX(width, 1));
}

bool container_write_array(hid_t at, const char *name, hid_t stored, hid_t memory, int rank,
			   const hsize_t *dims, const void *values)
{
	hid_t space = rank ? H5Screate_simple(rank, dims, NULL) : H5Screate(H5S_SCALAR);
	hid_t plist = put_creation();
	hid_t dataset = H5Dcreate2(at, name, stored, space, H5P_DEFAULT, plist, H5P_DEFAULT);
	bool ok = dataset >= 0 &&
		  H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;

	if (dataset >= 0)
		ok &= H5Dclose(dataset) >= 0;
	H5Pclose(plist);
	H5Sclose(space);
	return ok;
}

bool container_write_names(hid_t at, const char *name, char *const *names, size_t n)
{
	size_t width = 1;
	hsize_t dims[1] = {n};
	char *bytes;

	for (size_t i = 0; i < n; i++)
		width = MAX(width, strlen(names[i]));
	MEM_ZERO(bytes, mem_product(n, width));
	for (size_t i = 0; i < n; i++)
		memcpy(bytes + i * width, names[i], strlen(names[i]));

	hid_t type = container_text_type(width);
	bool ok = container_write_array(at, name, type, type, 1, dims, bytes);
	H5Tclose(type);
	free(bytes);
	return ok;
}
