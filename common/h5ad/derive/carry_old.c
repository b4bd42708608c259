/* carry_old.c - parts written by AnnData 0.6 and 0.7, in the dialect of 0.8 and later.
 *
 * Values stay as they are; what changes is how objects say what they are. Tables (compound, or
 * with __categories) become dataframes, compound obsm and varm one array per field, strings of
 * fixed length UTF-8 strings, and the neighbour graphs that uns held move to obsp.
 */
#include "base/util.h"

#include "h5ad/h5ad_private.h"
#include "h5ad/writer_private.h"

const char *sparse_encoding(hid_t object)
{
	if (!h5_is_group(object))
		return NULL;
	if (h5_attr_is(object, "encoding-type", "csr_matrix") ||
	    h5_attr_is(object, "h5sparse_format", "csr"))
		return "csr_matrix";
	if (h5_attr_is(object, "encoding-type", "csc_matrix") ||
	    h5_attr_is(object, "h5sparse_format", "csc"))
		return "csc_matrix";
	return NULL;
}

static int carry_sparse(struct writer *w, struct h5ad *in, hid_t object, const char *path,
			const char *where, struct err *err)
{
	static const char *const names[] = {"data", "indices", "indptr"};
	const char *encoding = sparse_encoding(object);
	size_t shape[2];
	int ret;

	if (!encoding)
		return err_set(err, "%s: %s: its encoding cannot be read", in->h5.path, path);
	if (h5_attr_sizes(object, "shape", shape, 2) &&
	    h5_attr_sizes(object, "h5sparse_shape", shape, 2))
		return err_set(err, "%s: %s: has no shape", in->h5.path, path);
	hid_t group = put_group(w->file, where, encoding, "0.1.0", err);
	if (group < 0)
		return -1;
	ret = put_attr_sizes(group, "shape", shape, 2, err);
	H5Gclose(group);
	for (size_t i = 0; i < ARRAY_LEN(names) && ret == 0; i++) {
		char *from = mem_printf("%s/%s", path, names[i]);
		char *to = mem_printf("%s/%s", where, names[i]);
		ret = copy_object(w, in, from, to, err);
		free(from);
		free(to);
	}
	return ret;
}

/* Copy a dataset and say what it is. */
static int carry_array(struct writer *w, struct h5ad *in, const char *path, const char *where,
		       const char *encoding, struct err *err)
{
	if (copy_object(w, in, path, where, err))
		return -1;
	hid_t copy = H5Dopen2(w->file, where, H5P_DEFAULT);
	if (copy < 0)
		return h5_failed(err, "'%s' cannot be opened", where);
	H5Adelete(copy, "encoding-type");
	H5Adelete(copy, "encoding-version");
	int ret = put_encoding(copy, encoding, "0.2.0", err);
	H5Dclose(copy);
	return ret;
}

/* Strings of fixed length; one alone was how a single string was written. */
static int carry_fixed_strings(struct writer *w, struct h5ad *in, hid_t dataset, hid_t type,
			       size_t n, const char *path, const char *where, struct err *err)
{
	size_t width = H5Tget_size(type);
	struct arena arena = {0};
	char *bytes, **strings, reason[200];
	int ret;

	if (h5_check_stored(&in->h5, dataset, path, err))
		return -1;
	bytes = mem_alloc(MAX(1, mem_product(n, width)), 1);
	MEM_ARRAY(strings, MAX(n, 1));
	if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0) {
		ret = err_set(err, "%s: %s: cannot be read (%s)", in->h5.path, path,
			      h5_reason(reason, sizeof(reason)));
	} else {
		for (size_t i = 0; i < n; i++) {
			const char *s = bytes + i * width;
			strings[i] = arena_str(&arena, s, strnlen(s, width));
		}
		ret = n == 1 ? put_text(w->file, where, strings[0], err)
			     : put_strings(w->file, where, strings, n, err);
	}
	arena_release(&arena);
	free(strings);
	free(bytes);
	return ret;
}

static int carry_strings(struct writer *w, struct h5ad *in, hid_t dataset, hid_t type,
			 const char *path, const char *where, struct err *err)
{
	uint64_t dims[2] = {0, 0};
	int rank = h5_shape(dataset, dims);

	if (H5Tis_variable_str(type) <= 0 && rank <= 1)
		return carry_fixed_strings(w, in, dataset, type, rank == 1 ? dims[0] : 1, path,
					   where, err);
	return carry_array(w, in, path, where, rank == 0 ? "string" : "string-array", err);
}

/* Field 'i' of a compound dataset as an array of its own. */
static int carry_field(struct writer *w, struct h5ad *in, hid_t dataset, hid_t type, unsigned i,
		       const char *path, const char *where, struct err *err)
{
	uint64_t rows[2] = {0, 0};
	hsize_t dims[H5S_MAX_RANK];
	char *name = H5Tget_member_name(type, i), *to = mem_printf("%s/%s", where, name);
	char reason[200];
	int ret = -1, rank = 1;

	if (put_exists(w->file, to)) { /* the step wrote its own */
		free(to);
		H5free_memory(name);
		return 0;
	}
	h5_shape(dataset, rows);
	dims[0] = rows[0];
	hid_t field = H5Tget_member_type(type, i), element = field;
	if (H5Tget_class(field) == H5T_ARRAY) {
		rank += H5Tget_array_ndims(field);
		H5Tget_array_dims2(field, dims + 1);
		element = H5Tget_super(field);
	}
	hid_t memory = h5_field_type(name, field);
	void *values = mem_alloc(MAX(1, mem_product(dims[0], H5Tget_size(field))), 1);
	if (H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		err_set(err, "%s: %s: field '%s' cannot be read (%s)", in->h5.path, path, name,
			h5_reason(reason, sizeof(reason)));
	else
		ret = put_array(w->file, to, element, rank, dims, values, &w->encoding, err);
	free(values);
	H5Tclose(memory);
	if (element != field)
		H5Tclose(element);
	H5Tclose(field);
	free(to);
	H5free_memory(name);
	return ret;
}

static int carry_fields(struct writer *w, struct h5ad *in, hid_t dataset, hid_t type,
			const char *path, const char *where, struct err *err)
{
	int ret = put_dict(w->file, where, err), n = H5Tget_nmembers(type);

	if (ret == 0)
		ret = h5_check_stored(&in->h5, dataset, path, err);
	for (int i = 0; i < n && ret == 0; i++)
		ret = carry_field(w, in, dataset, type, (unsigned)i, path, where, err);
	return ret;
}

/* How h5py stores a complex number: a compound of two floats, r and i. */
static bool is_complex(hid_t type)
{
	return H5Tget_nmembers(type) == 2 && H5Tget_member_index(type, "r") == 0 &&
	       H5Tget_member_index(type, "i") == 1 && H5Tget_member_class(type, 0) == H5T_FLOAT &&
	       H5Tget_member_class(type, 1) == H5T_FLOAT;
}

static bool holds_arrays(const char *where)
{
	return str_eq(where, "obsm") || str_eq(where, "varm") || str_eq(where, "raw/varm");
}

static bool is_table(const char *where)
{
	return str_eq(where, "obs") || str_eq(where, "var") || str_eq(where, "raw/var");
}

static int carry_dataset(struct writer *w, struct h5ad *in, hid_t dataset, const char *path,
			 const char *where, struct err *err)
{
	uint64_t dims[2] = {0, 0};
	hid_t type = H5Dget_type(dataset);
	H5T_class_t kind = H5Tget_class(type);
	int rank = h5_shape(dataset, dims), ret;

	if (kind == H5T_COMPOUND && holds_arrays(where))
		ret = carry_fields(w, in, dataset, type, path, where, err);
	else if (kind == H5T_COMPOUND && !is_complex(type))
		ret = carry_array(w, in, path, where, "rec-array", err);
	else if (kind == H5T_STRING)
		ret = carry_strings(w, in, dataset, type, path, where, err);
	else
		ret = carry_array(w, in, path, where, rank == 0 ? "numeric-scalar" : "array", err);
	H5Tclose(type);
	return ret;
}

static int carry_table(struct writer *w, struct h5ad *in, const char *path, const char *where,
		       struct err *err)
{
	struct frame *f = frame_of_file(&in->h5, path, err);
	if (!f)
		return -1;
	int ret = put_frame(w->file, where, f, &w->encoding, err);
	frame_free(f);
	return ret;
}

/* uns/neighbors held the graphs before there was obsp. */
static bool is_graph(const struct h5ad *in, const char *path, const char *name)
{
	hid_t object;
	bool is;

	if (!str_eq(path, "/uns/neighbors") ||
	    (!str_eq(name, "connectivities") && !str_eq(name, "distances")))
		return false;
	char *whole = mem_printf("%s/%s", path, name);
	object = H5Oopen(in->h5.file, whole, H5P_DEFAULT);
	is = object >= 0 && sparse_encoding(object);
	h5_close(object);
	free(whole);
	return is;
}

static int carry_member(struct writer *w, struct h5ad *in, const char *path, const char *where,
			const char *name, struct err *err)
{
	bool graph = is_graph(in, path, name);
	char *from = mem_printf("%s/%s", path, name);
	char *to = graph ? mem_printf("obsp/%s", name) : mem_printf("%s/%s", where, name);
	int ret = 0;

	if (!put_exists(w->file, to)) {
		ret = writer_place(w, to, err);
		if (ret == 0)
			ret = carry_old(w, in, from, to, err);
	}
	free(from);
	free(to);
	return ret;
}

static int carry_dict(struct writer *w, struct h5ad *in, const char *path, const char *where,
		      struct err *err)
{
	struct members m;
	int ret = put_dict(w->file, where, err);

	if (ret == 0)
		ret = list_members(&in->h5, path, &m, err);
	for (size_t i = 0; ret == 0 && i < m.n; i++)
		ret = carry_member(w, in, path, where, m.names[i], err);
	return ret;
}

int carry_old(struct writer *w, struct h5ad *in, const char *path, const char *where,
	      struct err *err)
{
	hid_t object = h5_open(&in->h5, path, err);
	int ret;

	if (object < 0)
		return -1;
	if (is_table(where) || h5_attr_is(object, "encoding-type", "dataframe"))
		ret = carry_table(w, in, path, where, err);
	else if (sparse_encoding(object))
		ret = carry_sparse(w, in, object, path, where, err);
	else if (h5_is_group(object))
		ret = carry_dict(w, in, path, where, err);
	else
		ret = carry_dataset(w, in, object, path, where, err);
	h5_close(object);
	return ret;
}
