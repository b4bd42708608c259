/* concat_members.c - obsm of all inputs under each other; varm where all agree. */
#include "base/util.h"

#include "h5ad/derive/concat_private.h"
#include "h5ad/frame/column_concat.h"

enum member_form { FORM_NONE, FORM_DENSE, FORM_SPARSE, FORM_FRAME, FORM_OTHER };

static enum member_form form_of(hid_t object)
{
	if (object < 0)
		return FORM_NONE;
	if (h5_is_dataset(object))
		return FORM_DENSE;
	if (sparse_encoding(object))
		return FORM_SPARSE;
	return h5_attr_is(object, "encoding-type", "dataframe") ? FORM_FRAME : FORM_OTHER;
}

/* What the members that are there have in common. */
static enum member_form common_form(const struct member_stack *s)
{
	enum member_form form = FORM_NONE;

	for (size_t i = 0; i < s->c->n; i++) {
		enum member_form one = form_of(s->objects[i]);
		if (one != FORM_NONE && form != FORM_NONE && one != form)
			return FORM_OTHER;
		form = one == FORM_NONE ? form : one;
	}
	return form;
}

/* ---- tables ------------------------------------------------------------------------------- */

/* The columns of all tables, or of any, as they first come up. */
static void list_columns(const struct member_stack *s, struct frame *const *frames,
			 struct strtab *names)
{
	for (size_t i = 0; i < s->c->n; i++) {
		for (size_t k = 0; frames[i] && k < frames[i]->n_columns; k++) {
			const char *name = frames[i]->columns[k].name;
			bool everywhere = true;
			for (size_t j = 0; j < s->c->n; j++)
				everywhere &= !frames[j] || frame_find(frames[j], name);
			if (everywhere || s->c->outer)
				strtab_add(names, name);
		}
	}
}

static int add_column(const struct member_stack *s, struct frame *const *frames, const char *name,
		      struct frame *all, struct err *err)
{
	const struct column **parts = mem_zero(s->c->n, sizeof(*parts));
	size_t *sizes = mem_zero(s->c->n, sizeof(*sizes));
	int ret = 0;

	for (size_t i = 0; i < s->c->n && ret == 0; i++) {
		sizes[i] = h5ad_n_cells(s->c->inputs[i]);
		if (!frames[i] || !frame_find(frames[i], name))
			continue;
		parts[i] = frame_column(frames[i], name, err);
		ret = parts[i] ? 0 : -1;
	}
	if (ret == 0) {
		struct column c = column_concat(name, parts, sizes, s->c->n);
		frame_add(all, &c);
	}
	free(parts);
	free(sizes);
	return ret;
}

static int write_frames(const struct member_stack *s, struct writer *out, struct err *err)
{
	struct frame **frames = mem_zero(s->c->n, sizeof(*frames)), *all;
	struct strtab names = {0};
	char *path = mem_printf("/%s", s->where);
	int ret = 0;

	all = frame_new(s->c->n_cells);
	frame_set_keys(all, s->c->obs->keys);
	for (size_t i = 0; i < s->c->n && ret == 0; i++) {
		if (s->objects[i] < 0)
			continue;
		frames[i] = frame_of_file(&s->in[i].view.h5, path, err);
		if (!frames[i])
			ret = -1;
		else if (frames[i]->n_rows != h5ad_n_cells(s->c->inputs[i]))
			ret = err_set(err, "%s: %s: has %zu rows, but obs has %zu",
				      h5ad_path(s->c->inputs[i]), path, frames[i]->n_rows,
				      h5ad_n_cells(s->c->inputs[i]));
	}
	if (ret == 0)
		list_columns(s, frames, &names);
	for (uint32_t id = 0; id < names.n && ret == 0; id++)
		ret = add_column(s, frames, strtab_str(&names, id), all, err);
	if (ret == 0)
		ret = writer_frame(out, s->where, all, err);
	for (size_t i = 0; i < s->c->n; i++)
		frame_free(frames[i]);
	free(frames);
	frame_free(all);
	strtab_release(&names);
	free(path);
	return ret;
}

/* ---- obsm --------------------------------------------------------------------------------- */

static int write_stack(struct member_stack *s, struct writer *out, struct err *err)
{
	switch (common_form(s)) {
	case FORM_DENSE:
		return concat_dense(s, out, err);
	case FORM_SPARSE:
		return concat_sparse(s, out, err);
	case FORM_FRAME:
		return write_frames(s, out, err);
	default:
		return 1;
	}
}

/* Open a member in every input that has it, and count them. What is there has to be opened. */
static int open_stack(struct member_stack *s, size_t *n, struct err *err)
{
	*n = 0;
	for (size_t i = 0; i < s->c->n; i++)
		s->objects[i] = H5I_INVALID_HID;
	for (size_t i = 0; i < s->c->n; i++) {
		const struct h5_file *file = &s->in[i].view.h5;

		if (!put_exists(file->file, s->where))
			continue;
		s->objects[i] = h5_open(file, s->where, err);
		if (s->objects[i] < 0)
			return -1;
		*n += 1;
	}
	return 0;
}

static int concat_member(struct concat *c, struct modern *in, const char *name, struct writer *out,
			 struct err *err)
{
	struct member_stack s = {.c = c, .in = in};
	size_t n;
	int ret;

	s.where = mem_printf("obsm/%s", name);
	MEM_ARRAY(s.objects, c->n);
	ret = open_stack(&s, &n, err) ? -1 : 1;
	if (ret > 0 && (n == c->n || c->outer))
		ret = write_stack(&s, out, err);
	if (ret > 0)
		names_add(&c->left_out, s.where);
	for (size_t i = 0; i < c->n; i++)
		h5_close(s.objects[i]);
	free(s.objects);
	free(s.where);
	return ret < 0 ? -1 : 0;
}

/* The names in a group of any input. */
static int list_names(struct concat *c, struct modern *in, const char *group, struct strtab *names,
		      struct err *err)
{
	struct members m;

	for (size_t i = 0; i < c->n; i++) {
		if (list_members(&in[i].view.h5, group, &m, err))
			return -1;
		for (size_t k = 0; k < m.n; k++)
			strtab_add(names, m.names[k]);
	}
	return 0;
}

/* ---- varm --------------------------------------------------------------------------------- */

/*
 * A dense array's bytes, of the type it is stored as; NULL when it is something else, and with
 * 'err' when it cannot be read.
 */
static char *read_rows(const struct modern *in, const char *where, hid_t *type, uint64_t dims[2],
		       struct err *err)
{
	hid_t object = put_exists(in->view.h5.file, where) ? h5_open(&in->view.h5, where, err)
							   : H5I_INVALID_HID;
	char *values = NULL;

	*type = H5I_INVALID_HID;
	if (h5_is_dataset(object) && h5_shape(object, dims) == 2 &&
	    !h5_check_stored(&in->view.h5, object, where, err)) {
		*type = H5Dget_type(object);
		if (H5Tget_class(*type) == H5T_FLOAT || H5Tget_class(*type) == H5T_INTEGER) {
			values =
				mem_zero(MAX(1, mem_product(dims[0], dims[1])), H5Tget_size(*type));
			if (H5Dread(object, *type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
				err_set(err, "%s: %s: cannot be read", in->view.h5.path, where);
		}
	}
	h5_close(object);
	return values;
}

/* Are the rows of the result's genes the same in every input? No, and 'err', when one cannot be read. */
static bool varm_agrees(struct concat *c, struct modern *in, const char *where, size_t *const *rows,
			struct err *err)
{
	hid_t type, other;
	uint64_t dims[2], more[2];
	char *first = read_rows(&in[0], where, &type, dims, err);
	bool same = first;

	for (size_t i = 1; i < c->n && same; i++) {
		char *values = read_rows(&in[i], where, &other, more, err);
		size_t n = values ? mem_product(dims[1], H5Tget_size(type)) : 0;
		same = values && more[1] == dims[1] && H5Tequal(type, other) > 0;
		for (size_t k = 0; k < c->genes.genes.n && same; k++)
			same = memcmp(first + rows[0][k] * n, values + rows[i][k] * n, n) == 0;
		h5_close(other);
		free(values);
	}
	h5_close(type);
	free(first);
	return same;
}

static int write_varm(struct concat *c, struct modern *in, const struct strtab *names,
		      struct writer *out, struct err *err)
{
	size_t **rows = mem_zero(c->n, sizeof(*rows)), n = c->genes.genes.n;
	bool everywhere = true;
	int ret = 0;

	for (size_t i = 0; i < c->n; i++) {
		rows[i] = concat_rows_of(c, i);
		for (size_t k = 0; k < n; k++)
			everywhere &= rows[i][k] != SIZE_MAX;
	}
	struct take taken = {rows[0], n, h5ad_n_genes(c->inputs[0])};
	for (uint32_t id = 0; id < names->n && ret == 0; id++) {
		char *where = mem_printf("varm/%s", strtab_str(names, id));
		if (!everywhere || !varm_agrees(c, in, where, rows, err))
			names_add(&c->left_out, where);
		else if (writer_place(out, where, err) ||
			 take_member(out, &in[0].view, where, &taken, NULL, err))
			ret = writer_failed(out, err);
		ret = err_is_set(err) ? -1 : ret;
		free(where);
	}
	for (size_t i = 0; i < c->n; i++)
		free(rows[i]);
	free(rows);
	return ret;
}

int concat_members(struct concat *c, struct writer *out, struct err *err)
{
	struct modern *in = mem_zero(c->n, sizeof(*in));
	struct strtab obsm = {0}, varm = {0};
	int ret = 0;

	for (size_t i = 0; i < c->n && ret == 0; i++)
		ret = modern_open(&in[i], c->inputs[i], err);
	if (ret == 0)
		ret = list_names(c, in, "/obsm", &obsm, err);
	for (uint32_t id = 0; id < obsm.n && ret == 0; id++)
		ret = concat_member(c, in, strtab_str(&obsm, id), out, err);
	if (ret == 0)
		ret = list_names(c, in, "/varm", &varm, err);
	if (ret == 0)
		ret = write_varm(c, in, &varm, out, err);
	for (size_t i = 0; i < c->n; i++)
		modern_close(&in[i]);
	free(in);
	strtab_release(&obsm);
	strtab_release(&varm);
	return ret;
}
