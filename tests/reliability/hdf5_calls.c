/* hdf5_calls.c - a part of memory.so: calls of HDF5 that fail for want of memory, or of room on the disk.
 *
 * What opens, reads, asks and makes in HDF5 stands here before the library's own, and is counted;
 * the one that is due says what HDF5 says when there is no memory, and does nothing; where it would
 * write, it says what HDF5 says of a full disk. So it can be
 * seen of each of a filter's calls what comes of it, whatever HDF5 allocates and when. The unit
 * program denied has it within.
 */
#include "base/util.h"

#include <dlfcn.h>
#include <hdf5.h>

#include "hdf5_calls.h"

#ifndef PUBLIC
#define PUBLIC __attribute__((visibility("default")))
#endif

/* This object is not linked against HDF5: filters that have none load it, too. */
static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

typedef herr_t push_function(hid_t stack, const char *file, const char *function, unsigned line,
			     hid_t class, hid_t major, hid_t minor, const char *format, ...);

/* Data of a library may lie in the program: there the library, too, looks for them. */
static hid_t number_of(const char *name)
{
	hid_t *at = dlsym(RTLD_DEFAULT, name);

	return at ? *at : -1;
}

/* What the filter has HDF5 call when a call fails. */
static H5E_auto2_t listener(void **data)
{
	herr_t (*get)(hid_t stack, H5E_auto2_t * call, void **data);
	void *found = real("H5Eget_auto2");
	H5E_auto2_t call = NULL;

	memcpy(&get, &found, sizeof(get));
	get(H5E_DEFAULT, &call, data); /* this empties the stack of errors, as every call does */
	return call;
}

/* Why a call fails, in HDF5's words. */
struct reason_given {
	const char *major, *minor, *words;
};

static const struct reason_given no_memory = {"H5E_RESOURCE_g", "H5E_NOSPACE_g",
					      "no memory, as was asked for"};
static const struct reason_given disk_full = {
	"H5E_IO_g", "H5E_WRITEERROR_g",
	"errno = 28, error message = 'No space left on device', as was asked for"};

static bool fails(const void *caller, const struct reason_given *why)
{
	push_function *push;
	void *found = real("H5Epush2"), *data = NULL;
	H5E_auto2_t call;

	if (!memory_is_short(caller))
		return false;
	call = listener(&data);
	memcpy(&push, &found, sizeof(push));
	push(H5E_DEFAULT, __FILE__, __func__, __LINE__, number_of("H5E_ERR_CLS_g"),
	     number_of(why->major), number_of(why->minor), "%s", why->words);
	if (call)
		call(H5E_DEFAULT, data);
	return true;
}

#define STRING(name) #name /* after its macros: some names have a version */

#define CALL_OR(why, type, name, parameters, arguments)                              \
	PUBLIC type name parameters                                                  \
	{                                                                            \
		static type(*own) parameters;                                        \
		void *found = own ? NULL : real(STRING(name));                       \
		if (found)                                                           \
			memcpy(&own, &found, sizeof(own));                           \
		return fails(__builtin_return_address(0), why) ? -1 : own arguments; \
	}

#define CALL(type, name, parameters, arguments) \
	CALL_OR(&no_memory, type, name, parameters, arguments)
#ifndef ASK
#define ASK CALL
#endif
#define WRITE(type, name, parameters, arguments) \
	CALL_OR(&disk_full, type, name, parameters, arguments)

/* What closes does so, and then says that something could not be written. */
#define CLOSE(name)                                                               \
	PUBLIC herr_t name(hid_t object)                                          \
	{                                                                         \
		static herr_t (*own)(hid_t object);                               \
		void *found = own ? NULL : real(STRING(name));                    \
		if (found)                                                        \
			memcpy(&own, &found, sizeof(own));                        \
		herr_t ret = own(object);                                         \
		return fails(__builtin_return_address(0), &disk_full) ? -1 : ret; \
	}

CALL(hid_t, H5Oopen, (hid_t at, const char *name, hid_t access), (at, name, access))
CALL(hid_t, H5Gopen2, (hid_t at, const char *name, hid_t access), (at, name, access))
CALL(hid_t, H5Dopen2, (hid_t at, const char *name, hid_t access), (at, name, access))
ASK(hid_t, H5Aopen, (hid_t object, const char *name, hid_t access), (object, name, access))
ASK(htri_t, H5Aexists, (hid_t object, const char *name), (object, name))
ASK(htri_t, H5Lexists, (hid_t at, const char *name, hid_t access), (at, name, access))
ASK(htri_t, H5Oexists_by_name, (hid_t at, const char *name, hid_t access), (at, name, access))
ASK(herr_t, H5Aread, (hid_t attribute, hid_t type, void *out), (attribute, type, out))
CALL(herr_t, H5Dread,
     (hid_t dataset, hid_t type, hid_t memory, hid_t file, hid_t transfer, void *out),
     (dataset, type, memory, file, transfer, out))
CALL(herr_t, H5Dread_chunk,
     (hid_t dataset, hid_t transfer, const hsize_t *at, uint32_t *filters, void *out),
     (dataset, transfer, at, filters, out))
ASK(hid_t, H5Aget_type, (hid_t attribute), (attribute))
ASK(hid_t, H5Aget_space, (hid_t attribute), (attribute))
CALL(hid_t, H5Dget_type, (hid_t dataset), (dataset))
CALL(hid_t, H5Dget_space, (hid_t dataset), (dataset))
CALL(hid_t, H5Dget_create_plist, (hid_t dataset), (dataset))
CALL(herr_t, H5Literate,
     (hid_t group, H5_index_t by, H5_iter_order_t order, hsize_t *at, H5L_iterate_t call,
      void *data),
     (group, by, order, at, call, data))
CALL(herr_t, H5Aiterate2,
     (hid_t object, H5_index_t by, H5_iter_order_t order, hsize_t *at, H5A_operator2_t call,
      void *data),
     (object, by, order, at, call, data))
CALL(hid_t, H5Tcopy, (hid_t type), (type))
CALL(hid_t, H5Tget_super, (hid_t type), (type))
CALL(hid_t, H5Tget_member_type, (hid_t type, unsigned i), (type, i))
ASK(htri_t, H5Tequal, (hid_t one, hid_t other), (one, other))
ASK(htri_t, H5Tis_variable_str, (hid_t type), (type))
CALL(hid_t, H5Screate_simple, (int rank, const hsize_t *dims, const hsize_t *most),
     (rank, dims, most))
WRITE(hid_t, H5Gcreate2, (hid_t at, const char *name, hid_t a, hid_t b, hid_t c),
      (at, name, a, b, c))
WRITE(hid_t, H5Dcreate2,
      (hid_t at, const char *name, hid_t type, hid_t space, hid_t a, hid_t b, hid_t c),
      (at, name, type, space, a, b, c))
WRITE(hid_t, H5Acreate2, (hid_t at, const char *name, hid_t type, hid_t space, hid_t a, hid_t b),
      (at, name, type, space, a, b))
WRITE(herr_t, H5Dwrite,
      (hid_t dataset, hid_t type, hid_t memory, hid_t file, hid_t transfer, const void *values),
      (dataset, type, memory, file, transfer, values))
WRITE(herr_t, H5Awrite, (hid_t attribute, hid_t type, const void *values),
      (attribute, type, values))
WRITE(herr_t, H5Fclose, (hid_t file), (file))
/* What writes, and what is asked of a file that is open. */
WRITE(hid_t, H5Fcreate, (const char *name, unsigned flags, hid_t creation, hid_t access),
      (name, flags, creation, access))
WRITE(herr_t, H5Dset_extent, (hid_t dataset, const hsize_t *dims), (dataset, dims))
CALL(herr_t, H5Fget_filesize, (hid_t file, hsize_t *size), (file, size))
CALL(H5Z_filter_t, H5Pget_filter2,
     (hid_t creation, unsigned i, unsigned *flags, size_t *n, unsigned *values, size_t room,
      char *name, unsigned *config),
     (creation, i, flags, n, values, room, name, config))
CALL(H5D_layout_t, H5Pget_layout, (hid_t creation), (creation))
CALL(herr_t, H5Tconvert,
     (hid_t from, hid_t to, size_t n, void *values, void *background, hid_t transfer),
     (from, to, n, values, background, transfer))
CALL(int, H5Pget_nfilters, (hid_t creation), (creation))
WRITE(herr_t, H5Dwrite_chunk,
      (hid_t dataset, hid_t transfer, uint32_t filters, const hsize_t *at, size_t n,
       const void *bytes),
      (dataset, transfer, filters, at, n, bytes))
WRITE(herr_t, H5Lmove, (hid_t from, const char *old, hid_t to, const char *new, hid_t a, hid_t b),
      (from, old, to, new, a, b))
WRITE(herr_t, H5Ldelete, (hid_t at, const char *name, hid_t access), (at, name, access))
CALL(herr_t, H5Sselect_hyperslab,
     (hid_t space, H5S_seloper_t how, const hsize_t *start, const hsize_t *stride,
      const hsize_t *count, const hsize_t *block),
     (space, how, start, stride, count, block))
CLOSE(H5Gclose)
CLOSE(H5Dclose)
CLOSE(H5Aclose)
