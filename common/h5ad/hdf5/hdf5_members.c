/* hdf5_members.c - the names in a group, or of the fields of a compound dataset. */
#include "base/util.h"

#include "h5ad/hdf5/hdf5.h"

struct listing {
	struct arena *arena;
	struct members *m;
	size_t cap;
};

static herr_t add_link(hid_t group UNUSED, const char *name, const H5L_info_t *info UNUSED,
		       void *data)
{
	struct listing *l = data;

	MEM_GROW(l->m->names, l->m->n + 1, l->cap);
	l->m->names[l->m->n++] = arena_str(l->arena, name, strlen(name));
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_links(hid_t group, struct listing *l)
{
	if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, add_link, l) < 0)
		return -1;
	if (l->m->n)
		qsort(l->m->names, l->m->n, sizeof(*l->m->names), by_bytes);
	return 0;
}

static int list_fields(hid_t dataset, struct listing *l)
{
	hid_t type = H5Dget_type(dataset);
	int n = type >= 0 && H5Tget_class(type) == H5T_COMPOUND ? H5Tget_nmembers(type) : 0;

	for (int i = 0; i < n; i++) {
		char *name = H5Tget_member_name(type, (unsigned)i);
		if (name)
			add_link(dataset, name, NULL, l);
		H5free_memory(name);
	}
	h5_close(type);
	return 0;
}

int list_members(struct h5_file *f, const char *path, struct members *m, struct err *err)
{
	struct listing l = {.arena = &f->arena, .m = m};
	char **names;

	*m = (struct members){NULL, 0};
	if (!h5_exists(f->file, path))
		return 0;
	hid_t object = h5_open(f, path, err);
	if (object < 0)
		return -1;
	int ret = h5_is_group(object)     ? list_links(object, &l)
		  : h5_is_dataset(object) ? list_fields(object, &l)
					  : 0;
	h5_close(object);
	names = arena_alloc(&f->arena, mem_product(MAX(m->n, 1), sizeof(*names)));
	if (m->n)
		memcpy(names, m->names, m->n * sizeof(*names));
	free(m->names);
	m->names = names;
	return ret ? err_set(err, "%s: %s: its members cannot be listed", f->path, path) : 0;
}
