/* gram.c - products of scaled genes: tiles of common genes, single sums of rare ones; see gram.h. */
#include "base/util.h"

#include "base/mem.h"
#include "expression/gram.h"
#include "linalg/gemm.h"

typedef double lanes __attribute__((vector_size(32)));
typedef double loose __attribute__((vector_size(32), aligned(sizeof(double)), may_alias));

#define LANES ((size_t)4)
#define TILE ((size_t)32)
#define OFTEN ((size_t)8)          /* one cell in so many has a gene whose column is held dense */
#define CELLS_A_SLAB ((size_t)512) /* of which a tile is 128 KB */
#define CELLS_A_PART ((size_t)64)  /* of a slab's cells, made ready together */
#define RARE_A_PART ((size_t)64)   /* rows that are summed together */
#define STRIPE ((size_t)128)       /* rows of a product of dense matrices */
#define DENSE_CELLS ((size_t)256)  /* of it at a time */

#define N_PARTS(n, each) (((n) + (each)-1) / (each))

double *scaled_zeros(const struct scaled_genes *genes)
{
	double *zero = mem_alloc(genes->n + 1, sizeof(*zero));

	for (size_t g = 0; g < genes->n; g++)
		zero[g] = scaled_value(genes, g, 0);
	return zero;
}

/* ---- room ---- */

/* Some cells of a block, by cell and by row. */
struct gram_room {
	const struct cells *block;
	size_t first, n;  /* cells of the block */
	size_t n_dense;   /* rows whose columns are held dense; a multiple of TILE */
	double *zero;     /* per gene: what scaling makes of 0 */
	double *tiles;    /* tile by tile, cell by cell: TILE shifts */
	uint32_t *starts; /* by row, and one more: its cells */
	uint32_t *next;   /* by part of cells and row: where the next of them goes */
	uint32_t *cells;  /* of the slab */
	double *shifts;
	uint32_t *rare_at;   /* of a rare row's cell: how far its rare rows go, itself included */
	uint32_t *rare_rows; /* by cell, where its values are in the block */
	double *rare_shifts;
	size_t cap_stored;
	double *dense; /* cells x rows, of full blocks; NULL before there is one */
};

struct gram *gram_new(const struct scaled_genes *genes)
{
	struct gram *gram = mem_zero(1, sizeof(*gram));
	struct gram_room *room = mem_zero(1, sizeof(*room));
	size_t n = genes->n;

	gram->genes = genes;
	gram->room = room;
	gram->products = mem_zero(mem_product(n, n), sizeof(*gram->products));
	MEM_ZERO(gram->sums, n);
	MEM_ZERO(room->starts, n + 1);
	room->next = mem_zero(mem_product(CELLS_A_SLAB / CELLS_A_PART, n), sizeof(*room->next));
	room->zero = scaled_zeros(genes);
	return gram;
}

void gram_free(struct gram *gram)
{
	if (!gram)
		return;
	free(gram->room->zero);
	free(gram->room->tiles);
	free(gram->room->starts);
	free(gram->room->next);
	free(gram->room->cells);
	free(gram->room->shifts);
	free(gram->room->rare_at);
	free(gram->room->rare_rows);
	free(gram->room->rare_shifts);
	free(gram->room->dense);
	free(gram->room);
	free(gram->row_of);
	free(gram->products);
	free(gram->sums);
	free(gram);
}

static void make_room(struct gram_room *room, size_t n_stored)
{
	if (n_stored <= room->cap_stored)
		return;
	room->cap_stored = n_stored;
	room->cells = mem_resize(room->cells, n_stored, sizeof(*room->cells));
	room->shifts = mem_resize(room->shifts, n_stored, sizeof(*room->shifts));
	room->rare_at = mem_resize(room->rare_at, n_stored, sizeof(*room->rare_at));
	room->rare_rows = mem_resize(room->rare_rows, n_stored, sizeof(*room->rare_rows));
	room->rare_shifts = mem_resize(room->rare_shifts, n_stored, sizeof(*room->rare_shifts));
}

/* Which genes are common, by the first block: rows in the order of genes, common ones first. */
static void settle_rows(struct gram *gram, const struct cells *block)
{
	size_t n = gram->genes->n, n_dense = 0, n_rare = 0;
	uint32_t *seen = mem_zero(n + 1, sizeof(*seen));

	for (size_t i = 0; i < cells_stored(block); i++)
		seen[block->genes[i]]++;
	for (size_t g = 0; g < n; g++)
		n_dense += seen[g] * OFTEN >= block->n_cells;
	n_dense = n_dense / TILE * TILE;
	gram->room->n_dense = n_dense;
	MEM_ARRAY(gram->row_of, n + 1);
	for (size_t g = 0, common = 0; g < n; g++) {
		bool is_common = seen[g] * OFTEN >= block->n_cells && common < n_dense;

		gram->row_of[g] = (uint32_t)(is_common ? common++ : n_dense + n_rare++);
	}
	gram->room->tiles = mem_vectors(mem_product(n_dense, CELLS_A_SLAB) + 1, sizeof(double));
	free(seen);
}

/* ---- a slab: some cells, by row and tile by tile ---- */

struct slab {
	struct gram *gram;
	size_t n_tiles, n_parts; /* of common columns; of cells */
};

static size_t part_of_cells(const struct gram_room *room, size_t part, size_t *end)
{
	*end = MIN(room->n, (part + 1) * CELLS_A_PART);
	return part * CELLS_A_PART;
}

static void count_rows(void *arg, size_t part)
{
	const struct gram *gram = ((struct slab *)arg)->gram;
	const struct gram_room *room = gram->room;
	const struct cells *block = room->block;
	uint32_t *count = room->next + part * gram->genes->n;
	size_t end, cell = part_of_cells(room, part, &end);

	memset(count, 0, gram->genes->n * sizeof(*count));
	for (size_t i = block->starts[room->first + cell]; i < block->starts[room->first + end];
	     i++)
		count[gram->row_of[block->genes[i]]]++;
}

/* Counts to where each part's values of a row begin. */
static void begin_rows(const struct slab *slab)
{
	struct gram_room *room = slab->gram->room;
	size_t n = slab->gram->genes->n;
	uint32_t at = 0;

	for (size_t row = 0; row < n; row++) {
		room->starts[row] = at;
		for (size_t part = 0; part < slab->n_parts; part++) {
			uint32_t count = room->next[part * n + row];

			room->next[part * n + row] = at;
			at += count;
		}
	}
	room->starts[n] = at;
}

/* One cell's shifts to where the sums look for them. */
static void put_cell(const struct gram *gram, size_t cell, uint32_t *next)
{
	struct gram_room *room = gram->room;
	const struct cells *block = room->block;
	size_t from = block->starts[room->first + cell],
	       end = block->starts[room->first + cell + 1];
	size_t base = block->starts[room->first], rare = from - base;

	for (size_t i = from; i < end; i++) {
		size_t g = block->genes[i], row = gram->row_of[g], at = next[row]++;
		double x = scaled_value(gram->genes, g, (double)block->values[i]) - room->zero[g];

		room->cells[at] = (uint32_t)cell;
		room->shifts[at] = x;
		if (row < room->n_dense) {
			room->tiles[(row / TILE * CELLS_A_SLAB + cell) * TILE + row % TILE] = x;
			continue;
		}
		room->rare_rows[rare] = (uint32_t)row;
		room->rare_shifts[rare++] = x;
		room->rare_at[at] = (uint32_t)rare;
	}
}

static void put_cells(void *arg, size_t part)
{
	const struct slab *slab = arg;
	const struct gram_room *room = slab->gram->room;
	size_t end, cell = part_of_cells(room, part, &end);

	for (size_t tile = 0; tile < slab->n_tiles; tile++)
		memset(room->tiles + (tile * CELLS_A_SLAB + cell) * TILE, 0,
		       (end - cell) * TILE * sizeof(*room->tiles));
	for (; cell < end; cell++)
		put_cell(slab->gram, cell, room->next + part * slab->gram->genes->n);
}

/* ---- sums ---- */

/* TILE sums of a row, to which its cells' shifts of the tile are added, each times the row's own. */
CLONES static void add_tile(const double *tile, const uint32_t *cells, const double *shifts,
			    size_t n, double *to)
{
	lanes sum[TILE / LANES];

#pragma GCC unroll 8
	for (size_t i = 0; i < TILE / LANES; i++)
		sum[i] = *(const loose *)(to + i * LANES);
	for (size_t k = 0; k < n; k++) {
		const double *theirs = tile + cells[k] * TILE;
		double mine = shifts[k];

#pragma GCC unroll 8
		for (size_t i = 0; i < TILE / LANES; i++)
			sum[i] += mine * *(const lanes *)(theirs + i * LANES);
	}
#pragma GCC unroll 8
	for (size_t i = 0; i < TILE / LANES; i++)
		*(loose *)(to + i * LANES) = sum[i];
}

/* The columns of a tile, of all rows from its own on. */
static void sum_tile(const struct gram *gram, size_t tile)
{
	const struct gram_room *room = gram->room;
	size_t n = gram->genes->n;

	for (size_t row = tile * TILE; row < n; row++) {
		size_t from = room->starts[row];

		add_tile(room->tiles + tile * CELLS_A_SLAB * TILE, room->cells + from,
			 room->shifts + from, room->starts[row + 1] - from,
			 gram->products + row * n + tile * TILE);
	}
}

/* A row's sum, and its columns of rare rows up to itself. */
static void sum_row(const struct gram *gram, size_t row)
{
	const struct gram_room *room = gram->room;
	const size_t *starts = room->block->starts + room->first;
	double *to = gram->products + row * gram->genes->n, sum = gram->sums[row];

	for (size_t k = room->starts[row]; k < room->starts[row + 1]; k++) {
		double mine = room->shifts[k];

		sum += mine;
		if (row < room->n_dense)
			continue;
		for (size_t i = starts[room->cells[k]] - starts[0]; i < room->rare_at[k]; i++)
			to[room->rare_rows[i]] += mine * room->rare_shifts[i];
	}
	gram->sums[row] = sum;
}

static void sum_part(void *arg, size_t part)
{
	const struct slab *slab = arg;
	size_t row, end;

	if (part < slab->n_tiles) {
		sum_tile(slab->gram, part);
		return;
	}
	row = (part - slab->n_tiles) * RARE_A_PART;
	end = MIN(slab->gram->genes->n, row + RARE_A_PART);
	for (; row < end; row++)
		sum_row(slab->gram, row);
}

static void add_slab(struct gram *gram, struct pool *pool)
{
	struct gram_room *room = gram->room;
	const size_t *starts = room->block->starts + room->first;
	struct slab slab = {gram, room->n_dense / TILE, N_PARTS(room->n, CELLS_A_PART)};

	make_room(room, starts[room->n] - starts[0]);
	pool_run(pool, slab.n_parts, count_rows, &slab);
	begin_rows(&slab);
	pool_run(pool, slab.n_parts, put_cells, &slab);
	pool_run(pool, slab.n_tiles + N_PARTS(gram->genes->n, RARE_A_PART), sum_part, &slab);
}

/* ---- blocks that are full: faster as products of dense matrices ---- */

static bool is_full(const struct cells *block)
{
	return cells_stored(block) * 2 > block->n_cells * block->n_genes;
}

static void spread_cell(void *arg, size_t part)
{
	const struct gram *gram = arg;
	const struct gram_room *room = gram->room;
	const struct cells *block = room->block;
	size_t cell = room->first + part;
	double *row = room->dense + part * gram->genes->n;

	memset(row, 0, gram->genes->n * sizeof(*row));
	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		size_t g = block->genes[i];

		row[gram->row_of[g]] =
			scaled_value(gram->genes, g, (double)block->values[i]) - room->zero[g];
	}
}

static void add_stripe(void *arg, size_t part)
{
	const struct gram *gram = arg;
	const struct gram_room *room = gram->room;
	size_t n_genes = gram->genes->n, first = part * STRIPE;
	size_t end = MIN(n_genes, first + STRIPE);
	const struct gemm shape = {
		.m = end - first, .n = end, .k = room->n, .a_turned = true, .add = true};

	gemm_double(shape, room->dense + first, n_genes, room->dense, n_genes,
		    gram->products + first * n_genes, n_genes);
	for (size_t cell = 0; cell < room->n; cell++)
		for (size_t g = first; g < end; g++)
			gram->sums[g] += room->dense[cell * n_genes + g];
}

static void add_full(struct gram *gram, struct pool *pool)
{
	struct gram_room *room = gram->room;
	size_t n_genes = gram->genes->n;

	if (!room->dense)
		room->dense = mem_alloc(mem_product(DENSE_CELLS, n_genes), sizeof(*room->dense));
	gemm_alone();
	pool_run(pool, room->n, spread_cell, gram);
	pool_run(pool, N_PARTS(n_genes, STRIPE), add_stripe, gram);
}

void gram_add(struct gram *gram, const struct cells *block, struct pool *pool)
{
	struct gram_room *room = gram->room;
	bool full = is_full(block);
	size_t each = full ? DENSE_CELLS : CELLS_A_SLAB;

	if (!gram->row_of)
		settle_rows(gram, block);
	room->block = block;
	for (room->first = 0; room->first < block->n_cells; room->first += each) {
		room->n = MIN(each, block->n_cells - room->first);
		if (full)
			add_full(gram, pool);
		else
			add_slab(gram, pool);
	}
	gram->n_cells += block->n_cells;
}
