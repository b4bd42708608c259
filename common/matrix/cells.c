/* cells.c - a block of consecutive cells, and what is done to one cell. */
#include "base/util.h"

#include "matrix/cells.h"

void cells_reserve(struct cells *block, size_t n_cells, size_t n_stored)
{
	block->n_cells = 0;
	if (!block->starts || n_cells > block->cap_cells) {
		size_t cap = block->starts ? block->cap_cells + 1 : 0;
		MEM_GROW(block->starts, n_cells + 1, cap);
		block->cap_cells = cap - 1;
	}
	if (!block->genes || n_stored > block->cap_stored) {
		/* Nothing needs the old contents: free first, so that both never stand in memory.
		 */
		free(block->genes);
		free(block->values);
		block->cap_stored = MAX(n_stored, (size_t)16);
		MEM_ARRAY(block->genes, block->cap_stored);
		MEM_ARRAY(block->values, block->cap_stored);
	}
	block->starts[0] = 0;
}

void cells_release(struct cells *block)
{
	free(block->starts);
	free(block->genes);
	free(block->values);
	free(block->counts);
	*block = (struct cells){.n_cells = 0};
}

/* ---- one cell ----------------------------------------------------------------------------- */

CLONES unsigned cell_look(const uint32_t *genes, const float *values, size_t n, size_t n_genes)
{
	uint32_t end = n_genes < UINT32_MAX ? (uint32_t)n_genes : UINT32_MAX;
	uint32_t disorder = 0, outside = 0, special = 0;

	for (size_t i = 1; i < n; i++)
		disorder |= genes[i] <= genes[i - 1];
	for (size_t i = 0; i < n; i++)
		outside |= genes[i] >= end;
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;
		memcpy(&bits, &values[i], sizeof(bits));
		special |= (bits & 0x7f800000u) == 0x7f800000u;
	}
	return (disorder ? CELL_UNSORTED : 0) | (outside ? CELL_BAD_GENE : 0) |
	       (special ? CELL_NOT_FINITE : 0);
}

void cell_room_release(struct cell_room *room)
{
	free(room->pairs);
	free(room->row);
	free(room->taken);
	*room = (struct cell_room){.pairs = NULL};
}

static void sort_few(uint32_t *genes, float *values, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t gene = genes[i];
		float value = values[i];
		size_t at = i;
		for (; at && genes[at - 1] > gene; at--) {
			genes[at] = genes[at - 1];
			values[at] = values[at - 1];
		}
		genes[at] = gene;
		values[at] = value;
	}
}

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)

/* One stable pass by the digit of the gene (the upper half of a pair) at 'shift'. */
static void sort_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	uint32_t places[DIGITS] = {0}, place = 0;

	for (size_t i = 0; i < n; i++)
		places[from[i] >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		uint32_t count = places[d];
		places[d] = place;
		place += count;
	}
	for (size_t i = 0; i < n; i++)
		to[places[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

static void sort_many(uint32_t *genes, float *values, size_t n, struct cell_room *room)
{
	MEM_GROW(room->pairs, 2 * n, room->cap);
	uint64_t *from = room->pairs, *to = room->pairs + n;
	uint32_t any = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t bits;
		memcpy(&bits, &values[i], sizeof(bits));
		from[i] = (uint64_t)genes[i] << 32 | bits;
		any |= genes[i];
	}
	for (unsigned shift = 0; shift < 32 && any >> shift; shift += DIGIT_BITS) {
		sort_digit(from, to, n, 32 + shift);
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t bits = (uint32_t)from[i];
		genes[i] = (uint32_t)(from[i] >> 32);
		memcpy(&values[i], &bits, sizeof(bits));
	}
}

#define WORD 64
#define SPARSEST 256 /* genes there may be per stored value for a row of all genes to pay */

/* Room for a whole row, and a bit per gene: all 0 between uses. */
static void room_for_row(struct cell_room *room, size_t n_genes)
{
	size_t had = room->cap_row, n_words;

	MEM_GROW(room->row, n_genes, room->cap_row);
	if (room->cap_row == had)
		return;
	n_words = room->cap_row / WORD + 1;
	free(room->taken);
	MEM_ZERO(room->taken, n_words);
}

/*
 * Lay the values out in a row of all genes and pick them up again in its order: time follows the
 * stored values, not their order. False, and nothing is changed, when a gene stands twice.
 */
static bool sort_by_row(uint32_t *genes, float *values, size_t n, size_t n_genes,
			struct cell_room *room)
{
	size_t n_words = (n_genes + WORD - 1) / WORD, to = 0;

	room_for_row(room, n_genes);
	for (size_t i = 0; i < n; i++) {
		uint64_t bit = (uint64_t)1 << genes[i] % WORD;
		if (room->taken[genes[i] / WORD] & bit) {
			memset(room->taken, 0, n_words * sizeof(*room->taken));
			return false;
		}
		room->taken[genes[i] / WORD] |= bit;
		room->row[genes[i]] = values[i];
	}
	for (size_t word = 0; word < n_words; word++) {
		uint64_t bits = room->taken[word];
		room->taken[word] = 0;
		for (; bits; bits &= bits - 1) {
			uint32_t gene = (uint32_t)(word * WORD) + (uint32_t)__builtin_ctzll(bits);
			genes[to] = gene;
			values[to++] = room->row[gene];
		}
	}
	return true;
}

void cell_sort(uint32_t *genes, float *values, size_t n, struct cell_room *room)
{
	uint32_t largest = 0;

	if (n <= 48) {
		sort_few(genes, values, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		largest = MAX(largest, genes[i]);
	if (largest / SPARSEST >= n || !sort_by_row(genes, values, n, (size_t)largest + 1, room))
		sort_many(genes, values, n, room);
}

uint32_t cell_duplicate(const uint32_t *genes, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (genes[i] == genes[i - 1])
			return genes[i];
	return UINT32_MAX;
}

size_t cell_rename(uint32_t *genes, float *values, size_t n, const uint32_t *map,
		   struct cell_room *room)
{
	size_t kept = 0;
	uint32_t before = 0, disorder = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t gene = map[genes[i]];
		genes[kept] = gene;
		values[kept] = values[i];
		disorder |= gene < before; /* a gene left out is the largest number there is */
		before = gene == UINT32_MAX ? before : gene;
		kept += gene != UINT32_MAX;
	}
	if (disorder)
		cell_sort(genes, values, kept, room);
	return kept;
}

size_t cell_add_up(uint32_t *genes, float *values, size_t n, struct cell_room *room)
{
	size_t kept = 0;
	bool rises = true;

	for (size_t i = 1; i < n; i++)
		rises &= genes[i - 1] < genes[i];
	if (rises)
		return n;
	cell_sort(genes, values, n, room);
	for (size_t i = 0; i < n;) {
		double sum = 0;
		uint32_t gene = genes[i];
		for (; i < n && genes[i] == gene; i++)
			sum += (double)values[i];
		genes[kept] = gene;
		values[kept++] = (float)sum;
	}
	return kept;
}

void cells_close_up(struct cells *block, const size_t *kept)
{
	size_t to = 0;

	for (size_t cell = 0; cell < block->n_cells; cell++) {
		size_t from = block->starts[cell];
		if (to != from) {
			memmove(block->genes + to, block->genes + from,
				kept[cell] * sizeof(*block->genes));
			memmove(block->values + to, block->values + from,
				kept[cell] * sizeof(*block->values));
		}
		block->starts[cell] = to;
		to += kept[cell];
	}
	block->starts[block->n_cells] = to;
}
