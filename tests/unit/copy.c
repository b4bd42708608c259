/* Large arrays from file to file, by their places and through HDF5: the values are the same. */
#include "base/util.h"

#include <hdf5.h>
#include <unistd.h>

#include "base/write_behind.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/copy.h"
#include "h5ad/hdf5/create.h"
#include "tap.h"

#define N 1500001 /* values: some megabytes, and no whole number of pages */
#define ROOM ((size_t)1 << 20)

static int32_t *values_of(hid_t file, const char *name, size_t n)
{
	int32_t *values = mem_zero(n, sizeof(*values));
	hid_t set = H5Dopen2(file, name, H5P_DEFAULT);

	if (set < 0 || H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		BUG("%s cannot be read", name);
	H5Dclose(set);
	return values;
}

/* 'n' values in one piece, or in chunks, compressed if level > 0. */
static void put_set(hid_t file, const char *name, size_t n, size_t chunk, unsigned level,
		    hid_t type)
{
	const hsize_t dims[1] = {n}, chunks[1] = {chunk};
	int32_t *values = mem_zero(n, sizeof(*values));
	hid_t space = H5Screate_simple(1, dims, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);

	for (size_t i = 0; i < n; i++)
		values[i] = (int32_t)(i * 2654435761u % 1000003);
	if (chunk)
		H5Pset_chunk(creation, 1, chunks);
	if (level)
		H5Pset_deflate(creation, level);
	hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
	if (H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		BUG("%s cannot be written", name);
	H5Dclose(set);
	H5Pclose(creation);
	H5Sclose(space);
	free(values);
}

/* The chunks in the middle were never written: they read as the fill value. */
static void put_holes(hid_t file, const char *name)
{
	const hsize_t dims[1] = {N}, chunks[1] = {100000}, first[1] = {0}, some[1] = {100000};
	const int32_t fill = 7;
	int32_t *values = mem_zero(100000, sizeof(*values));
	hid_t space = H5Screate_simple(1, dims, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
	hid_t memory = H5Screate_simple(1, some, NULL);

	H5Pset_chunk(creation, 1, chunks);
	H5Pset_fill_value(creation, H5T_NATIVE_INT32, &fill);
	hid_t set =
		H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
	H5Sselect_hyperslab(space, H5S_SELECT_SET, first, NULL, some, NULL);
	H5Dwrite(set, H5T_NATIVE_INT32, memory, space, H5P_DEFAULT, values);
	H5Dclose(set);
	H5Sclose(memory);
	H5Pclose(creation);
	H5Sclose(space);
	free(values);
}

static void put_unwritten(hid_t file, const char *name)
{
	const hsize_t dims[1] = {N};
	hid_t space = H5Screate_simple(1, dims, NULL);

	H5Dclose(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT,
			    H5P_DEFAULT));
	H5Sclose(space);
}

static const struct {
	const char *name;
	size_t n;
} sets[] = {{"big/whole", N},  {"big/bigendian", N}, {"big/short", 100},
	    {"big/chunks", N}, {"big/packed", N},    {"big/small", N},
	    {"big/wide", N},   {"big/holes", N},     {"big/unwritten", N}};

static void make_file(const char *path)
{
	hid_t access = h5_access(), file;

	file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
	H5Gclose(H5Gcreate2(file, "big", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
	put_set(file, "big/whole", N, 0, 0, H5T_STD_I32LE);
	put_set(file, "big/bigendian", N, 0, 0, H5T_STD_I32BE);
	put_set(file, "big/short", 100, 0, 0, H5T_STD_I32LE);
	put_set(file, "big/chunks", N, 100000, 0, H5T_STD_I32LE);
	put_set(file, "big/packed", N, 100000, 1, H5T_STD_I32LE);
	put_set(file, "big/small", N, 1000, 0, H5T_STD_I32LE);
	put_set(file, "big/wide", N, 400000, 0, H5T_STD_I32LE); /* larger than a room */
	put_holes(file, "big/holes");
	put_unwritten(file, "big/unwritten");
	H5Fclose(file);
	H5Pclose(access);
}

static int copy_all(const char *from, const char *to, bool straight, struct err *err)
{
	hid_t access = h5_access(), in = H5Fopen(from, H5F_ACC_RDONLY, access);
	hid_t out = H5Fcreate(to, H5F_ACC_TRUNC, H5P_DEFAULT, access);
	struct behind *behind = straight ? behind_new(to, ROOM, true, err) : NULL;
	int ret = copy_tree(in, "big", out, "big", behind, NULL, err);

	if (behind && ret == 0)
		ret = behind_drain(behind, err);
	behind_free(behind);
	H5Fclose(out);
	H5Fclose(in);
	H5Pclose(access);
	return ret;
}

static bool same_set(hid_t a, hid_t b, const char *name, size_t n)
{
	int32_t *ours = values_of(a, name, n), *theirs = values_of(b, name, n);
	bool same = memcmp(ours, theirs, n * sizeof(*ours)) == 0;

	free(ours);
	free(theirs);
	return same;
}

static void test_copies(bool straight)
{
	struct err err = ERR_INIT;

	OK(copy_all("in.h5", "out.h5", straight, &err) == 0, "all is copied %s (%s)",
	   straight ? "straight" : "through HDF5", err.text);
	hid_t in = H5Fopen("in.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
	hid_t out = H5Fopen("out.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		OK(same_set(in, out, sets[i].name, sets[i].n), "%s is the same", sets[i].name);
	H5Fclose(out);
	H5Fclose(in);
}

/* The file is cut while it is open: HDF5, which looked at its length before, does not know. */
static void test_cut(void)
{
	struct err err = ERR_INIT;
	hid_t access = h5_access();
	hid_t in = H5Fcreate("in.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access);
	hid_t out = H5Fcreate("cut.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access);
	struct behind *behind = behind_new("cut.h5", ROOM, true, &err);

	put_set(in, "whole", N, 0, 0, H5T_STD_I32LE);
	H5Fflush(in, H5F_SCOPE_GLOBAL);
	OK(truncate("in.h5", 1 << 20) == 0 &&
		   copy_tree(in, "whole", out, "whole", behind, NULL, &err) &&
		   strstr(err.text, "'whole': the file ends within the data"),
	   "a file that was cut is told (%s)", err.text);
	behind_free(behind);
	H5Fclose(out);
	H5Fclose(in);
	H5Pclose(access);
}

/* Half a type would write something else without a word, or read nothing and say it did. */
static void test_half_types(void)
{
	hid_t number = H5Tcopy(H5T_NATIVE_INT), field = h5_field_type("x", number);

	OK(put_text_type(0) < 0, "a text without a width is no type");
	OK(h5_field_type("", H5I_INVALID_HID) < 0, "a field of nothing is no type");
	OK(H5Tget_nmembers(field) == 1 && H5Tget_size(field) == sizeof(int), "a field is one");
	OK(put_if(false, number) < 0 && H5Iis_valid(number) <= 0, "half a type is closed");
	OK(put_if(true, field) == field, "a whole one stays");
	H5Tclose(field);
}

int main(void)
{
	char folder[] = "/tmp/copy.XXXXXX";

	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	h5_start();
	make_file("in.h5");
	test_copies(true);
	test_copies(false);
	test_cut();
	test_half_types();
	unlink("in.h5");
	unlink("out.h5");
	unlink("cut.h5");
	OK(rmdir(folder) == 0, "nothing temporary is left");
	return done_testing();
}
