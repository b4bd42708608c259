/* stored.h - put arrays and sparse groups into an HDF5 file in whatever way a test asks for. */
#ifndef TESTS_STORED_H
#define TESTS_STORED_H

#include "base/util.h"

#include <hdf5.h>
#include <unistd.h>

#include "h5ad/storage/storage.h"

enum kept_as { CSR, CSC, DENSE };

/* How a test matrix is to be stored. Zero is contiguous, of float32 and int32. */
struct how {
	enum kept_as as;
	hid_t values, indices, starts;
	size_t chunk;   /* of one dimension */
	size_t tile[2]; /* of dense */
	bool compact;
	const char *filters; /* s(huffle), z (gzip), f(letcher32), o (scale-offset) */
	size_t user_block;
	bool latest; /* of the file formats HDF5 knows */
	bool edges_plain;
};

static char path[] = "/tmp/stream-test-XXXXXX";

static hid_t creation(const struct how *how, int rank, const hsize_t *dims)
{
	hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
	hsize_t chunk[2] = {how->chunk, 1};

	if (rank == 2) {
		chunk[0] = how->tile[0];
		chunk[1] = how->tile[1];
	}
	H5Pset_obj_track_times(plist, false);
	if (how->compact)
		H5Pset_layout(plist, H5D_COMPACT);
	if (!chunk[0] || !dims[0])
		return plist;
	H5Pset_chunk(plist, rank, chunk);
	if (how->edges_plain)
		H5Pset_chunk_opts(plist, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
	for (const char *f = how->filters ? how->filters : ""; *f; f++) {
		if (*f == 's')
			H5Pset_shuffle(plist);
		else if (*f == 'z')
			H5Pset_deflate(plist, 4);
		else if (*f == 'f')
			H5Pset_fletcher32(plist);
		else if (*f == 'o')
			H5Pset_scaleoffset(plist, H5Z_SO_INT, 0);
	}
	return plist;
}

static void put(hid_t file, const char *name, hid_t stored, hid_t given, const void *numbers,
		int rank, const hsize_t *dims, const struct how *how)
{
	hsize_t chunk[2] = {rank == 1 ? how->chunk : how->tile[0], how->tile[1]}, most[2];
	hid_t plist = creation(how, rank, dims), space;

	for (int i = 0; i < rank; i++) /* only what may grow may have chunks larger than itself */
		most[i] = chunk[i] > dims[i] ? H5S_UNLIMITED : dims[i];
	space = H5Screate_simple(rank, dims, most);
	hid_t set = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, plist, H5P_DEFAULT);

	if (set < 0 ||
	    (dims[0] && H5Dwrite(set, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0))
		BUG("cannot write %s", name);
	H5Dclose(set);
	H5Pclose(plist);
	H5Sclose(space);
}

static hid_t new_file(const struct how *how)
{
	hid_t create = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);

	H5Pset_userblock(create, how->user_block);
	if (how->latest)
		H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
	hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, create, access);
	H5Pclose(create);
	H5Pclose(access);
	return file;
}

UNUSED static void put_sparse(hid_t file, const struct how *how, const int64_t *starts,
			      hsize_t n_starts, const int64_t *indices, const double *values,
			      hsize_t n)
{
	hid_t group = H5Gcreate2(file, "/X", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);

	put(file, "/X/indptr", how->starts ? how->starts : H5T_STD_I32LE, H5T_NATIVE_INT64, starts,
	    1, &n_starts, how);
	put(file, "/X/indices", how->indices ? how->indices : H5T_STD_I32LE, H5T_NATIVE_INT64,
	    indices, 1, &n, how);
	put(file, "/X/data", how->values ? how->values : H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, values,
	    1, &n, how);
	H5Gclose(group);
}

/* Make the file that 'path' names; unlink it at the end. */
static void make_file(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		BUG("cannot make %s", path);
	close(fd);
	H5open();
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

#endif
