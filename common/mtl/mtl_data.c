/* mtl_data.c - cells for a multi-task mapper; see mtl_data.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/strtab.h"
#include "expression/variable_genes.h"
#include "matrix/gene_panel.h"
#include "matrix/stream_steps.h"
#include "mtl/mtl_data.h"

int mtl_data_open(struct mtl_data *d, const char *path, size_t threads, struct err *err)
{
	d->rules.target_sum = 1e4;
	d->in = h5ad_open(path, err);
	if (!d->in)
		return -1;
	d->pool = pool_new(threads);
	d->input = input_open(d->in, &d->rules, d->pool, err);
	return d->input ? 0 : -1;
}

/* ---- genes ---- */

static int most_variable(struct mtl_data *d, size_t n, bool *chosen, struct err *err)
{
	struct stream *cells = input_stream(d->input, NULL, 0, err);
	struct gene_moments m = {0};
	int failed = !cells || gene_moments_read(&m, cells, d->pool, err);

	stream_free(cells);
	if (!failed)
		variable_genes(&m, n, chosen);
	gene_moments_release(&m);
	return failed ? -1 : 0;
}

static int panel_genes(struct mtl_data *d, const char *path, bool *chosen, struct err *err)
{
	struct gene_panel panel;

	if (gene_panel_read(path, &panel, err))
		return -1;
	for (size_t g = 0; g < d->input->n_genes; g++)
		chosen[g] = strtab_find(&panel.genes, d->input->genes[g]) != STRTAB_NONE;
	gene_panel_release(&panel);
	return 0;
}

int mtl_data_genes(struct mtl_data *d, const char *which, struct err *err)
{
	size_t n_genes = d->input->n_genes, n;
	bool *chosen = mem_zero(n_genes + 1, sizeof(*chosen));
	int ret = 0;

	if (str_eq(which, "all"))
		memset(chosen, true, n_genes * sizeof(*chosen));
	else if (parse_size(which, 1, UINT32_MAX, &n))
		ret = most_variable(d, n, chosen, err);
	else
		ret = panel_genes(d, which, chosen, err);
	MEM_ZERO(d->map, n_genes + 1);
	for (size_t g = 0; ret == 0 && g < n_genes; g++) {
		d->map[g] = chosen[g] ? (uint32_t)d->genes.n : STRTAB_NONE;
		if (chosen[g])
			names_add(&d->genes, d->input->genes[g]);
	}
	d->n_found = d->genes.n;
	free(chosen);
	if (ret == 0 && !d->genes.n)
		return err_refuse(
			err,
			"%s: none of the genes asked for is there "
			"(h5-info lists what var has; gene-normalize brings names up to date)",
			h5ad_path(d->in));
	return ret;
}

void mtl_data_match(struct mtl_data *d, const struct names *genes)
{
	struct strtab table = {0};
	bool *taken = mem_zero(genes->n + 1, sizeof(*taken));

	d->genes = names_of(genes->s, genes->n);
	for (size_t g = 0; g < genes->n; g++)
		strtab_add(&table, genes->s[g]);
	MEM_ZERO(d->map, d->input->n_genes + 1);
	d->n_found = 0;
	for (size_t g = 0; g < d->input->n_genes; g++) {
		uint32_t at = strtab_find(&table, d->input->genes[g]);

		if (at != STRTAB_NONE && taken[at])
			at = STRTAB_NONE;
		d->map[g] = at;
		if (at == STRTAB_NONE)
			continue;
		taken[at] = true;
		d->n_found++;
	}
	free(taken);
	strtab_release(&table);
}

/* ---- cells ---- */

struct count_store *mtl_data_store(struct mtl_data *d, bool binary, size_t limit, struct err *err)
{
	struct stream *cells = input_stream_genes(d->input, d->map, d->genes.n, err);

	if (!cells)
		return NULL;
	return binary ? count_store_signs(cells, d->genes.n, limit, err)
		      : count_store_of(cells, d->genes.n, limit, err);
}

void mtl_data_release(struct mtl_data *d)
{
	input_close(d->input);
	names_release(&d->genes);
	free(d->map);
	pool_free(d->pool);
	h5ad_close(d->in);
	*d = (struct mtl_data){.in = NULL};
}

struct rows mtl_rows_of(struct mtl_rows *r, const struct mtl_data *d, const struct cells *block,
			size_t from, size_t n, bool binary)
{
	size_t stored = block->starts[from + n] - block->starts[from], at = 0;

	MEM_GROW(r->starts, n + 1, r->cap_cells);
	if (stored > r->cap) {
		r->cap = stored + stored / 4;
		r->column = mem_resize(r->column, r->cap, sizeof(*r->column));
		r->value = mem_resize(r->value, r->cap, sizeof(*r->value));
	}
	r->starts[0] = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t s = block->starts[from + i]; s < block->starts[from + i + 1]; s++) {
			uint32_t gene = d->map[block->genes[s]];
			float x = block->values[s];

			if (gene == STRTAB_NONE || (binary && !(x > 0)))
				continue;
			r->column[at] = gene;
			r->value[at++] = binary ? 1 : (real)x;
		}
		r->starts[i + 1] = at;
	}
	return (struct rows){n, NULL, r->starts, r->column, r->value};
}

void mtl_rows_release(struct mtl_rows *r)
{
	free(r->starts);
	free(r->column);
	free(r->value);
	*r = (struct mtl_rows){0};
}
