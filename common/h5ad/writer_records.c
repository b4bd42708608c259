/* writer_records.c - what scanpy keeps in uns: structured arrays with a field per group, truths. */
#include "base/util.h"

#include "h5ad/writer_private.h"

#define MOST_FIELDS ((size_t)1400) /* what describes a record must fit 64 KiB */

static hid_t field_type(enum record_kind kind, hid_t text)
{
	switch (kind) {
	case RECORD_TEXT:
		return text;
	case RECORD_FLOAT:
		return H5T_IEEE_F32LE;
	default:
		return H5T_IEEE_F64LE;
	}
}

/* A record of n_fields of one type; the caller closes it. */
static hid_t record_type(char *const *fields, size_t n_fields, hid_t field)
{
	size_t size = H5Tget_size(field);
	hid_t type = H5Tcreate(H5T_COMPOUND, MAX(1, n_fields) * size);

	for (size_t i = 0; i < n_fields; i++) {
		if (H5Tinsert(type, fields[i], i * size, field) < 0) {
			H5Tclose(type);
			return H5I_INVALID_HID;
		}
	}
	return type;
}

int writer_records(struct writer *w, const char *where, char *const *fields, size_t n_fields,
		   size_t n_rows, enum record_kind kind, const void *values, struct err *err)
{
	const hsize_t dims[1] = {n_rows};
	hid_t text, type, space, creation, dataset;
	int ret = -1;

	if (n_fields > MOST_FIELDS) {
		err_set(err, "%s: %zu groups do not fit a structured array (%zu do)", where,
			n_fields, MOST_FIELDS);
		return writer_failed(w, err);
	}
	for (size_t i = 0; i < n_fields; i++)
		if (fields[i][0] == '\0') {
			err_set(err,
				"%s: a group without a name cannot be a field of a structured "
				"array",
				where);
			return writer_failed(w, err);
		}
	if (writer_place(w, where, err))
		return writer_failed(w, err);
	text = type_text();
	type = record_type(fields, n_fields, field_type(kind, text));
	space = H5Screate_simple(1, dims, NULL);
	creation = put_creation();
	dataset = type < 0 ? H5I_INVALID_HID
			   : H5Dcreate2(w->file, where, type, space, put_links(), creation,
					H5P_DEFAULT);
	if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		h5_failed(err, "'%s' cannot be written", where);
	else
		ret = put_encoding(dataset, "rec-array", "0.2.0", err);
	if (dataset >= 0 && H5Dclose(dataset) < 0 && ret == 0)
		ret = h5_failed(err, "'%s' cannot be written", where);
	H5Pclose(creation);
	H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	H5Tclose(text);
	return ret ? writer_failed(w, err) : 0;
}

int writer_bool(struct writer *w, const char *where, bool value, struct err *err)
{
	const int8_t byte = value;
	hid_t type = type_bool();
	int ret = writer_place(w, where, err) || put_number(w->file, where, type, &byte, err);

	H5Tclose(type);
	return ret ? writer_failed(w, err) : 0;
}
