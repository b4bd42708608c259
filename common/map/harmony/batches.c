/* batches.c - see batches.h. */
#include "base/util.h"

#include "map/harmony/batches.h"

void batches_none(struct batches *b, size_t n_cells)
{
	*b = (struct batches){.n_cells = n_cells, .n_variables = 1, .n_levels = 1};
	MEM_ZERO(b->first, 2);
	b->first[1] = 1;
	MEM_ZERO(b->levels, n_cells + 1);
	MEM_ZERO(b->counts, 1);
	b->counts[0] = (double)n_cells;
	MEM_ZERO(b->names, 1);
	b->names[0] = arena_str(&b->arena, "all", 3);
}

static int add_variable(struct batches *b, size_t v, const char *name,
			const struct column_groups *g, struct err *err)
{
	if (g->n_missing)
		return err_refuse(err,
				  "obs column %s: %zu of %zu cells have no batch: leave them out "
				  "(h5-select) or fill the column",
				  name, g->n_missing, b->n_cells);
	if (g->n == b->n_cells && b->n_cells > 1)
		return err_refuse(err,
				  "obs column %s: every one of %zu cells is a batch of its own: "
				  "not a batch (another --batch)",
				  name, b->n_cells);
	b->first[v] = b->n_levels;
	b->counts = mem_resize(b->counts, b->n_levels + g->n, sizeof(*b->counts));
	b->names = mem_resize(b->names, b->n_levels + g->n, sizeof(*b->names));
	for (size_t i = 0; i < g->n; i++) {
		char *text = mem_printf("%s=%s", name, g->names[i]);

		b->counts[b->n_levels + i] = (double)g->counts[i];
		b->names[b->n_levels + i] = arena_str(&b->arena, text, strlen(text));
		free(text);
	}
	for (size_t cell = 0; cell < b->n_cells; cell++)
		b->levels[cell * b->n_variables + v] =
			(uint32_t)(b->n_levels + (size_t)g->codes[cell]);
	b->n_levels += g->n;
	b->first[v + 1] = b->n_levels;
	return 0;
}

int batches_read(struct batches *b, struct frame *obs, const char *const *columns, size_t n_columns,
		 struct err *err)
{
	if (!n_columns) {
		batches_none(b, obs->n_rows);
		return 0;
	}
	*b = (struct batches){.n_cells = obs->n_rows, .n_variables = n_columns};
	MEM_ZERO(b->first, n_columns + 1);
	MEM_ARRAY(b->levels, mem_product(b->n_cells, n_columns) + 1);
	for (size_t v = 0; v < n_columns; v++) {
		const struct column *c = frame_column(obs, columns[v], err);
		struct column_groups g;
		int failed;

		if (!c)
			return -1;
		g = column_group(c);
		failed = add_variable(b, v, columns[v], &g, err);
		column_groups_release(&g);
		if (failed)
			return -1;
	}
	return 0;
}

void batches_release(struct batches *b)
{
	free(b->first);
	free(b->levels);
	free(b->counts);
	free(b->names);
	arena_release(&b->arena);
	*b = (struct batches){0};
}
