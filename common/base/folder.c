/* folder.c - see folder.h. */
#include "base/util.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "base/mem.h"

int folder_make(const char *path, struct err *err)
{
	char *copy = mem_str(path);
	int ret = 0;

	for (char *at = copy; *at && ret == 0;) {
		char was;

		at += strspn(at, "/");
		at += strcspn(at, "/");
		was = *at;
		*at = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			ret = err_errno(err, "%s: this folder cannot be made", copy);
		*at = was;
	}
	free(copy);
	return ret;
}
