/* block.c - see block.h. */
#include "base/util.h"

#include "train/solver/block.h"

struct head {
	uint32_t n_cells, n_segments, n_stored, n_tiles;
};

/* Where each array of a packed block lies. Values come first so that they are aligned. */
struct layout {
	size_t tile_segment, tile_stored, value, gene, more, cell, size;
};

static struct layout layout_of(const struct head *h)
{
	struct layout at;

	at.tile_segment = sizeof(*h);
	at.tile_stored = at.tile_segment + (h->n_tiles + 1) * sizeof(uint32_t);
	at.value = at.tile_stored + (h->n_tiles + 1) * sizeof(uint32_t);
	at.gene = at.value + (size_t)h->n_stored * sizeof(float);
	at.more = at.gene + (size_t)h->n_segments * sizeof(uint16_t);
	at.cell = at.more + h->n_segments;
	at.size = (at.cell + h->n_stored + BLOCK_AHEAD + 63) / 64 * 64;
	return at;
}

/* A block being filled: the view's arrays without const. */
struct packing {
	unsigned char *bytes;
	uint32_t *tile_segment, *tile_stored;
	uint16_t *gene;
	uint8_t *more, *cell;
	float *value;
};

static struct packing packing_new(const struct head *h, size_t *size)
{
	struct layout at = layout_of(h);
	struct packing p = {.bytes = mem_vectors(at.size, 1)};

	memcpy(p.bytes, h, sizeof(*h));
	p.tile_segment = (uint32_t *)(p.bytes + at.tile_segment);
	p.tile_stored = (uint32_t *)(p.bytes + at.tile_stored);
	p.value = (void *)(p.bytes + at.value);
	p.gene = (uint16_t *)(p.bytes + at.gene);
	p.more = p.bytes + at.more;
	p.cell = p.bytes + at.cell;
	*size = at.size;
	return p;
}

struct block block_view(const unsigned char *bytes)
{
	const struct head *h = (const struct head *)bytes;
	struct layout at = layout_of(h);

	return (struct block){
		.n_cells = h->n_cells,
		.n_segments = h->n_segments,
		.n_stored = h->n_stored,
		.n_tiles = h->n_tiles,
		.tile_segment = (const uint32_t *)(bytes + at.tile_segment),
		.tile_stored = (const uint32_t *)(bytes + at.tile_stored),
		.value = (const void *)(bytes + at.value),
		.gene = (const uint16_t *)(bytes + at.gene),
		.more = bytes + at.more,
		.cell = bytes + at.cell,
	};
}

static uint32_t *count_genes(const struct cells *rows, struct head *h)
{
	uint32_t *count = mem_zero(rows->n_genes + 1, sizeof(*count));
	size_t n = cells_stored(rows);

	for (size_t k = 0; k < n; k++)
		count[rows->genes[k]] += rows->values[k] != 0;
	for (size_t gene = 0; gene < rows->n_genes; gene++) {
		h->n_segments += count[gene] > 0;
		h->n_stored += count[gene];
	}
	return count;
}

/* Write the segments' heads, and turn each count into the place of the gene's first value. */
static void lay_segments(struct packing *p, const struct head *h, uint32_t *count, size_t n_genes)
{
	uint32_t segment = 0, stored = 0;

	for (size_t gene = 0; gene < n_genes; gene++) {
		uint32_t n = count[gene];

		if (gene % TILE_GENES == 0) {
			p->tile_segment[gene / TILE_GENES] = segment;
			p->tile_stored[gene / TILE_GENES] = stored;
		}
		count[gene] = stored;
		if (!n)
			continue;
		p->gene[segment] = (uint16_t)(gene % TILE_GENES);
		p->more[segment] = (uint8_t)(n - 1);
		segment++;
		stored += n;
	}
	p->tile_segment[h->n_tiles] = segment;
	p->tile_stored[h->n_tiles] = stored;
}

unsigned char *block_pack(const struct cells *rows, size_t *size)
{
	struct head h = {.n_cells = (uint32_t)rows->n_cells,
			 .n_tiles = (uint32_t)block_tiles(rows->n_genes)};
	uint32_t *place = count_genes(rows, &h);
	struct packing p = packing_new(&h, size);

	lay_segments(&p, &h, place, rows->n_genes);
	for (size_t cell = 0; cell < rows->n_cells; cell++) {
		for (size_t k = rows->starts[cell]; k < rows->starts[cell + 1]; k++) {
			uint32_t at;

			if (rows->values[k] == 0)
				continue;
			at = place[rows->genes[k]]++;
			p.cell[at] = (uint8_t)cell;
			p.value[at] = rows->values[k];
		}
	}
	free(place);
	return p.bytes;
}

/* Count what stays; with 'p' write it too. */
static void narrow(const struct block *from, const uint32_t *gene_map, size_t n_genes,
		   struct head *h, struct packing *p)
{
	uint32_t segment = 0, stored = 0;
	size_t tile_next = 0, at = 0;

	for (size_t tile = 0; tile < from->n_tiles; tile++) {
		for (size_t k = from->tile_segment[tile]; k < from->tile_segment[tile + 1]; k++) {
			uint32_t gene = gene_map[tile * TILE_GENES + from->gene[k]];
			size_t n = (size_t)from->more[k] + 1;

			if (gene != UINT32_MAX && p) {
				for (; tile_next <= gene / TILE_GENES; tile_next++) {
					p->tile_segment[tile_next] = segment;
					p->tile_stored[tile_next] = stored;
				}
				p->gene[segment] = (uint16_t)(gene % TILE_GENES);
				p->more[segment] = from->more[k];
				memcpy(p->cell + stored, from->cell + at, n);
				memcpy(p->value + stored, from->value + at, n * sizeof(float));
			}
			if (gene != UINT32_MAX) {
				segment++;
				stored += (uint32_t)n;
			}
			at += n;
		}
	}
	for (; p && tile_next <= block_tiles(n_genes); tile_next++) {
		p->tile_segment[tile_next] = segment;
		p->tile_stored[tile_next] = stored;
	}
	h->n_segments = segment;
	h->n_stored = stored;
}

unsigned char *block_narrow(const struct block *from, const uint32_t *gene_map, size_t n_genes,
			    size_t *size)
{
	struct head h = {.n_cells = (uint32_t)from->n_cells,
			 .n_tiles = (uint32_t)block_tiles(n_genes)};
	struct packing p;

	narrow(from, gene_map, n_genes, &h, NULL);
	p = packing_new(&h, size);
	narrow(from, gene_map, n_genes, &h, &p);
	return p.bytes;
}

/* How many of a segment's values are of cells that are kept. */
static size_t count_kept(const uint8_t *cell, size_t n, const uint8_t *keep)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		kept += keep[cell[i]];
	return kept;
}

/*
 * The values of the cells that are kept. Every value is written, and kept by moving on: no branch to
 * mispredict. There is room for 'most': when that many are there, none is left to be kept.
 */
static size_t pick_segment(const struct block *from, size_t at, size_t n, const uint8_t *keep,
			   uint8_t *cell, float *value, size_t most)
{
	size_t kept = 0;

	for (size_t i = at; i < at + n && kept < most; i++) {
		cell[kept] = from->cell[i];
		value[kept] = from->value[i];
		kept += keep[from->cell[i]];
	}
	return kept;
}

/* Count what stays; with 'p' write it too, when it has been counted. */
static void pick(const struct block *from, const uint8_t *keep, struct head *h, struct packing *p)
{
	size_t segment = 0, stored = 0, at = 0, most = h->n_stored;

	for (size_t tile = 0; tile <= from->n_tiles; tile++) {
		size_t last = from->tile_segment[MIN(tile + 1, from->n_tiles)];

		if (p) {
			p->tile_segment[tile] = (uint32_t)segment;
			p->tile_stored[tile] = (uint32_t)stored;
		}
		for (size_t k = from->tile_segment[tile]; k < last; k++) {
			size_t n = (size_t)from->more[k] + 1;
			size_t kept = p ? pick_segment(from, at, n, keep, p->cell + stored,
						       p->value + stored, most - stored)
					: count_kept(from->cell + at, n, keep);

			at += n;
			if (!kept)
				continue;
			if (p) {
				p->gene[segment] = from->gene[k];
				p->more[segment] = (uint8_t)(kept - 1);
			}
			segment++;
			stored += kept;
		}
	}
	h->n_segments = (uint32_t)segment;
	h->n_stored = (uint32_t)stored;
}

unsigned char *block_pick(const struct block *from, const uint8_t *keep, size_t *size)
{
	struct head h = {.n_cells = (uint32_t)from->n_cells, .n_tiles = (uint32_t)from->n_tiles};
	struct packing p;

	pick(from, keep, &h, NULL);
	p = packing_new(&h, size);
	pick(from, keep, &h, &p);
	return p.bytes;
}
