/* query_counts.c - counts over a model's genes; see query_counts.h. */
#include "base/util.h"

#include "base/strtab.h"
#include "vae/query_counts.h"

/* ---- which matrix ---- */

static int judge_first(struct h5ad *file, const struct slot *slot, struct pool *pool,
		       struct norm_verdict *v, struct err *err)
{
	struct stream *s = h5ad_stream(file, slot, NULL, pool, err);
	struct norm_look *look;
	struct cells *block;
	int got;

	if (!s)
		return -1;
	look = norm_look_new();
	got = stream_next(s, &block, err);
	if (got > 0)
		norm_look_at(look, block, pool);
	*v = norm_judge(look);
	norm_look_free(look);
	stream_free(s);
	return got < 0 ? -1 : 0;
}

static int choose_slot(struct query_counts *q, struct err *err)
{
	struct norm_verdict second;
	const struct slot *fractional = NULL;
	struct text seen = TEXT_INIT;

	for (size_t i = 0; i < h5ad_n_slots(q->file); i++) {
		const struct slot *slot = h5ad_slot_at(q->file, i);
		struct err unread = ERR_INIT;

		if (judge_first(q->file, slot, q->pool, &q->verdict, &unread))
			continue;
		q->slot = slot;
		if (q->verdict.kind == NORM_COUNTS) {
			text_release(&seen);
			return 0;
		}
		text_add(&seen, "%s%s is %s", seen.len ? ", " : "", slot->name,
			 norm_name(q->verdict.kind));
		if (q->verdict.kind == NORM_FRACTIONAL_COUNTS && !fractional) {
			fractional = slot;
			second = q->verdict;
		}
	}
	q->slot = fractional;
	if (fractional)
		q->verdict = second;
	else
		err_refuse(err,
			   "%s: no matrix holds counts, which such a model needs: %s "
			   "(--slot takes one as it is)",
			   h5ad_path(q->file), seen.len ? seen.s : "it has none");
	text_release(&seen);
	return fractional ? 0 : -1;
}

/* ---- which genes ---- */

/* "ENSG00000000003.14" without its version. */
static size_t bare_length(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && str_starts(name, "ENS") ? (size_t)(dot - name) : strlen(name);
}

static const char *const name_columns[] = {"feature_name", "gene_symbols", "gene_symbol",
					   "gene_name",    "gene_ids",     "gene_id",
					   "feature_id",   "ensembl_id",   NULL};

/* Lay names over the model's; each of its genes is taken once. Returns how many are found. */
static size_t match(const struct strtab *genes, const char *const *names, size_t n, uint32_t *map)
{
	bool *taken = mem_zero(genes->n + 1, sizeof(*taken));
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t at = strtab_find_n(genes, names[i], bare_length(names[i]));

		map[i] = STRTAB_NONE;
		if (at == STRTAB_NONE || taken[at])
			continue;
		taken[at] = true;
		map[i] = at;
		found++;
	}
	free(taken);
	return found;
}

static int match_column(struct query_counts *q, struct frame *var, const char *name,
			const struct strtab *genes, struct err *err)
{
	const struct column *c = frame_column(var, name, err);
	struct arena arena = {0};
	struct text scratch = TEXT_INIT;
	const char **names;
	uint32_t *map;
	size_t found;

	if (!c)
		return -1;
	MEM_ZERO(names, c->n + 1);
	MEM_ZERO(map, c->n + 1);
	for (size_t i = 0; i < c->n; i++) {
		const char *s = column_missing(c, i) ? "" : column_text(c, i, &scratch);

		names[i] = arena_str(&arena, s, strlen(s));
	}
	found = match(genes, names, c->n, map);
	if (found > q->n_found) {
		free(q->map);
		q->map = map;
		q->n_found = found;
		q->column = name;
	} else {
		free(map);
	}
	free(names);
	arena_release(&arena);
	text_release(&scratch);
	return 0;
}

static int match_genes(struct query_counts *q, const struct names *genes, struct err *err)
{
	struct frame *var = h5ad_slot_var(q->file, q->slot);
	char **keys = frame_keys(var, err);
	struct strtab table = {0};
	int ret = 0;

	if (!keys)
		return -1;
	for (size_t i = 0; i < genes->n; i++)
		strtab_add_n(&table, genes->s[i], bare_length(genes->s[i]));
	if (table.n != genes->n) { /* two versions of one id: as they are */
		strtab_release(&table);
		for (size_t i = 0; i < genes->n; i++)
			strtab_add(&table, genes->s[i]);
	}
	MEM_ZERO(q->map, q->slot->n_genes + 1);
	q->column = "var_names";
	q->n_found = match(&table, (const char *const *)keys, q->slot->n_genes, q->map);
	for (const char *const *name = name_columns; *name && ret == 0; name++)
		if (q->n_found < genes->n && frame_find(var, *name))
			ret = match_column(q, var, *name, &table, err);
	strtab_release(&table);
	return ret;
}

int query_open(struct query_counts *q, struct h5ad *file, const char *slot,
	       const struct names *genes, struct pool *pool, struct err *err)
{
	*q = (struct query_counts){.file = file, .pool = pool, .n_genes = genes->n};
	if (str_eq(slot, "auto")) {
		if (choose_slot(q, err))
			return -1;
	} else {
		q->slot = h5ad_slot(file, slot, err);
		if (!q->slot || judge_first(file, q->slot, pool, &q->verdict, err))
			return -1;
	}
	return match_genes(q, genes, err);
}

void query_close(struct query_counts *q)
{
	free(q->map);
	q->map = NULL;
}

struct stream *query_stream(struct query_counts *q, const size_t *cells, size_t n_cells,
			    struct err *err)
{
	const struct pick pick = {
		.cells = cells, .n_cells = n_cells, .gene_map = q->map, .n_genes = q->n_genes};

	return h5ad_stream(q->file, q->slot, &pick, q->pool, err);
}
