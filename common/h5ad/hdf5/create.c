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

hid_t put_links(void)
{
	static hid_t links = H5I_INVALID_HID;
	if (links < 0) {
		links = H5Pcreate(H5P_LINK_CREATE);
		H5Pset_create_intermediate_group(links, 1);
		H5Pset_char_encoding(links, H5T_CSET_UTF8);
	}
	return links;
}

hid_t put_creation(void)
{
	hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_obj_track_times(creation, false);
	return creation;
}
