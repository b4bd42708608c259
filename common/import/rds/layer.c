/* layer.c - see layer.h. */
#include "base/util.h"

#include "import/rds/layer.h"

/* A block ends after this many cells, or when it may hold this many values. */
enum { BLOCK_CELLS = 4096, BLOCK_STORED = 1 << 20 };

struct layer_place {
	uint32_t part, column;
};

struct layer_stream {
	struct stream base;
	const struct rds_layer *layer;
	struct layer_place *places; /* per cell; NULL when one part holds all in order */
	size_t at;
	struct cells block;
	struct cell_room room;
};

struct rds_layer rds_layer_new(const char *name, size_t n_genes, size_t n_cells)
{
	return (struct rds_layer){.name = mem_str(name), .n_genes = n_genes, .n_cells = n_cells};
}

static void release_part(struct rds_part *p)
{
	rds_matrix_close(&p->matrix);
	free(p->genes);
	free(p->cells);
}

void rds_layer_release(struct rds_layer *l)
{
	for (size_t i = 0; i < l->n_parts; i++)
		release_part(&l->parts[i]);
	free(l->parts);
	free(l->name);
	memset(l, 0, sizeof(*l));
}

/* Does the map lead every one of 'n' to a different place below 'limit'? */
static bool fits(const uint32_t *map, size_t n, size_t limit)
{
	if (!map)
		return n == limit;
	uint8_t *taken = mem_zero(limit, 1);
	bool ok = true;
	for (size_t i = 0; i < n && ok; i++) {
		ok = map[i] < limit && !taken[map[i]];
		if (ok)
			taken[map[i]] = 1;
	}
	free(taken);
	return ok;
}

int rds_layer_add(struct rds_layer *l, struct rds_part *part, struct err *err)
{
	const struct rds_matrix *m = &part->matrix;
	if (!fits(part->genes, m->n_genes, l->n_genes) ||
	    !fits(part->cells, m->n_cells, l->n_cells)) {
		err_set(err,
			"%s: a matrix of %zu genes and %zu cells does not fit the object's "
			"%zu genes and %zu cells",
			l->name, m->n_genes, m->n_cells, l->n_genes, l->n_cells);
		release_part(part);
		return -1;
	}
	MEM_GROW(l->parts, l->n_parts + 1, l->cap_parts);
	l->parts[l->n_parts++] = *part;
	memset(part, 0, sizeof(*part));
	return 0;
}

bool rds_layer_integers(const struct rds_layer *l)
{
	for (size_t i = 0; i < l->n_parts; i++)
		if (!l->parts[i].matrix.integers && !l->parts[i].matrix.ones)
			return false;
	return l->n_parts > 0;
}

static size_t rds_layer_stored(const struct rds_layer *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n_parts; i++)
		n += l->parts[i].matrix.n_stored;
	return n;
}

static bool same_bytes(const void *a, const void *b, size_t n)
{
	return a == b || (a && b && !memcmp(a, b, n));
}

static bool same_matrix(const struct rds_matrix *a, const struct rds_matrix *b)
{
	size_t n = a->n_stored;
	if (a->n_genes != b->n_genes || a->n_cells != b->n_cells || n != b->n_stored ||
	    a->dense != b->dense || a->ones != b->ones)
		return false;
	return same_bytes(a->starts, b->starts, (a->n_cells + 1) * sizeof(*a->starts)) &&
	       same_bytes(a->genes, b->genes, n * sizeof(*a->genes)) &&
	       same_bytes(a->ints, b->ints, n * sizeof(*a->ints)) &&
	       same_bytes(a->reals, b->reals, n * sizeof(*a->reals)) &&
	       same_bytes(a->floats, b->floats, n * sizeof(*a->floats));
}

bool rds_layer_same(const struct rds_layer *a, const struct rds_layer *b)
{
	if (a->n_parts != 1 || b->n_parts != 1)
		return false;
	const struct rds_part *p = a->parts, *q = b->parts;
	return !p->genes && !p->cells && !q->genes && !q->cells &&
	       same_matrix(&p->matrix, &q->matrix);
}

/* ---- the stream ---- */

static struct layer_place *find_places(const struct rds_layer *l)
{
	if (l->n_parts == 1 && !l->parts[0].cells)
		return NULL;
	struct layer_place *places;
	MEM_ARRAY(places, l->n_cells);
	memset(places, 0xff, l->n_cells * sizeof(*places));
	for (size_t i = 0; i < l->n_parts; i++)
		for (size_t c = 0; c < l->parts[i].matrix.n_cells; c++) {
			size_t cell = l->parts[i].cells ? l->parts[i].cells[c] : c;
			places[cell] = (struct layer_place){(uint32_t)i, (uint32_t)c};
		}
	return places;
}

static struct layer_place place_of(const struct layer_stream *s, size_t cell)
{
	return s->places ? s->places[cell] : (struct layer_place){0, (uint32_t)cell};
}

/* Equal genes of a sorted cell become one, their values added: what R means by triplets. */
static size_t add_up(uint32_t *genes, float *values, size_t n, bool ones)
{
	size_t out = 0;
	for (size_t k = 0; k < n; k++) {
		if (out && genes[out - 1] == genes[k]) {
			values[out - 1] = ones ? 1.0f : values[out - 1] + values[k];
		} else {
			genes[out] = genes[k];
			values[out++] = values[k];
		}
	}
	return out;
}

static int fault(const struct layer_stream *s, size_t cell, const uint32_t *genes,
		 const float *values, size_t n, struct err *err)
{
	uint32_t twice = cell_duplicate(genes, n);
	if (twice != UINT32_MAX)
		return err_set(err, "%s: cell %zu: gene %u stands twice (the file is damaged)",
			       s->layer->name, cell + 1, twice + 1);
	for (size_t k = 0; k < n; k++)
		if (!(values[k] - values[k] == 0))
			return err_set(err,
				       "%s: cell %zu: gene %u: the value is %g, not a finite "
				       "number",
				       s->layer->name, cell + 1, genes[k] + 1, (double)values[k]);
	BUG("nothing is wrong with cell %zu", cell);
}

static int read_cell(struct layer_stream *s, size_t cell, uint32_t *genes, float *values, size_t *n,
		     struct err *err)
{
	struct layer_place p = place_of(s, cell);
	*n = 0;
	if (p.part == UINT32_MAX)
		return 0;
	const struct rds_part *part = &s->layer->parts[p.part];
	*n = rds_matrix_cell(&part->matrix, p.column, genes, values);
	if (part->genes)
		*n = cell_rename(genes, values, *n, part->genes, &s->room);
	unsigned wrong = cell_look(genes, values, *n, s->layer->n_genes);
	if (wrong & CELL_UNSORTED) {
		cell_sort(genes, values, *n, &s->room);
		if (part->matrix.adds)
			*n = add_up(genes, values, *n, part->matrix.ones);
		wrong = cell_look(genes, values, *n, s->layer->n_genes);
	}
	return wrong ? fault(s, cell, genes, values, *n, err) : 0;
}

static size_t room_of(const struct layer_stream *s, size_t cell)
{
	struct layer_place p = place_of(s, cell);
	return p.part == UINT32_MAX ? 0
				    : rds_matrix_room(&s->layer->parts[p.part].matrix, p.column);
}

/* How many cells the next block has, and how much room they need. */
static size_t plan_block(const struct layer_stream *s, size_t *room)
{
	size_t n = 0;
	*room = 0;
	while (n < BLOCK_CELLS && s->at + n < s->layer->n_cells) {
		size_t more = room_of(s, s->at + n);
		if (n && *room + more > BLOCK_STORED)
			break;
		*room += more;
		n++;
	}
	return n;
}

static int layer_next(struct stream *base, struct cells **block, struct err *err)
{
	struct layer_stream *s = (struct layer_stream *)base;
	struct cells *b = &s->block;
	size_t room, n = plan_block(s, &room);
	if (!n)
		return 0;
	cells_reserve(b, n, room);
	b->first = s->at;
	b->n_cells = n;
	b->n_genes = s->layer->n_genes;
	b->starts[0] = 0;
	for (size_t i = 0; i < n; i++) {
		size_t stored;
		if (read_cell(s, s->at + i, b->genes + b->starts[i], b->values + b->starts[i],
			      &stored, err))
			return -1;
		b->starts[i + 1] = b->starts[i] + stored;
	}
	s->at += n;
	*block = b;
	return 1;
}

static void layer_free(struct stream *base)
{
	struct layer_stream *s = (struct layer_stream *)base;
	cells_release(&s->block);
	cell_room_release(&s->room);
	free(s->places);
	free(s);
}

struct stream *rds_layer_stream(const struct rds_layer *l)
{
	struct layer_stream *s;
	MEM_ZERO(s, 1);
	s->layer = l;
	s->places = find_places(l);
	s->base = (struct stream){
		.n_cells = l->n_cells,
		.n_genes = l->n_genes,
		.n_stored = rds_layer_stored(l),
		.integers = rds_layer_integers(l),
		.next = layer_next,
		.free = layer_free,
	};
	return &s->base;
}
