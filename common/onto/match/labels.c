/* labels.c - see labels.h. */
#include "base/util.h"

#include "base/text.h"
#include "format/tsv.h"
#include "h5ad/frame/label_column.h"
#include "h5ad/h5ad.h"
#include "onto/match/labels.h"

/* 's' with U+FFFD for each byte that is no UTF-8, in 'scratch' when there are any. */
static const char *as_utf8(const char *s, struct text *scratch, bool *replaced)
{
	size_t len = strlen(s);

	*replaced = !utf8_valid(s, len);
	if (!*replaced)
		return s;
	text_clear(scratch);
	while (*s) {
		size_t n = utf8_length(s);

		if (n)
			text_add_bytes(scratch, s, n);
		else
			text_add_utf8(scratch, 0xfffd);
		s += MAX(n, (size_t)1);
	}
	return scratch->s;
}

/* An id beside another makes several. */
static void add_id(struct labels *l, uint32_t key, const char *id)
{
	char **at = &l->ids[key];

	if (id)
		*at = !*at || str_eq(*at, id) ? arena_str(&l->arena, id, strlen(id)) : text_empty;
}

static void add_label(struct labels *l, const char *label, const char *tissue, const char *id)
{
	struct text scratch = TEXT_INIT;
	bool replaced;

	label = as_utf8(label, &scratch, &replaced);
	char *key = tissue ? mem_printf("%s\t%s", label, tissue) : mem_str(label);
	size_t before = l->keys.n;

	uint32_t number = strtab_add(&l->keys, key);

	if (l->keys.n > before) {
		MEM_GROW(l->ids, l->keys.n, l->cap_ids);
		l->ids[before] = NULL;
		MEM_GROW(l->texts, l->keys.n, l->cap_texts);
		MEM_GROW(l->tissues, l->keys.n, l->cap_tissues);
		l->texts[before] = arena_str(&l->arena, label, strlen(label));
		l->tissues[before] = tissue ? arena_str(&l->arena, tissue, strlen(tissue)) : NULL;
		l->n_not_utf8 += replaced;
	}
	add_id(l, number, id);
	free(key);
	text_release(&scratch);
}

int labels_read_tsv(struct labels *l, const char *path, const char *column, const char *tissue,
		    struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t label = 0, at_tissue = SIZE_MAX;
	int got = -1;

	if (!in || (column && tsv_need(in, column, &label, err)))
		goto close;
	if (!column && tsv_column(in, "label") != SIZE_MAX)
		label = tsv_column(in, "label");
	if (tissue)
		at_tissue = tsv_column(in, tissue);
	while ((got = tsv_next(in, err)) > 0) {
		add_label(l, in->fields[label],
			  at_tissue != SIZE_MAX ? in->fields[at_tissue] : tissue, NULL);
		l->n_rows++;
	}
close:
	tsv_close(in);
	return got;
}

/* Per label, the id that all its cells have which have one: NULL without any, "" of several. */
static const char **ids_of(const struct column_groups *labels, const struct column_groups *ids,
			   size_t n)
{
	const char **of;

	MEM_ZERO(of, labels->n + 1);
	for (size_t cell = 0; cell < n; cell++) {
		int32_t label = labels->codes[cell], id = ids->codes[cell];

		if (label < 0 || id < 0 || !*ids->names[id])
			continue;
		of[label] = !of[label] || of[label] == ids->names[id] ? ids->names[id] : "";
	}
	return of;
}

/* Each pair of label and tissue is added the first time it is seen. 'ids' are per label. */
static void add_cells(struct labels *l, const struct column_groups *labels, const char **ids,
		      const struct column_groups *tissues, const char *tissue, size_t n)
{
	size_t n_tissues = tissues ? tissues->n + 1 : 1;
	uint8_t *seen;

	MEM_ZERO(seen, mem_product(labels->n + 1, n_tissues));
	for (size_t cell = 0; cell < n; cell++) {
		int32_t label = labels->codes[cell];
		int32_t where = tissues ? tissues->codes[cell] : -1;

		if (label < 0)
			continue;
		l->n_rows++;
		uint8_t *pair = &seen[(size_t)label * n_tissues + (size_t)(where + 1) % n_tissues];

		if (*pair)
			continue;
		*pair = 1;
		add_label(l, labels->names[label], where >= 0 ? tissues->names[where] : tissue,
			  ids ? ids[label] : NULL);
	}
	free(seen);
}

static void read_cells(struct labels *l, const struct column *labels_column,
		       const struct column *ids_column, const struct column *where,
		       const char *tissue, size_t n)
{
	struct column_groups labels = column_group(labels_column), ids = {0}, tissues = {0};
	const char **of_label = NULL;

	if (ids_column) {
		ids = column_group(ids_column);
		of_label = ids_of(&labels, &ids, n);
	}
	if (where)
		tissues = column_group(where);
	add_cells(l, &labels, of_label, where ? &tissues : NULL, where ? NULL : tissue, n);
	free(of_label);
	column_groups_release(&labels);
	column_groups_release(&ids);
	column_groups_release(&tissues);
}

int labels_read_h5ad(struct labels *l, const char *path, const char *column, const char *ids,
		     const char *tissue, struct err *err)
{
	struct h5ad *in = h5ad_open(path, err);
	struct frame *obs = in ? h5ad_obs(in) : NULL;
	const char *found = obs ? label_column(obs, column, err) : NULL;
	const struct column *c = found ? frame_column(obs, found, err) : NULL;
	const struct column *given = c && ids ? frame_column(obs, ids, err) : NULL, *where = NULL;
	int ret = -1;

	if (c && tissue && frame_find(obs, tissue))
		where = frame_column(obs, tissue, err);
	if (c && !err_is_set(err)) {
		read_cells(l, c, given, where, tissue, obs->n_rows);
		l->column = found != column ? found : NULL;
		ret = 0;
	}
	if (ret && in)
		err_prefix(err, "%s", h5ad_path(in));
	h5ad_close(in);
	return ret;
}

void labels_release(struct labels *l)
{
	strtab_release(&l->keys);
	free(l->texts);
	free(l->tissues);
	free(l->ids);
	arena_release(&l->arena);
}
