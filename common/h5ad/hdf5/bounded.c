/* bounded.c - H5Dread and H5Aread that do not believe lengths which the file cannot hold. */
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

/* Of the fields of a compound; more than there are when one cannot be looked at. */
static size_t n_sequences(hid_t type, int n)
{
	size_t found = 0;

	for (int i = 0; i < n; i++) {
		hid_t field = H5Tget_member_type(type, (unsigned)i);
		if (field < 0)
			return (size_t)n + 1;
		found += is_sequence(field);
		H5Tclose(field);
	}
	return found;
}

/* A field that is a sequence gets its place in the form: is it one, and did it? */
static bool add_field(hid_t form, size_t at, hid_t type, unsigned i)
{
	hid_t field = H5Tget_member_type(type, i);
	char *name = H5Tget_member_name(type, i);
	bool added = field >= 0 && name && is_sequence(field) &&
		     H5Tinsert(form, name, STORED * at, stored_type) >= 0;

	H5free_memory(name);
	if (field >= 0)
		H5Tclose(field);
	return added;
}

/*
 * The type by which a sequence, or those among the fields of a compound, are read as they are
 * stored; how many there are. 0 when there are none. One that lacks a field would be read into
 * less room than it takes: there is none then, and nothing is read.
 */
static size_t stored_form(hid_t type, hid_t *form)
{
	int n = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_nmembers(type) : 0;
	size_t found, added = 0;

	*form = H5I_INVALID_HID;
	if (is_sequence(type)) {
		*form = H5Tcopy(stored_type);
		return 1;
	}
	found = n_sequences(type, n);
	if (!found || found > (size_t)n)
		return found;
	*form = H5Tcreate(H5T_COMPOUND, found * STORED);
	for (int i = 0; i < n && added < found; i++)
		added += add_field(*form, added, type, (unsigned)i);
	if (added < found && *form >= 0) {
		H5Tclose(*form);
		*form = H5I_INVALID_HID;
	}
	return found;
}

/* ---- are they possible? ------------------------------------------------------------------- */

/* What is to be read: of a dataset, or with 'spaces' NULL an attribute whole. */
struct wanted {
	hid_t object;
	const hid_t *spaces; /* in memory and in the file */
};

static herr_t read_as(const struct wanted *w, hid_t type, void *out)
{
	return w->spaces ? H5Dread(w->object, type, w->spaces[0], w->spaces[1], H5P_DEFAULT, out)
			 : H5Aread(w->object, type, out);
}

/* How many elements; negative when that cannot be told. */
static hssize_t n_elements(const struct wanted *w)
{
	hid_t space = !w->spaces                ? H5Aget_space(w->object)
		      : w->spaces[0] == H5S_ALL ? H5Dget_space(w->object)
						: H5Scopy(w->spaces[0]);
	hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);

	if (space >= 0)
		H5Sclose(space);
	return n;
}

static uint64_t bytes_of_file(hid_t object)
{
	hid_t file = H5Iget_file_id(object);
	hsize_t size = 0;

	if (file >= 0) {
		H5Fget_filesize(file, &size);
		H5Fclose(file);
	}
	return size;
}

static hid_t type_in_file(const struct wanted *w)
{
	return w->spaces ? H5Dget_type(w->object) : H5Aget_type(w->object);
}

static size_t element_size(hid_t sequence)
{
	hid_t element = H5Tget_super(sequence);
	size_t size = element < 0 ? 1 : H5Tget_size(element);

	if (element >= 0)
		H5Tclose(element);
	return MAX(size, 1);
}

/* The bytes of a sequence's element in the file, the longest there is: 1 of a text, but that may lie. */
static size_t longest_element(const struct wanted *w)
{
	hid_t type = type_in_file(w);
	int n = type >= 0 && H5Tget_class(type) == H5T_COMPOUND ? H5Tget_nmembers(type) : 0;
	size_t longest = type >= 0 && is_sequence(type) ? element_size(type) : 1;

	for (int i = 0; i < n; i++) {
		hid_t field = H5Tget_member_type(type, (unsigned)i);
		if (field >= 0 && is_sequence(field))
			longest = MAX(longest, element_size(field));
		if (field >= 0)
			H5Tclose(field);
	}
	if (type >= 0)
		H5Tclose(type);
	return longest;
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
static bool check_lengths(const struct wanted *w, hid_t form, size_t n_each)
{
	hssize_t n = n_elements(w);
	uint8_t *stored;
	bool good;

	if (n < 0 || form < 0)
		return false;
	stored = mem_zero(mem_product((size_t)MAX(n, 1), n_each), STORED);
	good = read_as(w, form, stored) >= 0 &&
	       lengths_fit(stored, (size_t)n * n_each,
			   bytes_of_file(w->object) / longest_element(w));
	free(stored);
	return good;
}

static herr_t read_bounded(const struct wanted *w, hid_t memory_type, void *out)
{
	hid_t form;
	size_t n_each;
	bool good = true;

	pthread_once(&once, teach);
	n_each = stored_form(memory_type, &form);
	if (n_each)
		good = check_lengths(w, form, n_each);
	if (form >= 0)
		H5Tclose(form);
	if (good)
		return read_as(w, memory_type, out);
	H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_DATASET, H5E_BADVALUE,
		 "its texts are longer than the file");
	return -1;
}

herr_t h5_read_bounded(hid_t dataset, hid_t memory_type, hid_t memory_space, hid_t file_space,
		       void *out)
{
	const hid_t spaces[2] = {memory_space, file_space};

	return read_bounded(&(struct wanted){dataset, spaces}, memory_type, out);
}

herr_t h5_read_attribute(hid_t attribute, hid_t memory_type, void *out)
{
	return read_bounded(&(struct wanted){attribute, NULL}, memory_type, out);
}
