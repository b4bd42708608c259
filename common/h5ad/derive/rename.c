/* rename.c - see rename.h. */
#include "base/util.h"

#include "h5ad/derive/rename.h"
#include "h5ad/derive/select.h"
#include "matrix/genes.h"

void rename_release(struct rename *r)
{
	free(r->rules);
	names_release(&r->before);
	names_release(&r->after);
	free(r->place);
	free(r->rows);
	free(r->matrix_map);
	*r = (struct rename){.column = NULL};
}

/* ---- where names start ---- */

/* Symbols go by many names; the first of these that var has is used. */
static const struct column *symbol_column(struct frame *var, struct err *err)
{
	static const char *const names[] = {"feature_name", "gene_symbols", "gene_symbol",
					    "gene_name",    "gene_names",   "symbol",
					    "hgnc_symbol"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (frame_find(var, names[i]))
			return frame_column(var, names[i], err);
	return NULL;
}

/* CellxGene's rule is the first name; files that mix are told by the greater part. */
static bool are_no_symbols(char *const *names, size_t n)
{
	size_t n_ids = 0;

	for (size_t i = 0; i < n; i++)
		n_ids += gene_is_no_symbol(names[i]);
	return n && (gene_is_no_symbol(names[0]) || n_ids * 2 > n);
}

int rename_start(struct frame *var, const char *wanted, struct names *start, const char **used,
		 struct err *err)
{
	char **keys = frame_keys(var, err);
	const struct column *c = NULL;
	struct text scratch = TEXT_INIT;
	bool all = true;

	*used = NULL;
	if (!keys)
		return -1;
	if (str_eq(wanted, "auto")) {
		all = are_no_symbols(keys, var->n_rows);
		c = symbol_column(var, err);
	} else if (!str_eq(wanted, "none")) {
		c = frame_column(var, wanted, err);
	}
	if (!c && err_is_set(err))
		return -1;
	for (size_t i = 0; i < var->n_rows; i++) {
		const char *name = c && (all || gene_is_no_symbol(keys[i]))
					   ? column_text(c, i, &scratch)
					   : keys[i];
		if (*name && name != keys[i])
			*used = c->name;
		names_add(start, *name ? name : keys[i]);
	}
	text_release(&scratch);
	return 0;
}

/* ---- rows of one gene ---- */

/* The sum of every gene over X. The caller frees. */
static double *gene_sums(struct h5ad *in, struct pool *pool, struct err *err)
{
	const struct slot *slot = h5ad_slot(in, "X", err);
	struct stream *s = slot ? h5ad_stream(in, slot, NULL, pool, err) : NULL;
	double *sums = mem_zero(h5ad_n_genes(in), sizeof(*sums));
	struct cells *block;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0)
		for (size_t k = 0; k < cells_stored(block); k++)
			sums[block->genes[k]] += block->values[k];
	stream_free(s);
	if (got == 0)
		return sums;
	free(sums);
	return NULL;
}

/* Give every distinct name a place, and the row that stands for it. */
static void find_places(struct rename *r, const struct names *start, const double *sums)
{
	struct strtab distinct = {0};

	MEM_ARRAY(r->place, r->n);
	MEM_ARRAY(r->rows, r->n);
	for (size_t i = 0; i < r->n; i++) {
		size_t before = distinct.n;
		uint32_t place = strtab_add(&distinct, start->s[i]);
		r->place[i] = place;
		if (distinct.n > before) {
			names_add(&r->after, start->s[i]);
			r->rows[place] = i;
		} else if (sums && sums[i] > sums[r->rows[place]]) {
			r->rows[place] = i;
		}
	}
	strtab_release(&distinct);
}

static int merge_rows(struct h5ad *in, enum rename_duplicates way, struct pool *pool,
		      const struct names *start, struct rename *r, struct err *err)
{
	double *sums = NULL;

	if (way == RENAME_MAX && !(sums = gene_sums(in, pool, err)))
		return -1;
	find_places(r, start, sums);
	free(sums);
	r->matrix_map = mem_copy(r->place, r->n, sizeof(*r->place));
	for (size_t i = 0; i < r->n && way != RENAME_SUM; i++)
		if (r->rows[r->place[i]] != i)
			r->matrix_map[i] = STRTAB_NONE;
	return 0;
}

int rename_plan(struct h5ad *in, const char *column, const struct gene_tables *tables,
		enum rename_duplicates duplicates, struct pool *pool, struct rename *r,
		struct err *err)
{
	struct frame *var = h5ad_var(in);
	struct names start = {0};
	int ret = 0;

	*r = (struct rename){.column = NULL};
	if (rename_start(var, column, &start, &r->column, err))
		return -1;
	r->n = var->n_rows;
	r->before = names_of(frame_keys(var, err), r->n);
	MEM_ARRAY(r->rules, r->n);
	gene_names_apply(tables, duplicates == RENAME_SUM || duplicates == RENAME_MAX, &start,
			 r->rules);
	for (size_t i = 0; i < r->n; i++)
		r->n_by_rule[r->rules[i]]++;
	if (duplicates != RENAME_UNIQUE && names_repeated(start.s, start.n)) {
		ret = merge_rows(in, duplicates, pool, &start, r, err);
	} else {
		r->after = names_of(start.s, start.n);
		r->n_made_unique = names_make_unique(&r->after, "-");
	}
	names_release(&start);
	return ret;
}

/* ---- writing ---- */

static bool has_raw(const struct h5ad *in)
{
	for (size_t i = 0; i < h5ad_n_slots(in); i++)
		if (str_eq(h5ad_slot_at(in, i)->name, "raw"))
			return true;
	return false;
}

static int write_raw_var(struct h5ad *in, const struct gene_tables *tables, struct writer *out,
			 struct err *err)
{
	struct frame *var;
	struct names list = {0};
	enum gene_rule *rules;
	const char *used;

	if (!has_raw(in))
		return 0;
	var = h5ad_raw_var(in, err);
	if (!var || rename_start(var, "auto", &list, &used, err))
		return -1;
	MEM_ARRAY(rules, list.n);
	gene_names_apply(tables, false, &list, rules);
	names_make_unique(&list, "-");
	frame_set_keys(var, list.s);
	free(rules);
	names_release(&list);
	return writer_frame(out, "raw/var", var, err);
}

/* One matrix with the rows of each gene made one. */
static int write_merged(struct h5ad *in, const struct slot *slot, const struct rename *r,
			struct writer *out, struct pool *pool, struct err *err)
{
	struct stream *s = h5ad_stream(in, slot, NULL, pool, err);
	struct cells *block;
	int got = -1;

	if (!s)
		return -1;
	s = stream_map_genes(s, r->matrix_map, r->after.n, pool);
	if (!writer_matrix(out, slot->name, r->after.n, slot->integers ? WRITE_COUNTS : WRITE_FLOAT,
			   err)) {
		while ((got = stream_next(s, &block, err)) > 0) {
			if (writer_cells(out, block, err)) {
				got = -1;
				break;
			}
		}
	}
	stream_free(s);
	return got < 0 ? -1 : writer_matrix_end(out, err);
}

static int write_fewer(struct h5ad *in, const struct rename *r, struct writer *out,
		       struct pool *pool, struct err *err)
{
	struct frame *var = frame_take(h5ad_var(in), r->rows, r->after.n, err);
	int ret = var ? 0 : -1;

	for (size_t i = 0; i < h5ad_n_slots(in) && ret == 0; i++) {
		const struct slot *slot = h5ad_slot_at(in, i);
		if (!str_eq(slot->name, "raw"))
			ret = write_merged(in, slot, r, out, pool, err);
	}
	if (ret == 0) {
		frame_set_keys(var, r->after.s);
		ret = writer_frame(out, "var", var, err);
	}
	frame_free(var);
	if (ret == 0)
		ret = writer_carry_taken(out, in, NULL, 0, r->rows, r->after.n, err);
	return ret;
}

int rename_write(struct h5ad *in, const struct rename *r, const struct gene_tables *tables,
		 struct writer *out, struct pool *pool, struct err *err)
{
	struct frame *var = h5ad_var(in);

	if (write_raw_var(in, tables, out, err))
		return -1;
	if (r->place) {
		if (write_fewer(in, r, out, pool, err))
			return -1;
	} else {
		frame_set_keys(var, r->after.s);
		if (writer_frame(out, "var", var, err))
			return -1;
	}
	return writer_carry_rest(out, in, err);
}
