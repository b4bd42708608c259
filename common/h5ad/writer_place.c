/* writer_place.c - where things go in a file being written, and what went wrong there. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/writer_private.h"

int writer_failed(struct writer *w, struct err *err)
{
	return err_prefix(err, "%s", w->target);
}

int writer_place(struct writer *w, const char *where, struct err *err)
{
	if (str_starts(where, "raw/") && !put_exists(w->file, "raw")) {
		hid_t raw = put_group(w->file, "raw", "raw", "0.1.0", err);
		if (raw < 0)
			return -1;
		H5Gclose(raw);
		if (put_dict(w->file, "raw/varm", err))
			return -1;
	}
	for (const char *slash = strchr(where, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *group = mem_strn(where, (size_t)(slash - where));
		int ret = put_dict(w->file, group, err);
		free(group);
		if (ret)
			return -1;
	}
	return 0;
}
