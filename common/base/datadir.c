/* datadir.c - see datadir.h. */
#include "base/util.h"

#include <limits.h>
#include <unistd.h>

#include "base/datadir.h"
#include "base/mem.h"
#include "base/text.h"

/* The folder of the running program, without a slash at the end. */
static char *program_folder(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len <= 0)
		return mem_str(".");
	path[len] = '\0';
	char *slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return mem_str(path);
}

bool datadir_program(const char *name)
{
	char *folder = program_folder();
	char *path = mem_printf("%s/%s", folder, name);
	bool there = access(path, X_OK) == 0;

	free(path);
	free(folder);
	return there;
}

/* Deepest first, so that a sanitizer build in build/san/bin finds the tree as build/bin does. */
static const char *const beside[] = {"../../", "../../../", "../share/pipette/",
				     "../../share/pipette/"};

char *datadir_find(const char *name, struct err *err)
{
	const char *named = getenv("PIPETTE_DATA");
	char *path, *folder;

	if (named && *named) {
		path = mem_printf("%s/%s", named, name);
		if (access(path, R_OK) == 0)
			return path;
		err_set(err, "%s: not there (PIPETTE_DATA is %s)", path, named);
		free(path);
		return NULL;
	}
	folder = program_folder();
	for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
		path = mem_printf("%s/%s%s", folder, beside[i], name);
		if (access(path, R_OK) == 0) {
			free(folder);
			return path;
		}
		free(path);
	}
	err_set(err,
		"%s: not found near %s (set PIPETTE_DATA to the folder that has ontology and refs)",
		name, folder);
	free(folder);
	return NULL;
}
