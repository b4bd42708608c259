/* outline.c - see outline.h. */
#include "base/util.h"

#include "h5ad/outline.h"

static const char *kind_name(const struct column *c)
{
	static const char *const names[] = {
		[COLUMN_STRING] = "string", [COLUMN_CATEGORY] = "category", [COLUMN_BOOL] = "bool",
		[COLUMN_INT] = "int",       [COLUMN_FLOAT] = "float",
	};

	return names[c->kind];
}

const char *column_type_name(const struct column *c, struct text *t)
{
	text_clear(t);
	text_add(t, "%s%s%s", c->nullable ? "nullable " : "", c->is_unsigned ? "u" : "",
		 kind_name(c));
	if (c->width)
		text_add(t, "%d", c->width * 8);
	return t->s;
}

/* A number, or nothing. */
static void put_optional(struct tsv_writer *out, const size_t *n)
{
	if (n)
		tsv_put_size(out, *n);
	else
		tsv_put(out, "");
}

static void put_row(struct tsv_writer *out, const char *part, const char *kind, const size_t *rows,
		    const size_t *columns, const char *type)
{
	tsv_put(out, part);
	tsv_put(out, kind);
	put_optional(out, rows);
	put_optional(out, columns);
	tsv_put(out, type);
}

static void end_row(struct tsv_writer *out, const size_t *stored, const char *compression)
{
	put_optional(out, stored);
	tsv_put(out, compression);
	tsv_end_row(out);
}

static void put_slot(struct tsv_writer *out, const struct slot *s)
{
	static const char *const storages[] = {
		[SLOT_CSR] = "csr", [SLOT_CSC] = "csc", [SLOT_DENSE] = "dense"};

	put_row(out, s->name, storages[s->storage], &s->n_cells, &s->n_genes, s->type);
	end_row(out, &s->n_stored, s->compression);
}

static void put_frame(struct tsv_writer *out, const char *name, const struct frame *f)
{
	struct text part = TEXT_INIT, type = TEXT_INIT;

	put_row(out, name, "table", &f->n_rows, &f->n_columns, f->key_name);
	end_row(out, NULL, "");
	for (size_t i = 0; i < f->n_columns; i++) {
		text_clear(&part);
		text_add(&part, "%s/%s", name, f->columns[i].name);
		put_row(out, part.s, "column", &f->n_rows, NULL,
			column_type_name(&f->columns[i], &type));
		end_row(out, NULL, "");
	}
	text_release(&part);
	text_release(&type);
}

static void put_members(struct tsv_writer *out, const struct h5ad *in, const char *group)
{
	struct text part = TEXT_INIT;

	for (size_t i = 0; i < h5ad_n_members(in, group); i++) {
		text_clear(&part);
		text_add(&part, "%s/%s", group, h5ad_member(in, group, i));
		put_row(out, part.s, "element", NULL, NULL, "");
		end_row(out, NULL, "");
	}
	text_release(&part);
}

int outline_put(struct tsv_writer *out, struct h5ad *in, struct err *err)
{
	static const char *const groups[] = {"obsm", "varm", "obsp", "varp", "uns"};
	struct frame *obs = h5ad_obs(in), *var = h5ad_var(in), *raw;
	size_t n_cells = h5ad_n_cells(in), n_genes = h5ad_n_genes(in);

	tsv_header(out, "part\tkind\trows\tcolumns\ttype\tstored\tcompression");
	put_row(out, "file", "anndata", &n_cells, &n_genes, h5ad_dialect(in));
	end_row(out, NULL, "");
	for (size_t i = 0; i < h5ad_n_slots(in); i++)
		put_slot(out, h5ad_slot_at(in, i));
	put_frame(out, "obs", obs);
	put_frame(out, "var", var);
	raw = h5ad_raw_var(in, err);
	if (raw)
		put_frame(out, "raw/var", raw);
	else
		err_clear(err);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		put_members(out, in, groups[i]);
	return 0;
}
