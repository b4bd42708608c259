/* class_ids.c - see class_ids.h. */
#include "base/util.h"

#include "model/class_ids.h"

static const char *id_of(const struct labelmap *map, const char *class, double min_score)
{
	const struct labelmap_row *row = labelmap_find(map, class);

	if (!row)
		row = labelmap_find_name(map, class, min_score);
	return row && !(row->score < min_score) ? row->id : "";
}

size_t class_ids_from_map(struct model *m, const struct labelmap *map, double min_score)
{
	char **ids = mem_alloc(m->n_classes, sizeof(*ids));
	size_t n = 0;

	for (size_t c = 0; c < m->n_classes; c++) {
		ids[c] = model_str(m, id_of(map, m->classes[c], min_score));
		n += *ids[c] != '\0';
	}
	free(m->cl_ids);
	m->cl_ids = n ? ids : NULL;
	if (!n)
		free(ids);
	return n;
}
