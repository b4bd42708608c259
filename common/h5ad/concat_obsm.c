/* concat_obsm.c - obsm arrays under each other, some rows at a time. */
#include "base/util.h"

#include "h5ad/concat_internal.h"
#include "h5ad/writer_internal.h"

/* One array as it stands in each input. */
struct stack {
	struct concat *c;
	const char *name;
	size_t width;
	bool narrow;      /* 32 bits are enough */
	double *rows;     /* a batch */
	float *as_floats; /* the same, when narrow */
};

static bool has_member(const struct h5ad *f, const char *name)
{
	for (size_t i = 0; i < h5ad_n_members(f, "obsm"); i++)
		if (str_eq(h5ad_member(f, "obsm", i), name))
			return true;
	return false;
}

/* Do all inputs have it as a dense array of one width? */
static bool stacks(struct stack *s)
{
	struct err err = ERR_INIT;

	s->narrow = true;
	for (size_t i = 0; i < s->c->n; i++) {
		struct h5ad *in = s->c->inputs[i];
		size_t width;
		bool narrow;
		/* An error says that it is a frame, or sparse. */
		if (!has_member(in, s->name) ||
		    h5ad_obsm_shape(in, s->name, &width, &narrow, &err) ||
		    (i > 0 && width != s->width))
			return false;
		s->width = width;
		s->narrow &= narrow;
	}
	return true;
}

/* Rows [first, first + n) of the result, from as many inputs as they come from. */
static int read_batch(struct stack *s, size_t first, size_t n, struct err *err)
{
	size_t before = 0, done = 0;

	for (size_t i = 0; i < s->c->n && done < n; i++) {
		size_t end = before + h5ad_n_cells(s->c->inputs[i]), at = first + done;
		if (at < end) {
			size_t some = MIN(n - done, end - at);
			if (h5ad_obsm_rows(s->c->inputs[i], s->name, at - before, some,
					   s->rows + done * s->width, err))
				return -1;
			done += some;
		}
		before = end;
	}
	return 0;
}

static int write_rows(struct stack *s, struct put_rows *p, struct err *err)
{
	for (size_t row = 0; row < s->c->n_cells; row += p->batch) {
		size_t n = MIN(p->batch, s->c->n_cells - row);
		if (read_batch(s, row, n, err))
			return -1;
		for (size_t i = 0; s->narrow && i < n * s->width; i++)
			s->as_floats[i] = (float)s->rows[i];
		if (put_rows_add(p, s->narrow ? (void *)s->as_floats : s->rows, n, err))
			return -1;
	}
	return 0;
}

static int write_stack(struct stack *s, const char *where, struct writer *out, struct err *err)
{
	const hsize_t dims[2] = {s->c->n_cells, s->width};
	hid_t type = s->narrow ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
	struct put_rows p = {.dataset = H5I_INVALID_HID};
	int ret;

	if (writer_place(out, where, err) ||
	    put_rows_start(&p, out->file, where, type, 2, dims, &out->encoding, err))
		return writer_failed(out, err);
	MEM_ARRAY(s->rows, mem_product(p.batch, s->width));
	MEM_ARRAY(s->as_floats, mem_product(p.batch, s->width));
	ret = s->width ? write_rows(s, &p, err) : 0;
	if (ret == 0 && put_rows_end(&p, "array", err))
		ret = writer_failed(out, err);
	put_rows_release(&p);
	free(s->rows);
	free(s->as_floats);
	return ret;
}

int concat_obsm(struct concat *c, struct writer *out, struct err *err)
{
	int ret = 0;

	for (size_t k = 0; ret == 0 && k < h5ad_n_members(c->inputs[0], "obsm"); k++) {
		struct stack s = {.c = c, .name = h5ad_member(c->inputs[0], "obsm", k)};
		char *where = mem_printf("obsm/%s", s.name);
		if (stacks(&s))
			ret = write_stack(&s, where, out, err);
		else
			names_add(&c->left_out, where);
		free(where);
	}
	return ret;
}
