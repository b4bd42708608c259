/* class_ids.c - a model's classes get the ids of their cells, or of a map. */
#include "base/util.h"

#include "train/class_ids.h"

/* Keep the ids, which are the model's, when there are any. */
static size_t keep_ids(struct model *m, char **ids)
{
	size_t n = 0;

	for (size_t class = 0; class < m->n_classes; class ++)
		n += *ids[class] != '\0';
	free(m->cl_ids);
	m->cl_ids = n ? ids : NULL;
	if (!n)
		free(ids);
	return n;
}

/* The id that most cells of a class have, by its counts; SIZE_MAX when none has one. */
static size_t most(const size_t *counts, const struct column_groups *ids, size_t *n_different)
{
	size_t best = SIZE_MAX;

	*n_different = 0;
	for (size_t i = 0; i < ids->n; i++) {
		if (!counts[i] || str_eq(ids->names[i], "unknown"))
			continue;
		++*n_different;
		if (best == SIZE_MAX || counts[i] > counts[best])
			best = i;
	}
	return best;
}

size_t class_ids_from_cells(struct model *m, const struct cohort *c,
			    const struct column_groups *ids, size_t *n_split)
{
	size_t *counts = mem_zero(mem_product(m->n_classes, ids->n + 1), sizeof(*counts));
	char **of_class = mem_alloc(m->n_classes, sizeof(*of_class));

	*n_split = 0;
	for (size_t cell = 0; cell < c->n; cell++) {
		int32_t id = ids->codes[c->rows[cell]];

		if (id >= 0)
			counts[(size_t)c->class_of[cell] * (ids->n + 1) + (size_t)id]++;
	}
	for (size_t class = 0; class < m->n_classes; class ++) {
		size_t n_different;
		size_t best = most(counts + class * (ids->n + 1), ids, &n_different);

		*n_split += n_different > 1;
		of_class[class] = model_str(m, best == SIZE_MAX ? "" : ids->names[best]);
	}
	free(counts);
	return keep_ids(m, of_class);
}

size_t class_ids_from_map(struct model *m, const struct labelmap *map, double min_score)
{
	char **ids = mem_alloc(m->n_classes, sizeof(*ids));

	for (size_t class = 0; class < m->n_classes; class ++) {
		const struct labelmap_row *row = labelmap_find(map, m->classes[class]);

		ids[class] = model_str(m, row && !(row->score < min_score) ? row->id : "");
	}
	return keep_ids(m, ids);
}
