/* model_file.c - see model_file.h. */
#include "base/util.h"

#include <sys/stat.h>

#include "model/celltypist.h"
#include "model/container.h"
#include "model/model_file.h"

/* Telling the formats apart reads the start twice, which a pipe does not allow. */
static int check_plain(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, "%s: a model is read from a plain file", path);
	return 0;
}

struct model *model_read(const char *path, struct err *err)
{
	struct model *m;

	if (check_plain(path, err))
		return NULL;
	m = container_is(path) ? container_read(path, err) : celltypist_read(path, err);
	if (m && model_check(m, path, err)) {
		model_free(m);
		return NULL;
	}
	return m;
}

int model_write(const struct model *m, const char *path, struct err *err)
{
	return str_ends(path, ".pkl") ? celltypist_write(m, path, err)
				      : container_write(m, path, err);
}

char *model_file_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	static const char *const suffixes[] = {".h5", ".pkl", ".pkl.gz"};

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (str_ends(base, suffixes[i]) && !str_eq(base, suffixes[i]))
			return mem_strn(base, strlen(base) - strlen(suffixes[i]));
	}
	return mem_str(base);
}
