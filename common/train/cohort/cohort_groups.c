/* cohort_groups.c - groups of labelled cells, in a drawn order. */
#include "base/util.h"

#include "base/rng.h"
#include "train/cohort/cohort_private.h"

struct dealt *cohort_groups(const struct column_groups *groups, const struct column_groups *label,
			    size_t n_rows, uint64_t seed)
{
	struct dealt *dealt = mem_zero(groups->n, sizeof(*dealt));

	for (size_t g = 0; g < groups->n; g++) {
		dealt[g].name = groups->names[g];
		dealt[g].group = g;
		dealt[g].order =
			hash_bytes(groups->names[g], strlen(groups->names[g]), mix64(seed));
	}
	for (size_t row = 0; row < n_rows; row++)
		if (label->codes[row] >= 0 && groups->codes[row] >= 0)
			dealt[groups->codes[row]].n_cells++;
	return dealt;
}
