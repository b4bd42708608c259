/* gather.c - see gather.h. */
#include "base/util.h"

#include "model/model.h"
#include "train/gather.h"

/* Keep the input's genes that are on the panel. */
static void apply_panel(struct gathered *g, const struct input *in, const struct gene_panel *panel)
{
	size_t there = 0;

	g->n_listed = panel->genes.n;
	MEM_ZERO(g->listed_seen, g->n_listed);
	MEM_ARRAY(g->gene_map, in->n_genes);
	for (size_t gene = 0; gene < in->n_genes; gene++) {
		uint32_t listed = gene_panel_find(panel, in->genes[gene]);
		bool wanted = listed != STRTAB_NONE;

		g->gene_map[gene] = wanted ? (uint32_t)there : UINT32_MAX;
		if (!wanted)
			continue;
		g->listed_seen[listed] = true;
		g->genes[there++] = in->genes[gene];
	}
	g->n_genes = there;
}

int gather_genes(struct gathered *g, const struct input *in, const struct gene_panel *panel,
		 struct err *err)
{
	*g = (struct gathered){.n_genes = in->n_genes};
	g->genes = mem_copy(in->genes, in->n_genes, sizeof(*g->genes));
	if (model_check_names(g->genes, g->n_genes, "gene", h5ad_path(in->file), err))
		return -1;
	if (!panel)
		return 0;
	apply_panel(g, in, panel);
	if (g->n_genes)
		return 0;
	return err_refuse(err,
			  "no gene of the panel is in %s (gene-normalize brings names up to date)",
			  h5ad_path(in->file));
}

/* Labels of the design's slots. */
static void label_slots(struct gathered *g, const struct cohort *c)
{
	const struct design *d = g->design;

	MEM_ARRAY(g->truth, d->n_slots);
	MEM_ARRAY(g->label, d->n_slots);
	MEM_ZERO(g->held, d->n_slots);
	for (size_t slot = 0; slot < d->n_slots; slot++) {
		uint32_t cell = d->source[slot];

		bool counts = cell != CELL_NONE && !(g->empty && g->empty[cell]);

		g->truth[slot] = counts ? c->class_of[cell] : -1;
		g->held[slot] = cell != CELL_NONE && c->held && c->held[cell];
		g->label[slot] = g->held[slot] ? -1 : g->truth[slot];
	}
}

/* Cells as the file has them, each row once. The caller frees. */
static size_t *rows_of(const struct cohort *c, size_t *n)
{
	size_t *rows;

	*n = c->n / c->n_copies;
	MEM_ARRAY(rows, *n);
	for (size_t i = 0; i < *n; i++)
		rows[i] = c->rows[i * c->n_copies];
	return rows;
}

/* The next cells of the cohort, and copies of them; 'first' is the number of the first. */
static int add_block(struct gathered *g, const struct cells *block, size_t first,
		     const struct cohort *c, const struct gather_rules *rules, const size_t *rows,
		     struct pool *pool, struct err *err)
{
	const struct cells *cells = block;

	if (rules->depths->n)
		cells = depths_block(rules->depths, block, g->gene_map, rows + first);
	first *= c->n_copies;
	for (size_t i = 0; i < cells->n_cells && g->empty; i++)
		g->empty[first + i] = cells->starts[i + 1] == cells->starts[i];
	if (design_add(g->design, cells, first, g->gene_map, pool, err))
		return -1;
	thinned_add(g->thinned, cells, first);
	return 0;
}

int gather_cells(struct gathered *g, struct input *in, const struct cohort *c,
		 const struct gather_rules *rules, struct pool *pool, struct err *err)
{
	size_t n, first = 0, *rows = rows_of(c, &n);
	bool all = n == rules->n_rows;
	struct stream *s = input_stream(in, all ? NULL : rows, all ? 0 : n, err);
	struct cells *block;
	int got = -1;

	g->levels = cohort_levels(c, rules->seed);
	if (rules->depths->n)
		MEM_ZERO(g->empty, c->n);
	g->design = design_new(g->n_genes, g->levels, c->n, rules->memory, NULL);
	g->thinned = thinned_new(c, in->rules.target_sum, rules->seed);
	while (s && (got = stream_next(s, &block, err)) > 0) {
		if (add_block(g, block, first, c, rules, rows, pool, err)) {
			got = -1;
			break;
		}
		first += block->n_cells;
		listener_tell(rules->listener,
			      (struct training_news){.event = TRAINING_CELLS, .n_cells = first});
	}
	stream_free(s);
	free(rows);
	if (got < 0 || design_seal(g->design, pool, err))
		return -1;
	label_slots(g, c);
	return 0;
}

void gathered_release(struct gathered *g)
{
	free(g->genes);
	free(g->gene_map);
	free(g->listed_seen);
	free(g->levels);
	free(g->empty);
	design_free(g->design);
	free(g->truth);
	free(g->label);
	free(g->held);
	thinned_free(g->thinned);
	*g = (struct gathered){0};
}
