/* carry_taken.c - what follows the cells and genes, when only some of them are kept. */
#include "base/util.h"

#include "h5ad/derive/modern.h"

static int take_frame(struct writer *w, const struct h5ad *view, const char *path,
		      const char *where, const struct take *rows, struct err *err)
{
	struct frame *f = frame_of_file(&view->h5, path, err), *t;
	char **keys = f ? frame_keys(f, err) : NULL, **taken;
	int ret = keys ? 0 : -1;

	if (ret == 0 && f->n_rows != rows->total)
		ret = err_set(err, "%s: %s: has %zu rows, expected %zu", view->h5.path, path,
			      f->n_rows, rows->total);
	if (ret) {
		frame_free(f);
		return -1;
	}
	t = frame_new(rows->n);
	free(t->key_name);
	t->key_name = mem_str(f->key_name);
	MEM_ARRAY(taken, rows->n);
	for (size_t i = 0; i < rows->n; i++)
		taken[i] = keys[rows->items[i]];
	frame_set_keys(t, taken);
	free(taken);
	for (size_t i = 0; i < f->n_columns && ret == 0; i++) {
		const struct column *c = frame_column_at(f, i, err);
		if (!c) {
			ret = -1;
			break;
		}
		struct column part = column_take(c, rows->items, rows->n);
		if (part.kind == COLUMN_CATEGORY)
			column_drop_unused(&part);
		frame_add(t, &part);
		frame_forget(f, c);
	}
	if (ret == 0)
		ret = put_frame(w->file, where, t, &w->encoding, err);
	frame_free(t);
	frame_free(f);
	return ret;
}

int take_member(struct writer *w, const struct h5ad *view, const char *where,
		const struct take *rows, const struct take *columns, struct err *err)
{
	char *path = mem_printf("/%s", where);
	hid_t object = h5_open(&view->h5, path, err);
	int ret;

	if (object < 0)
		ret = -1;
	else if (!rows->items)
		ret = copy_object(w, view, path, where, err);
	else if (h5_is_dataset(object))
		ret = take_dense(w, view, object, where, rows, columns, err);
	else if (sparse_encoding(object))
		ret = take_sparse(w, view, object, where, rows, columns, err);
	else if (h5_attr_is(object, "encoding-type", "dataframe"))
		ret = take_frame(w, view, path, where, rows, err);
	else
		ret = err_set(err,
			      "%s: %s: is of a kind whose rows cannot be taken (remove it first)",
			      view->h5.path, where);
	h5_close(object);
	free(path);
	return ret;
}

static int take_group(struct writer *w, struct h5ad *view, const char *group,
		      const struct take *rows, const struct take *columns, struct err *err)
{
	struct members m;
	char *path = mem_printf("/%s", group);
	int ret = put_dict(w->file, group, err);

	if (ret == 0)
		ret = list_members(&view->h5, path, &m, err);
	for (size_t i = 0; ret == 0 && i < m.n; i++) {
		char *where = mem_printf("%s/%s", group, m.names[i]);
		if (!put_exists(w->file, where))
			ret = take_member(w, view, where, rows, columns, err);
		free(where);
	}
	free(path);
	return ret;
}

int writer_carry_taken(struct writer *w, struct h5ad *in, const size_t *cells, size_t n_cells,
		       const size_t *genes, size_t n_genes, struct err *err)
{
	size_t all_cells = h5ad_n_cells(in), all_genes = h5ad_n_genes(in);
	struct take by_cell = {cells, cells ? n_cells : all_cells, all_cells};
	struct take by_gene = {genes, genes ? n_genes : all_genes, all_genes};
	struct modern m;
	int ret = modern_open(&m, in, err);

	if (ret == 0)
		ret = take_group(w, &m.view, "obsm", &by_cell, NULL, err) ||
				      take_group(w, &m.view, "varm", &by_gene, NULL, err) ||
				      take_group(w, &m.view, "obsp", &by_cell, &by_cell, err) ||
				      take_group(w, &m.view, "varp", &by_gene, &by_gene, err) ||
				      carry_group(w, in, "uns", err)
			      ? -1
			      : 0;
	modern_close(&m);
	return ret ? writer_failed(w, err) : 0;
}
