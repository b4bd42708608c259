/* stamp.c - see stamp_private.h. */
#include "base/util.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "conf/stamp_private.h"

static int stamp_file(struct text *t, const char *path, struct err *err)
{
	struct stat st;

	if (!path)
		return 0;
	if (stat(path, &st))
		return err_errno(err, "%s", path);
	text_add(t, "%s%s %lld %lld.%09ld", t->len ? " " : "", path, (long long)st.st_size,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return 0;
}

/* Where ".mtx" or ".mtx.gz" begins, or NULL. */
static const char *mtx_ending(const char *name)
{
	const char *at = strstr(name, ".mtx");

	return at && (str_eq(at, ".mtx") || str_eq(at, ".mtx.gz")) ? at : NULL;
}

/* Is this the name of a list, or of its part after a prefix? */
static bool is_list(const char *name)
{
	static const char *const lists[] = {"features.t", "genes.t", "barcodes.t", "cells.t"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (str_starts(name, lists[i]))
			return true;
	return false;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Stamps of what is in a folder, or of the lists there whose names begin as 'prefix' does. */
static int stamp_parts(struct text *t, const char *folder, const char *prefix, size_t len,
		       struct err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, NULL, by_bytes), ret = 0;

	if (n < 0)
		return err_errno(err, "%s", folder);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *path = mem_printf("%s/%s", folder, name);
		bool ours = prefix ? strncmp(name, prefix, len) == 0 && is_list(name + len)
				   : *name != '.';

		if (ret == 0 && ours)
			ret = stamp_file(t, path, err);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int stamp_source(struct text *t, const char *path, struct err *err)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path, *matrix;
	struct stat st;
	char *folder;
	int ret = stamp_file(t, path, err);

	if (ret || !path)
		return ret;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return stamp_parts(t, path, NULL, 0, err);
	if (!mtx_ending(name))
		return 0;
	folder = slash ? mem_strn(path, (size_t)(slash - path)) : mem_str(".");
	matrix = strstr(name, "matrix.mtx");
	if (!matrix)
		matrix = mtx_ending(name);
	ret = stamp_parts(t, folder, name, (size_t)(matrix - name), err);
	free(folder);
	return ret;
}
