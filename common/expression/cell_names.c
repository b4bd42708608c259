/* cell_names.c - see cell_names.h. */
#include "base/util.h"

#include "base/strtab.h"
#include "expression/cell_names.h"

#define AT_ONCE ((size_t)8192)

void cell_names_add(struct cell_names *c, char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		distinct_add(&c->seen, names[i]);
}

int cell_names_check(struct cell_names *c, struct input *in, struct err *err)
{
	size_t n_cells = h5ad_n_cells(in->file), n;
	struct strtab those = {0};
	int ret = 0;

	for (size_t first = 0; first < n_cells && c->seen.n && !ret; first += n) {
		n = MIN(n_cells - first, AT_ONCE);
		char *const *names = input_cells(in, first, n, err);

		ret = names ? 0 : -1;
		for (size_t i = 0; i < n && !ret; i++) {
			size_t before = those.n;

			if (!distinct_is_suspect(&c->seen, names[i]))
				continue;
			strtab_add(&those, names[i]);
			if (those.n == before)
				ret = err_set(err,
					      "%s: two cells are called %s (h5-select "
					      "--make-unique gives them names of their own)",
					      h5ad_path(in->file), names[i]);
		}
	}
	strtab_release(&those);
	return ret;
}

void cell_names_release(struct cell_names *c)
{
	distinct_release(&c->seen);
}
