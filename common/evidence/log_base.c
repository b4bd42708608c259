/* log_base.c - see log_base.h. */
#include "base/util.h"

#include <math.h>

#include "evidence/log_base.h"

int log_base_of(struct h5ad *file, const struct input *input, double *base, struct err *err)
{
	*base = M_E;
	if (input->normalises)
		return 0;
	if (h5ad_uns_number(file, "log1p/base", base)) {
		if (*base <= 1 || *base > 100)
			return err_set(err, "%s: uns/log1p/base is %g", h5ad_path(file), *base);
		return 0;
	}
	if (isfinite(input->verdict.log_base) && input->verdict.kind == NORM_LOG2_OTHER)
		*base = input->verdict.log_base;
	return 0;
}
