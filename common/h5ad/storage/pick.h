/* pick.h - which rows and columns of a matrix are read, and in pieces of what size.
 *
 * Both are pushed down to the storage: chunks that hold nothing wanted are not read. Neither
 * changes a value.
 *
 *	const size_t cells[] = {3, 17, 40};
 *	const struct pick pick = {.cells = cells, .n_cells = 3};
 *	struct stream *s = h5ad_stream(in, slot, &pick, pool, &err);       // three cells
 *
 * A pick borrows its arrays: they must outlive the stream.
 */
#ifndef H5AD_STORAGE_PICK_H
#define H5AD_STORAGE_PICK_H

#include "base/util.h"

/* What to read. NULL pointers mean all. */
struct pick {
	const size_t *cells; /* rows wanted, rising strictly */
	size_t n_cells;
	const uint32_t *gene_map; /* per gene of the slot: its new index, or STRTAB_NONE to leave
				   * out. Several genes may not share an index. */
	size_t n_genes;           /* columns after the map */
};

struct stream_limits {
	size_t cells;     /* of a block, at most */
	size_t stored;    /* of a block, at most, unless one cell has more */
	size_t transpose; /* bytes that turning CSC into CSR may hold; scratch files beyond */
};

#define STREAM_LIMITS                                                                   \
	{                                                                               \
		.cells = 8192, .stored = (size_t)1 << 18, .transpose = (size_t)32 << 20 \
	}

#endif
