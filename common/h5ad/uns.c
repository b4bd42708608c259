/* uns.c - see uns.h. */
#include "base/util.h"

#include <math.h>

#include "h5ad/array.h"
#include "h5ad/put.h"
#include "h5ad/uns.h"

bool uns_number(const struct h5ad *f, const char *path, double *value)
{
	struct err err = ERR_INIT;
	struct array a = {0};
	char *at = mem_printf("/uns/%s", path);
	int64_t whole;
	bool found = false;

	if (put_exists(f->h5.file, at + 1)) {
		if (!array_open(&a, &f->h5, at, NULL, &err) && a.n == 1) {
			if (a.kind == ARRAY_FLOAT) {
				found = !array_floats(&a, value, &err);
			} else if (a.kind == ARRAY_INT) {
				found = !array_ints(&a, &whole, &err);
				*value = (double)whole;
			}
		}
		array_close(&a);
	}
	free(at);
	return found && isfinite(*value);
}
