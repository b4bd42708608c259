/* genes.c - joining the genes of several files, and moving cells to other genes. */
#include "base/util.h"

#include "matrix/genes.h"

/* ---- joining ---- */

void gene_join_add(struct gene_join *join, char *const *names, size_t n)
{
	uint32_t *ids;

	MEM_ARRAY(ids, n);
	for (size_t i = 0; i < n; i++) {
		size_t before = join->all.n;
		ids[i] = strtab_add(&join->all, names[i]);
		MEM_GROW(join->in_how_many, join->all.n, join->cap_all);
		if (join->all.n > before)
			join->in_how_many[ids[i]] = 0;
		join->in_how_many[ids[i]]++;
	}
	MEM_GROW(join->maps, join->n_inputs + 1, join->cap_inputs);
	MEM_GROW(join->n_genes, join->n_inputs + 1, join->cap_sizes);
	join->maps[join->n_inputs] = ids;
	join->n_genes[join->n_inputs++] = n;
}

/* Do all inputs have the same genes in the same order? Names are numbered as they first come. */
static bool all_alike(const struct gene_join *join)
{
	for (size_t input = 0; input < join->n_inputs; input++) {
		if (join->n_genes[input] != join->all.n)
			return false;
		for (size_t i = 0; i < join->n_genes[input]; i++)
			if (join->maps[input][i] != i)
				return false;
	}
	return true;
}

/* Names as they come in the result; those not wanted are left out later. The caller frees. */
static uint32_t *order_of(const struct gene_join *join, enum gene_join_kind kind)
{
	uint32_t *order;

	if (kind == GENES_OUTER && !all_alike(join))
		return strtab_sorted(&join->all);
	MEM_ARRAY(order, join->all.n);
	for (size_t i = 0; i < join->all.n; i++)
		order[i] = (uint32_t)i;
	return order;
}

void gene_join_finish(struct gene_join *join, enum gene_join_kind kind,
		      const struct gene_panel *panel)
{
	size_t needed = kind == GENES_INNER ? join->n_inputs : 1;
	uint32_t *order = order_of(join, kind), *place;

	MEM_ARRAY(place, join->all.n);
	for (size_t i = 0; i < join->all.n; i++) {
		const char *name = strtab_str(&join->all, order[i]);
		bool wanted = join->in_how_many[order[i]] >= needed &&
			      (!panel || gene_panel_find(panel, name) != STRTAB_NONE);
		place[order[i]] = wanted ? (uint32_t)join->genes.n : STRTAB_NONE;
		if (wanted)
			names_add(&join->genes, name);
	}
	for (size_t input = 0; input < join->n_inputs; input++)
		for (size_t i = 0; i < join->n_genes[input]; i++)
			join->maps[input][i] = place[join->maps[input][i]];
	free(place);
	free(order);
}

static bool is_listed(const struct gene_join *join, uint32_t id, const struct gene_panel *panel)
{
	return !panel || gene_panel_find(panel, strtab_str(&join->all, id)) != STRTAB_NONE;
}

struct gene_loss gene_join_loss(const struct gene_join *join, size_t input,
				const struct gene_panel *panel)
{
	struct gene_loss loss = {0, 0, 0};
	size_t n_all = join->n_inputs;

	for (size_t id = 0; id < join->all.n; id++)
		if (join->in_how_many[id] + (size_t)1 >= n_all &&
		    is_listed(join, (uint32_t)id, panel))
			loss.without++;
	for (size_t i = 0; i < join->n_genes[input]; i++) {
		uint32_t id = join->maps[input][i];

		if (!is_listed(join, id, panel))
			continue;
		loss.own++;
		loss.kept += join->in_how_many[id] == n_all;
		loss.without -= join->in_how_many[id] + (size_t)1 == n_all;
	}
	return loss;
}

void gene_join_release(struct gene_join *join)
{
	for (size_t i = 0; i < join->n_inputs; i++)
		free(join->maps[i]);
	free(join->maps);
	free(join->n_genes);
	free(join->in_how_many);
	names_release(&join->genes);
	strtab_release(&join->all);
	*join = (struct gene_join){.n_inputs = 0};
}

/* ---- moving cells ---- */

#define CELLS_A_PART ((size_t)64)

struct moving {
	const struct cells *from;
	const uint32_t *map;
	struct cells *to; /* cells start where they start in 'from', until gaps are closed */
	size_t *kept;     /* per cell */
};

/* Write one cell under its new genes, in order; how many values are left. */
static size_t move_cell(const struct moving *m, size_t cell, struct cell_room *room)
{
	size_t at = m->from->starts[cell], end = m->from->starts[cell + 1], to = at;

	for (size_t i = at; i < end; i++) {
		m->to->genes[to] = m->map[m->from->genes[i]];
		m->to->values[to] = m->from->values[i];
		to += m->to->genes[to] != STRTAB_NONE;
	}
	return cell_add_up(m->to->genes + at, m->to->values + at, to - at, room);
}

static void move_part(void *job, size_t part)
{
	struct moving *m = job;
	struct cell_room room = {.pairs = NULL};
	size_t end = MIN(m->from->n_cells, (part + 1) * CELLS_A_PART);

	for (size_t cell = part * CELLS_A_PART; cell < end; cell++)
		m->kept[cell] = move_cell(m, cell, &room);
	cell_room_release(&room);
}

void cells_map_genes(const struct cells *from, const uint32_t *map, size_t n_genes,
		     struct cells *to, struct pool *pool)
{
	struct moving m = {.from = from, .map = map, .to = to};

	cells_reserve(to, from->n_cells, cells_stored(from));
	to->first = from->first;
	to->n_cells = from->n_cells;
	to->n_genes = n_genes;
	memcpy(to->starts, from->starts, (from->n_cells + 1) * sizeof(*to->starts));
	MEM_ARRAY(m.kept, from->n_cells);
	pool_run(pool, (from->n_cells + CELLS_A_PART - 1) / CELLS_A_PART, move_part, &m);
	cells_close_up(to, m.kept);
	free(m.kept);
}

struct mapped {
	struct stream stream;
	struct stream *from;
	const uint32_t *map;
	struct pool *pool;
	struct cells block;
};

static int mapped_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct mapped *m = (struct mapped *)stream;
	struct cells *from;
	int got = stream_next(m->from, &from, err);

	if (got > 0) {
		cells_map_genes(from, m->map, stream->n_genes, &m->block, m->pool);
		*block = &m->block;
	}
	return got;
}

static void mapped_free(struct stream *stream)
{
	struct mapped *m = (struct mapped *)stream;

	stream_free(m->from);
	cells_release(&m->block);
	free(m);
}

struct stream *stream_map_genes(struct stream *from, const uint32_t *map, size_t n_genes,
				struct pool *pool)
{
	struct mapped *m = mem_zero(1, sizeof(*m));

	m->stream = (struct stream){
		.n_cells = from->n_cells,
		.n_genes = n_genes,
		.integers = from->integers,
		.next = mapped_next,
		.free = mapped_free,
	};
	m->from = from;
	m->map = map;
	m->pool = pool;
	return &m->stream;
}

static bool mostly_ensembl(char *const *names, size_t n)
{
	size_t n_ensembl = 0;

	for (size_t i = 0; i < n; i++)
		n_ensembl += str_starts(names[i], "ENS");
	return n_ensembl * 2 > n;
}

static void add_examples(char *const *names, size_t n, const char *what, struct text *out)
{
	text_add(out, "%s has ", what);
	for (size_t i = 0; i < MIN(n, 3); i++)
		text_add(out, "%s%.40s", i ? ", " : "", names[i]);
	text_add(out, "%s", n > 3 ? ", ..." : n ? "" : "no gene");
}

void genes_compare(char *const *a, size_t n_a, const char *a_is, char *const *b, size_t n_b,
		   const char *b_is, struct text *out)
{
	add_examples(a, n_a, a_is, out);
	text_add(out, "; ");
	add_examples(b, n_b, b_is, out);
	if (mostly_ensembl(a, n_a) != mostly_ensembl(b, n_b))
		text_add(out, " (run gene-normalize on what has Ensembl ids)");
}
