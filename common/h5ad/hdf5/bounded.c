/* bounded.c - H5Dread that does not believe lengths which the file cannot hold. */
#include "base/util.h"

#include <pthread.h>

#include "base/mem.h"
#include "h5ad/hdf5/bounded.h"

/* As a sequence stands in a file: its length in 4 bytes, little end first, and its place in 12. */
#define STORED 16

/* ---- sequences as they are stored --------------------------------------------------------- */

/*
 * HDF5 turns a sequence into opaque bytes by this: they are those that are stored. It is never
 * asked for anything else.
 */
static herr_t leave_stored(hid_t from, hid_t to, H5T_cdata_t *what, size_t n UNUSED,
			   size_t stride UNUSED, size_t other_stride UNUSED, void *bytes UNUSED,
			   void *others UNUSED, hid_t how UNUSED)
{
	if (what->command != H5T_CONV_INIT)
		return 0;
	what->need_bkg = H5T_BKG_NO;
	return H5Tget_size(from) == STORED && H5Tget_size(to) == STORED ? 0 : -1;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static hid_t stored_type = H5I_INVALID_HID;

static void teach(void)
{
	hid_t text = H5Tcopy(H5T_C_S1);

	H5Tset_size(text, H5T_VARIABLE);
	stored_type = H5Tcreate(H5T_OPAQUE, STORED);
	if (H5Tregister(H5T_PERS_SOFT, "stored sequence", text, stored_type, leave_stored) < 0)
		stored_type = H5I_INVALID_HID;
	H5Tclose(text);
}

static bool is_sequence(hid_t type)
{
	return H5Tis_variable_str(type) > 0 || H5Tget_class(type) == H5T_VLEN;
}

/*
 * The type by which a sequence, or those among the fields of a compound, are read as they are
 * stored; how many there are. 0 when there are none.
 */
static size_t stored_form(hid_t type, hid_t *form)
{
	int n = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_nmembers(type) : 0;
	size_t found = 0;

	*form = H5I_INVALID_HID;
	if (is_sequence(type)) {
		*form = H5Tcopy(stored_type);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		hid_t field = H5Tget_member_type(type, (unsigned)i);
		found += is_sequence(field);
		H5Tclose(field);
	}
	if (!found)
		return 0;
	*form = H5Tcreate(H5T_COMPOUND, found * STORED);
	found = 0;
	for (int i = 0; i < n; i++) {
		hid_t field = H5Tget_member_type(type, (unsigned)i);
		char *name = H5Tget_member_name(type, (unsigned)i);
		if (is_sequence(field))
			H5Tinsert(*form, name, STORED * found++, stored_type);
		H5free_memory(name);
		H5Tclose(field);
	}
	return found;
}

/* ---- are they possible? ------------------------------------------------------------------- */

static uint64_t bytes_of_file(hid_t dataset)
{
	hid_t file = H5Iget_file_id(dataset);
	hsize_t size = 0;

	if (file >= 0) {
		H5Fget_filesize(file, &size);
		H5Fclose(file);
	}
	return size;
}

static bool lengths_fit(const uint8_t *stored, size_t n, uint64_t most)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *s = stored + i * STORED;
		sum += (uint64_t)s[0] | (uint64_t)s[1] << 8 | (uint64_t)s[2] << 16 |
		       (uint64_t)s[3] << 24;
	}
	return sum <= most;
}

/* Do the lengths of what is to be read fit the file? */
static bool check_lengths(hid_t dataset, hid_t form, size_t n_each, hid_t memory_space,
			  hid_t file_space)
{
	hid_t counted = memory_space == H5S_ALL ? H5Dget_space(dataset) : memory_space;
	hssize_t n = H5Sget_simple_extent_npoints(counted);
	bool good = false;

	if (n >= 0) {
		uint8_t *stored = mem_zero(mem_product((size_t)MAX(n, 1), n_each), STORED);
		good = H5Dread(dataset, form, memory_space, file_space, H5P_DEFAULT, stored) >= 0 &&
		       lengths_fit(stored, (size_t)n * n_each, bytes_of_file(dataset));
		free(stored);
	}
	if (memory_space == H5S_ALL)
		H5Sclose(counted);
	return good;
}

herr_t h5_read_bounded(hid_t dataset, hid_t memory_type, hid_t memory_space, hid_t file_space,
		       void *out)
{
	hid_t form;
	size_t n_each;
	bool good = true;

	pthread_once(&once, teach);
	n_each = stored_form(memory_type, &form);
	if (n_each)
		good = check_lengths(dataset, form, n_each, memory_space, file_space);
	if (form >= 0)
		H5Tclose(form);
	if (good)
		return H5Dread(dataset, memory_type, memory_space, file_space, H5P_DEFAULT, out);
	H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_DATASET, H5E_BADVALUE,
		 "its texts are longer than the file");
	return -1;
}
