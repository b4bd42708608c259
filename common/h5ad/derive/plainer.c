/* plainer.c - see plainer.h. */
#include "base/util.h"

#include "base/notice.h"
#include "h5ad/array.h"
#include "h5ad/derive/plainer.h"
#include "h5ad/frame/column.h"
#include "h5ad/writer_private.h"

/* Where an object is in its file. The caller frees. */
static char *path_of(hid_t object)
{
	ssize_t len = H5Iget_name(object, NULL, 0);
	char *path = mem_alloc((size_t)MAX(len, 0) + 1, 1);

	path[0] = '\0';
	if (len > 0)
		H5Iget_name(object, path, (size_t)len + 1);
	return path;
}

/* The values of a nullable string array as a column without a name. */
static int read_texts(const struct h5_file *file, const char *path, struct column *c,
		      struct err *err)
{
	char *at = mem_printf("%s/values", path), *masked = mem_printf("%s/mask", path);
	struct array values, mask = {0};
	struct arena arena = {0};
	char **texts = NULL;
	uint8_t *missing = NULL;
	int ret = array_open(&values, file, at, NULL, err) ||
		  array_open(&mask, file, masked, NULL, err);

	if (!ret && (mask.n != values.n || mask.kind != ARRAY_BOOL))
		ret = err_set(err, "%s: %s: has %zu values, and no mask of as many", file->path,
			      path, values.n);
	if (!ret) {
		MEM_ARRAY(texts, MAX(values.n, 1));
		MEM_ARRAY(missing, MAX(values.n, 1));
		ret = array_texts(&values, &arena, texts, err) || array_bools(&mask, missing, err);
	}
	if (!ret) {
		*c = column_new("", COLUMN_STRING, values.n);
		for (size_t i = 0; i < values.n; i++)
			if (!missing[i])
				column_set_string(c, i, texts[i]);
	}
	free(texts);
	free(missing);
	arena_release(&arena);
	array_close(&mask);
	array_close(&values);
	free(at);
	free(masked);
	return ret ? -1 : 0;
}

static int put_texts(const struct plainer *p, hid_t object, hid_t to, const char *where,
		     struct err *err)
{
	char *path = path_of(object);
	struct column c = {.name = NULL};
	int ret = read_texts(p->file, path, &c, err);

	if (!ret) {
		ret = put_column(to, where, &c, NULL, err);
		column_release(&c);
	}
	free(path);
	return ret ? -1 : 1;
}

int plainer_copy(void *arg, hid_t object, hid_t to, const char *where, struct err *err)
{
	const struct plainer *p = arg;
	char *path;

	if (h5_attr_is(object, "encoding-type", "nullable-string-array"))
		return put_texts(p, object, to, where, err);
	if (!h5_attr_is(object, "encoding-type", "null"))
		return 0;
	path = path_of(object);
	notice_add("%s: %s is None, which anndata before 0.12 cannot read: left out", p->file->path,
		   *path ? path + 1 : path);
	free(path);
	return 1;
}

static herr_t look(hid_t root, const char *name, const H5O_info_t *info UNUSED, void *found)
{
	hid_t object = H5Oopen(root, name, H5P_DEFAULT);
	bool is = h5_attr_is(object, "encoding-type", "nullable-string-array") ||
		  h5_attr_is(object, "encoding-type", "null");

	h5_close(object);
	*(bool *)found |= is;
	return is; /* 1 ends the visit */
}

bool plainer_is_needed(const struct h5_file *file)
{
	bool found = false;

	return H5Ovisit(file->file, H5_INDEX_NAME, H5_ITER_NATIVE, look, &found) >= 0 && found;
}
