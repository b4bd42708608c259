/* tiles.h - one numeric dataset, as the tiles it is stored in.
 *
 * A struct tiles knows where a dataset's bytes are and what they mean. Tiles are its chunks; a
 * contiguous dataset, or one whose chunks are too long to be held, is cut into tiles of about a
 * megabyte. Getting a tile has two halves, so that reading runs on one thread while decoding runs
 * on many:
 *
 *	tiles_fetch(&tiles, number, &tile, err);                // the raw bytes, in HDF5's lock
 *	numbers = tiles_numbers(&tiles, &tile, &room, err);     // plain numbers, any thread
 *
 * Where only runs of a tile are wanted, tiles_decode and tiles_slice do less than tiles_numbers.
 *
 * Of long chunks it is the first half that decodes, forward from where it was: fetch their tiles in
 * order. Memory is then a few tiles, whatever the chunks hold (h5ad/hdf5/long_chunk.h).
 *
 * One-dimensional datasets are columns: dims[1] and tile[1] are 1. Nothing but the HDF5 file
 * itself is read: external storage, virtual datasets and filters from plugins are refused.
 */
#ifndef H5AD_HDF5_TILES_H
#define H5AD_HDF5_TILES_H

#include <hdf5.h>

#include "base/err.h"
#include "h5ad/hdf5/chunk_map.h"
#include "h5ad/hdf5/filters.h"
#include "h5ad/hdf5/long_chunk.h"
#include "h5ad/hdf5/number.h"

/* How a tile's bytes are had. */
enum tiles_way {
	TILES_DIRECT, /* contiguous: read from the file by whoever decodes */
	TILES_PLAIN,  /* chunks of a column without filters: the same, once HDF5 has found them */
	TILES_CHUNK,  /* raw chunks, filters undone by us */
	TILES_LONG,   /* stretches of chunks that are too long to be held */
	TILES_LIBRARY /* HDF5 decodes: compact storage, its rare filters, space never written */
};

struct tiles {
	char *name; /* "file: /X/data", for messages */
	hid_t dataset, stored_type;
	enum tiles_way way;
	struct number_type type;
	size_t rank;
	size_t dims[2], tile[2];
	size_t n_tiles[2];
	struct filters filters;
	bool edges_plain;                /* tiles over the edge were not filtered */
	int fd;                          /* of DIRECT and PLAIN; HDF5's own, borrowed */
	struct chunk_map map;            /* of PLAIN */
	struct long_chunks *long_chunks; /* of LONG: one for each column of tiles */
	uint64_t offset, file_size;
};

/* The chunk of a column of tiles that is being read. */
struct long_chunks {
	size_t height; /* of chunks, in rows of the dataset */
	struct {
		struct long_chunk chunk;
		size_t row;  /* of chunks */
		bool absent; /* never written: HDF5 knows what it holds */
	} at[];
};

struct tile {
	size_t number; /* row of tiles * n_tiles[1] + column of tiles */
	uint8_t *raw;
	size_t n_raw, cap;
	uint32_t skipped; /* filters that this chunk did without */
	bool plain;       /* 'raw' needs no undoing */
};

/*
 * Open the dataset at 'path' inside 'file'. 'file_name' is for messages. Refuses what is not
 * numeric, has more than two dimensions or hides its bytes elsewhere.
 */
int tiles_open(struct tiles *tiles, hid_t file, const char *file_name, const char *path,
	       struct err *err) MUST_USE;

/* What was never opened must be zeroed; then this is a no-op. */
void tiles_close(struct tiles *tiles);

/* May any part of it be read to its place when it is decoded, with tiles_read_stored? */
static inline bool tiles_is_direct(const struct tiles *tiles)
{
	return tiles->way == TILES_DIRECT || tiles->way == TILES_PLAIN;
}

/* Numbers in a full tile. */
static inline size_t tiles_tile_size(const struct tiles *tiles)
{
	return tiles->tile[0] * tiles->tile[1];
}

/* Read the raw bytes of tile 'number' into 'tile'. Calls HDF5: one thread at a time. */
int tiles_fetch(const struct tiles *tiles, size_t number, struct tile *tile,
		struct err *err) MUST_USE;
void tile_release(struct tile *tile);

/*
 * The tile's numbers in this machine's byte order, row by row. Tiles at the edge of chunked
 * storage are full size; others end with the dataset. Valid until 'room' or 'tile' is used again.
 */
const void *tiles_numbers(const struct tiles *tiles, struct tile *tile, struct filter_room *room,
			  struct err *err) MUST_USE;

/*
 * A decoded tile whose bytes may still be shuffled: tiles_slice puts them in order, where they are
 * wanted. Valid as long as what tiles_numbers returns.
 */
struct tiles_view {
	const uint8_t *bytes;
	bool shuffled;
};

int tiles_decode(const struct tiles *tiles, struct tile *tile, struct filter_room *room,
		 struct tiles_view *view, struct err *err) MUST_USE;

/*
 * Numbers [from, from + n) of a view: within the view itself when they lie there in order, else
 * put together in 'out', aligned for them and with room for 'n'.
 */
const void *tiles_slice(const struct tiles *tiles, const struct tiles_view *view, size_t from,
			size_t n, void *out);

/*
 * Where they are direct: 'n' numbers from position 'from' of the flat dataset, as they are stored.
 * For any thread.
 */
int tiles_read_stored(const struct tiles *tiles, size_t from, size_t n, void *out,
		      struct err *err) MUST_USE;

/* Is a stored number already one of ours, so that direct bytes may be read to their place? */
static inline bool tiles_is(const struct tiles *tiles, enum number_kind kind)
{
	return tiles->type.kind == kind && !tiles->type.swap;
}

/*
 * Integers of a column, one after the other or by position. Keeps the newest tile.
 *
 *	struct tiles_ints starts = {.tiles = &tiles};
 *	tiles_ints_at(&starts, 17, &value, err);
 */
struct tiles_ints {
	const struct tiles *tiles;
	struct tile tile;
	struct filter_room room;
	const uint8_t *numbers; /* of the tile at hand, or NULL */
};

int tiles_ints_at(struct tiles_ints *ints, size_t at, int64_t *value, struct err *err) MUST_USE;
void tiles_ints_release(struct tiles_ints *ints);

#endif
