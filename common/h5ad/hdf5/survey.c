/* survey.c - walk everything in a file and refuse what leads outside it, or only damage writes. */
#include "base/util.h"

#include "h5ad/hdf5/filters.h"
#include "h5ad/hdf5/hdf5.h"

#define WIDEST_NUMBER 16 /* bytes: a long double */
#define DEEPEST_TYPE 32

struct walk {
	const char *name;
	struct err *err;
	const char *path; /* of the object whose attributes are looked at */
};

static size_t character_bytes(hid_t text)
{
	hid_t character = H5Tget_super(text);
	size_t size = character < 0 ? 1 : H5Tget_size(character);

	h5_close(character);
	return size;
}

static const char *oddity(hid_t type, int depth);

static const char *oddity_of_field(hid_t type, int field, int depth)
{
	hid_t part = field < 0 ? H5Tget_super(type) : H5Tget_member_type(type, (unsigned)field);
	const char *odd = oddity(part, depth + 1);

	h5_close(part);
	return odd;
}

/*
 * What of a type only damage writes; NULL when nothing is. HDF5 clears room for a thousand numbers
 * before it looks whether it can turn them into others, of any width: gigabytes, and seconds. Texts
 * of any length whose characters have no bytes are empty, whatever they were.
 */
static const char *oddity(hid_t type, int depth)
{
	const char *odd = NULL;

	if (type < 0 || depth > DEEPEST_TYPE)
		return "a type that cannot be read";
	switch (H5Tget_class(type)) {
	case H5T_OPAQUE:
	case H5T_REFERENCE:
		return NULL;
	case H5T_STRING:
		return H5Tis_variable_str(type) > 0 && character_bytes(type) != 1
			       ? "texts of characters that are not one byte: the file is damaged"
			       : NULL;
	case H5T_COMPOUND:
		for (int i = 0; i < H5Tget_nmembers(type) && !odd; i++)
			odd = oddity_of_field(type, i, depth);
		return odd;
	case H5T_ARRAY:
	case H5T_VLEN:
		return oddity_of_field(type, -1, depth);
	default:
		return H5Tget_size(type) > WIDEST_NUMBER
			       ? "numbers of more than 16 bytes: the file is damaged"
			       : NULL;
	}
}

static int survey_type(const struct walk *w, const char *path, hid_t type)
{
	const char *odd = oddity(type, 0);

	return odd ? err_set(w->err, "%s: /%s: holds %s", w->name, path, odd) : 0;
}

static int survey_filters(const struct walk *w, const char *path, hid_t plist)
{
	int n = H5Pget_nfilters(plist);

	if (n < 0)
		return err_set(w->err, "%s: /%s: its filters cannot be read", w->name, path);
	for (int i = 0; i < n; i++) {
		unsigned flags, config;
		size_t n_values = 0;
		char name[64] = "";
		H5Z_filter_t id = H5Pget_filter2(plist, (unsigned)i, &flags, &n_values, NULL,
						 sizeof(name), name, &config);
		name[sizeof(name) - 1] = '\0';
		if (id < 0)
			return err_set(w->err, "%s: /%s: its filters cannot be read", w->name,
				       path);
		if (H5Zfilter_avail(id) <= 0)
			return err_set(w->err,
				       "%s: /%s: compressed with filter %d (%s), which needs a "
				       "plugin; plugins are not loaded (rewrite the file with "
				       "gzip)",
				       w->name, path, id, name[0] ? name : "unnamed");
	}
	return 0;
}

static int survey_layout(const struct walk *w, const char *path, hid_t plist)
{
	switch (H5Pget_layout(plist)) {
	case H5D_COMPACT:
		return 0;
	case H5D_CONTIGUOUS:
		if (H5Pget_external_count(plist) != 0)
			return err_set(w->err,
				       "%s: /%s: its data are in another file, which is not "
				       "followed",
				       w->name, path);
		return 0;
	case H5D_CHUNKED:
		return survey_filters(w, path, plist);
	case H5D_VIRTUAL:
		return err_set(w->err, "%s: /%s: a virtual dataset, which is not followed", w->name,
			       path);
	default:
		return err_set(w->err, "%s: /%s: its layout cannot be read", w->name, path);
	}
}

static int survey_dataset(const struct walk *w, const char *path, hid_t dataset)
{
	hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
	hid_t plist = H5Dget_create_plist(dataset);
	int ret = -1;

	if (space < 0 || type < 0 || plist < 0)
		err_set(w->err, "%s: /%s: its description cannot be read", w->name, path);
	else
		ret = survey_type(w, path, type) ? -1 : survey_layout(w, path, plist);
	h5_close(space);
	h5_close(type);
	h5_close(plist);
	return ret;
}

/* Opening an attribute makes HDF5 look at its type and space. */
static herr_t survey_attribute(hid_t object, const char *name, const H5A_info_t *info UNUSED,
			       void *data)
{
	const struct walk *w = data;
	hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
	hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
	hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
	herr_t ret = type < 0 || space < 0 || survey_type(w, w->path, type) ? -1 : 0;

	h5_close(type);
	h5_close(space);
	h5_close(attribute);
	return ret;
}

static int survey_object(const struct walk *w, const char *path, hid_t object)
{
	struct walk here = {w->name, w->err, path};
	char reason[200];

	if (object < 0)
		return err_set(w->err, "%s: /%s: cannot be opened (%s)", w->name, path,
			       h5_reason(reason, sizeof(reason)));
	if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, survey_attribute, &here) < 0)
		return err_set(w->err, "%s: /%s: its attributes cannot be read (%s)", w->name, path,
			       h5_reason(reason, sizeof(reason)));
	return h5_is_dataset(object) ? survey_dataset(w, path, object) : 0;
}

/* How many groups a path leads through. */
static size_t depth_of(const char *path)
{
	size_t depth = 1;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static herr_t survey_link(hid_t root, const char *path, const H5L_info_t *info, void *data)
{
	const struct walk *w = data;

	if (depth_of(path) > H5_DEEPEST) {
		err_set(w->err, "%s: /%.40s...: groups lie more than %d deep", w->name, path,
			H5_DEEPEST);
		return -1;
	}
	if (info->type == H5L_TYPE_SOFT)
		return 0;
	if (info->type != H5L_TYPE_HARD) {
		err_set(w->err, "%s: /%s: a link to another file, which is not followed", w->name,
			path);
		return -1;
	}
	hid_t object = H5Oopen(root, path, H5P_DEFAULT);
	int ret = survey_object(w, path, object);
	h5_close(object);
	return ret;
}

int survey(hid_t file, const char *name, struct err *err)
{
	struct walk w = {name, err, ""};
	char reason[200];

	hid_t root = H5Oopen(file, "/", H5P_DEFAULT);
	int ret = survey_object(&w, "", root);

	h5_close(root);
	if (ret || H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, survey_link, &w) >= 0)
		return ret;
	return err_set(err, "%s: its contents cannot be listed (%s): the file is damaged", name,
		       h5_reason(reason, sizeof(reason)));
}
