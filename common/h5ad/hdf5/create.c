/* create.c - see create.h. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>

#include "base/text.h"
#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/hdf5.h"

int h5_failed(struct err *err, const char *format, ...)
{
	char what[600], reason[200];
	int code = h5_last_errno();
	va_list args;

	h5_reason(reason, sizeof(reason));
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(err, "%s: %s", what, code ? strerror(code) : reason);
}

hid_t put_if(bool good, hid_t id)
{
	if (good || id < 0)
		return id;
	H5Idec_ref(id);
	return H5I_INVALID_HID;
}

hid_t put_links(void)
{
	static hid_t links = H5I_INVALID_HID;
	if (links < 0) {
		links = H5Pcreate(H5P_LINK_CREATE);
		links = put_if(H5Pset_create_intermediate_group(links, 1) >= 0 &&
				       H5Pset_char_encoding(links, H5T_CSET_UTF8) >= 0,
			       links);
	}
	return links;
}

hid_t put_creation(void)
{
	hid_t creation = H5Pcreate(H5P_DATASET_CREATE);

	return put_if(H5Pset_obj_track_times(creation, false) >= 0, creation);
}

hid_t put_text_type(size_t width)
{
	hid_t type = H5Tcopy(H5T_C_S1);

	return put_if(
		H5Tset_size(type, width) >= 0 &&
			(width == H5T_VARIABLE || H5Tset_strpad(type, H5T_STR_NULLPAD) >= 0) &&
			H5Tset_cset(type, H5T_CSET_UTF8) >= 0,
		type);
}
