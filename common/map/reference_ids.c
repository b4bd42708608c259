/* reference_ids.c - see reference_ids.h. */
#include "base/util.h"

#include "base/names.h"
#include "base/strtab.h"
#include "format/tsv.h"
#include "map/reference_ids.h"

int reference_ids_read(struct reference *ref, const char *path, struct err *err)
{
	struct strtab labels = {0};
	struct names ids = {0};
	size_t label, id;
	int got = -1;
	struct tsv *in = tsv_open(path, err);

	if (in && !tsv_need(in, "label", &label, err) && !tsv_need(in, "id", &id, err))
		while ((got = tsv_next(in, err)) > 0)
			if (strtab_add(&labels, in->fields[label]) == ids.n)
				names_add(&ids, in->fields[id]);
	tsv_close(in);
	for (size_t i = 0; i < ref->n_labels && !got; i++) {
		struct ref_labels *l = &ref->labels[i];

		MEM_ARRAY(l->ids, l->n + 1);
		for (size_t k = 0; k < l->n; k++) {
			uint32_t at = strtab_find(&labels, l->names[k]);

			l->ids[k] = reference_str(ref, at == STRTAB_NONE ? "" : ids.s[at]);
		}
	}
	strtab_release(&labels);
	names_release(&ids);
	return got;
}

int reference_ids_of_cells(struct reference *ref, struct frame *obs, const char *column,
			   struct err *err)
{
	const struct column *c = frame_column(obs, column, err);
	struct ref_labels *l = &ref->labels[0];
	struct text scratch = TEXT_INIT;

	if (!c)
		return -1;
	MEM_ZERO(l->ids, l->n + 1);
	for (size_t i = 0; i < ref->n_cells; i++) {
		int32_t label = l->of_cell[i];

		if (label >= 0 && !l->ids[label]) {
			const char *id = column_text(c, i, &scratch);

			if (id && *id)
				l->ids[label] = reference_str(ref, id);
		}
	}
	for (size_t k = 0; k < l->n; k++)
		if (!l->ids[k])
			l->ids[k] = reference_str(ref, "");
	text_release(&scratch);
	return 0;
}
