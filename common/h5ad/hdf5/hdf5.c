/* hdf5.c - HDF5 made quiet and checked. */
#include "base/util.h"

#include <errno.h>
#include <pthread.h>

#include "base/outfile.h"
#include "h5ad/hdf5/filters.h"
#include "h5ad/hdf5/hdf5.h"
#include "h5ad/hdf5/place.h"

/*
 * HDF5 keeps up to 32 MB of what it has read of a file's structure, of both files, and counts it
 * as it is on disk: the nodes that find chunks take ten times as much in memory.
 */
#define CACHE_BYTES ((size_t)64 << 10)

/* ---- the library -------------------------------------------------------------------------- */

/* Decode into a new buffer of 'cap' bytes. Returns the length, 0 when it does not fit. */
static size_t decode_lzf(const void *packed, size_t n_bytes, size_t cap, void **plain)
{
	*plain = H5allocate_memory(cap, false);
	size_t n = *plain ? lzf_decode(packed, n_bytes, *plain, cap) : SIZE_MAX;

	if (n != SIZE_MAX && n > 0)
		return n;
	H5free_memory(*plain);
	return 0;
}

/*
 * HDF5's own reading of lzf columns; the stream undoes its chunks itself. h5py does not say how
 * large a chunk of strings is: then sizes are tried up to the most that lzf can make of its input.
 */
static size_t undo_lzf(unsigned flags, size_t n_values, const unsigned *values, size_t n_bytes,
		       size_t *size, void **buffer)
{
	size_t cap = n_values >= 3 ? values[2] : 0, n = 0;
	void *plain;

	if (!(flags & H5Z_FLAG_REVERSE))
		return 0;
	if (cap > 0)
		n = decode_lzf(*buffer, n_bytes, cap, &plain);
	else
		for (cap = 4 * n_bytes; n == 0 && cap <= 128 * n_bytes; cap *= 2)
			n = decode_lzf(*buffer, n_bytes, cap, &plain);
	if (n == 0)
		return 0;
	H5free_memory(*buffer);
	*buffer = plain;
	*size = n;
	return n;
}

static void start(void)
{
	static const H5Z_class2_t lzf = {
		.version = H5Z_CLASS_T_VERS,
		.id = FILTER_LZF,
		.encoder_present = 1, /* else HDF5 makes no lzf datasets; encode.c fills them */
		.decoder_present = 1,
		.name = "lzf",
		.filter = (H5Z_func_t)undo_lzf,
	};

	H5dont_atexit(); /* it would write a failed output again */
	H5open();
	H5PLset_loading_state(0);
	H5Zregister(&lzf);
	crash_catch();
}

void h5_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
	h5_quiet();
}

/* Cleaning up after a call that failed wipes HDF5's words about it: its errno is kept aside. */
static _Thread_local int last_errno;

static herr_t find_errno(unsigned n UNUSED, const H5E_error2_t *e, void *code)
{
	const char *at = e->desc ? strstr(e->desc, "errno = ") : NULL;

	if (at && *(int *)code == 0)
		*(int *)code = (int)strtol(at + strlen("errno = "), NULL, 10);
	return 0;
}

static herr_t find_want(unsigned n UNUSED, const H5E_error2_t *e, void *data)
{
	bool *wanting = data;

	*wanting = *wanting || e->maj_num == H5E_RESOURCE;
	return 0;
}

/*
 * HDF5 calls this where it would print. Not every caller of every function can tell "there is none"
 * from "no memory to look": nothing that is written after the latter counts as whole.
 */
static herr_t remember_errno(hid_t stack, void *unused UNUSED)
{
	bool wanting = false;
	int code = 0;

	H5Ewalk2(stack, H5E_WALK_UPWARD, find_errno, &code);
	if (code)
		last_errno = code;
	else
		H5Ewalk2(stack, H5E_WALK_UPWARD, find_want, &wanting);
	if (wanting)
		outfile_veto("HDF5 found no memory for what was read: too little is left, or a "
			     "file is damaged");
	return 0;
}

int h5_last_errno(void)
{
	int code = last_errno;

	last_errno = 0;
	return code;
}

void h5_quiet(void)
{
	static _Thread_local bool quiet;

	if (quiet)
		return;
	H5Eset_auto2(H5E_DEFAULT, remember_errno, NULL);
	crash_catch_thread();
	quiet = true;
}

struct reason {
	char *out;
	size_t size;
};

/*
 * The innermost description is the most telling one: it comes last on the way down. Where the system
 * failed HDF5 adds the time, names and addresses of its own, and the system's words, which are kept.
 */
static herr_t keep_reason(unsigned n UNUSED, const H5E_error2_t *e, void *data)
{
	static const char system[] = "error message = '";
	struct reason *r = data;
	const char *text = e->desc ? e->desc : "", *words = strstr(text, system);

	if (words) {
		words += strlen(system);
		snprintf(r->out, r->size, "%.*s: %.*s", (int)strcspn(text, ":,"), text,
			 (int)strcspn(words, "'"), words);
	} else if (*text) {
		snprintf(r->out, r->size, "%s", text);
	}
	return 0;
}

const char *h5_reason(char *out, size_t size)
{
	struct reason r = {out, size};

	out[0] = '\0';
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_reason, &r);
	H5Eclear2(H5E_DEFAULT);
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return out;
}

bool h5_yes(htri_t answer)
{
	bool wanting = false;

	if (answer < 0)
		H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, find_want, &wanting);
	if (wanting)
		crash_unread(ENOMEM);
	return answer > 0;
}

/* ---- objects ------------------------------------------------------------------------------ */

bool h5_exists(hid_t at, const char *path)
{
	char *step = mem_str(path);
	bool there = true;

	for (size_t i = 1; step[i - 1] && there; i++) {
		char c = step[i];
		if ((c != '/' && c != '\0') || step[i - 1] == '/')
			continue;
		step[i] = '\0';
		there = h5_yes(H5Lexists(at, step, H5P_DEFAULT)) &&
			h5_yes(H5Oexists_by_name(at, step, H5P_DEFAULT));
		step[i] = c;
	}
	free(step);
	return there;
}

hid_t h5_open(const struct h5_file *f, const char *path, struct err *err)
{
	char reason[200];
	hid_t id = h5_exists(f->file, path) ? H5Oopen(f->file, path, H5P_DEFAULT) : -1;

	if (id >= 0)
		return id;
	h5_reason(reason, sizeof(reason));
	err_set(err, "%s: %s: %s%s%s", f->path, path,
		reason[0] ? "cannot be opened (" : "there is no such object in the file", reason,
		reason[0] ? ")" : "");
	return H5I_INVALID_HID;
}

void h5_close(hid_t id)
{
	if (id < 0)
		return;
	hid_t why = H5Eget_current_stack(); /* what failed before: closing would forget it */
	H5Idec_ref(id);
	H5Eset_current_stack(why);
}

bool h5_is_group(hid_t object)
{
	return H5Iget_type(object) == H5I_GROUP;
}

bool h5_is_dataset(hid_t object)
{
	return H5Iget_type(object) == H5I_DATASET;
}

int h5_shape(hid_t dataset, uint64_t dims[2])
{
	hsize_t all[H5S_MAX_RANK] = {0};
	hid_t space = H5Dget_space(dataset);
	int rank = -1;

	if (space >= 0 && H5Sget_simple_extent_type(space) != H5S_NULL)
		rank = H5Sget_simple_extent_dims(space, all, NULL);
	h5_close(space);
	dims[0] = all[0];
	dims[1] = all[1];
	return rank;
}

hid_t h5_field_type(const char *field, hid_t element)
{
	hid_t record = H5Tcreate(H5T_COMPOUND, H5Tget_size(element));

	if (record >= 0 && H5Tinsert(record, field, 0, element) < 0) {
		H5Tclose(record); /* one without a field would read nothing, and say it did */
		record = H5I_INVALID_HID;
	}
	return record;
}

static bool is_half(hid_t type)
{
	size_t sign, exponent_at, exponent, fraction_at, fraction;

	return H5Tget_size(type) == 2 &&
	       H5Tget_fields(type, &sign, &exponent_at, &exponent, &fraction_at, &fraction) >= 0 &&
	       sign == 15 && exponent_at == 10 && exponent == 5 && fraction_at == 0 &&
	       fraction == 10 && H5Tget_ebias(type) == 15;
}

size_t h5_float_size(hid_t type)
{
	if (H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F32BE) > 0)
		return 4;
	if (H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0)
		return 8;
	return is_half(type) ? 2 : 0;
}

size_t h5_integer_size(hid_t type)
{
	size_t size = H5Tget_size(type);
	bool usual = size == 1 || size == 2 || size == 4 || size == 8;
	H5T_pad_t low, high; /* of bits beyond the number's, of which there are none */

	return usual && H5Tget_precision(type) == size * 8 && H5Tget_offset(type) == 0 &&
			       H5Tget_pad(type, &low, &high) >= 0 && low == H5T_PAD_ZERO &&
			       high == H5T_PAD_ZERO
		       ? size
		       : 0;
}

const char *h5_type_name(hid_t type, bool *is_integer)
{
	static const char *const ints[2][4] = {{"int8", "int16", "int32", "int64"},
					       {"uint8", "uint16", "uint32", "uint64"}};
	size_t size = H5Tget_size(type);
	size_t log = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : 4;

	*is_integer = false;
	switch (H5Tget_class(type)) {
	case H5T_INTEGER:
		*is_integer = log < 4;
		return log < 4 ? ints[H5Tget_sign(type) == H5T_SGN_NONE][log] : "";
	case H5T_FLOAT:
		return log == 1 ? "float16" : log == 2 ? "float32" : log == 3 ? "float64" : "";
	case H5T_ENUM:
		*is_integer = log == 0;
		return log == 0 ? "bool" : "";
	case H5T_STRING:
		return "string";
	default:
		return "";
	}
}

/* The first filter but shuffle gives the name. */
static const char *compression_of(hid_t plist)
{
	bool shuffled = false;
	int n = H5Pget_nfilters(plist);

	for (int i = 0; i < n; i++) {
		unsigned flags, config;
		size_t n_values = 0;
		H5Z_filter_t id = H5Pget_filter2(plist, (unsigned)i, &flags, &n_values, NULL, 0,
						 NULL, &config);
		if (id == FILTER_SHUFFLE)
			shuffled = true;
		else if (id == FILTER_DEFLATE)
			return shuffled ? "gzip+shuffle" : "gzip";
		else if (id == FILTER_LZF)
			return shuffled ? "lzf+shuffle" : "lzf";
		else if (id != FILTER_FLETCHER32)
			return "other";
	}
	return shuffled ? "shuffle" : "none";
}

const char *h5_compression(hid_t dataset)
{
	hid_t plist = H5Dget_create_plist(dataset);
	const char *name = plist < 0 ? "unknown" : compression_of(plist);

	h5_close(plist);
	return name;
}

int h5_check_stored(const struct h5_file *f, hid_t dataset, const char *path, struct err *err)
{
	const uint64_t small = (uint64_t)64 << 20, most = 1100; /* deflate ends at 1032 */
	hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
	hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
	size_t size = type < 0 ? 0 : H5Tget_size(type);
	uint64_t stored = H5Dget_storage_size(dataset), claimed;

	h5_close(space);
	h5_close(type);
	if (n < 0 || size == 0 || __builtin_mul_overflow((uint64_t)n, (uint64_t)size, &claimed))
		return err_set(err, "%s: %s: its shape or type cannot be read", f->path, path);
	if (stored > f->n_bytes)
		return err_set(
			err, "%s: %s: %llu bytes are said to be stored, but the file has %llu",
			f->path, path, (unsigned long long)stored, (unsigned long long)f->n_bytes);
	if (claimed > small && claimed / most > stored)
		return err_set(err, "%s: %s: it claims %llu bytes, of which the file stores %llu",
			       f->path, path, (unsigned long long)claimed,
			       (unsigned long long)stored);
	return 0;
}

hid_t h5_access(void)
{
	hid_t access = H5Pcreate(H5P_FILE_ACCESS);
	H5AC_cache_config_t cache = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};

	place_driver(access);
#if H5_VERSION_GE(1, 10, 7)
	H5Pset_file_locking(access, true, true); /* where the file system has locks */
#endif
	H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
	if (H5Pget_mdc_config(access, &cache) >= 0) {
		cache.set_initial_size = true;
		cache.initial_size = CACHE_BYTES;
		cache.min_size = CACHE_BYTES / 2;
		cache.max_size = CACHE_BYTES;
		H5Pset_mdc_config(access, &cache);
	}
	return access;
}

bool hdf5_is_threadsafe(void)
{
	hbool_t safe = false;

	return H5is_library_threadsafe(&safe) >= 0 && safe;
}
