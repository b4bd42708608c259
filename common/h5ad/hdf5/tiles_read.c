/* tiles_read.c - tiles fetched in HDF5's lock, and decoded in any thread. */
#include "base/util.h"

#include "base/fd.h"
#include "base/mem.h"
#include "h5ad/hdf5/hdf5.h"
#include "h5ad/hdf5/place.h"
#include "h5ad/hdf5/tiles.h"

/* ---- reading ------------------------------------------------------------------------------ */

/* Position of a tile's first number, and how much of the tile is inside the dataset. */
static void tile_place(const struct tiles *tiles, size_t number, hsize_t at[2], hsize_t size[2])
{
	size_t index[2] = {number / tiles->n_tiles[1], number % tiles->n_tiles[1]};

	for (int i = 0; i < 2; i++) {
		at[i] = (hsize_t)index[i] * tiles->tile[i];
		size[i] = MIN((hsize_t)tiles->tile[i], tiles->dims[i] - at[i]);
	}
}

static void tile_room(struct tile *tile, size_t bytes)
{
	MEM_GROW(tile->raw, bytes, tile->cap);
	tile->n_raw = bytes;
}

/* HDF5 reads and decodes; the tile comes out full size, as a chunk would. */
static int fetch_by_library(const struct tiles *tiles, struct tile *tile, struct err *err)
{
	hsize_t at[2], size[2], full[2] = {tiles->tile[0], tiles->tile[1]}, zero[2] = {0, 0};
	int rank = (int)tiles->rank, failed = 1;
	hid_t there = H5Dget_space(tiles->dataset), here = H5Screate_simple(rank, full, NULL);

	tile_place(tiles, tile->number, at, size);
	tile_room(tile, mem_product(tiles_tile_size(tiles), tiles->type.size));
	memset(tile->raw, 0, tile->n_raw);
	if (there >= 0 && here >= 0 &&
	    H5Sselect_hyperslab(there, H5S_SELECT_SET, at, NULL, size, NULL) >= 0 &&
	    H5Sselect_hyperslab(here, H5S_SELECT_SET, zero, NULL, size, NULL) >= 0)
		failed = H5Dread(tiles->dataset, tiles->stored_type, here, there, H5P_DEFAULT,
				 tile->raw) < 0;
	if (there >= 0)
		H5Sclose(there);
	if (here >= 0)
		H5Sclose(here);
	tile->plain = true;
	return failed ? err_set(err, "%s: cannot be read (the file is damaged)", tiles->name) : 0;
}

/*
 * A dense matrix may leave out chunks of zeros. What is sparse has none to leave out: there, a chunk
 * that is not where the index of chunks should have it is damage, not zeros.
 */
static int check_absent(const struct tiles *tiles, size_t chunk, struct err *err)
{
	if (tiles->rank > 1)
		return 0;
	return err_set(err,
		       "%s: chunk %zu was never written (the file is damaged, or not complete)",
		       tiles->name, chunk);
}

static int fetch_chunk(const struct tiles *tiles, struct tile *tile, struct err *err)
{
	hsize_t at[2], size[2], stored = 0;

	tile_place(tiles, tile->number, at, size);
	if (H5Dget_chunk_storage_size(tiles->dataset, at, &stored) < 0)
		stored = 0;
	if (stored > tiles->file_size)
		return err_set(err, "%s: chunk %zu cannot be found (the file is damaged)",
			       tiles->name, tile->number);
	if (stored == 0) /* never written, which is an error of 1.10: HDF5 knows what it holds */
		return check_absent(tiles, tile->number, err) ? -1
							      : fetch_by_library(tiles, tile, err);
	tile_room(tile, stored);
	if (H5Dread_chunk(tiles->dataset, H5P_DEFAULT, at, &tile->skipped, tile->raw) < 0)
		return err_set(err, "%s: chunk %zu cannot be read (the file is damaged)",
			       tiles->name, tile->number);
	if (tiles->edges_plain && (size[0] < tiles->tile[0] || size[1] < tiles->tile[1]))
		tile->skipped = UINT32_MAX;
	return 0;
}

/* ---- long chunks ---- */

/* The chunk in row 'row' of chunks, column 'column', ready to be read. */
static int open_long(const struct tiles *tiles, size_t row, size_t column, struct err *err)
{
	struct long_chunks *all = tiles->long_chunks;
	hsize_t at[2] = {(hsize_t)row * all->height, (hsize_t)column * tiles->tile[1]}, stored = 0;
	struct long_chunk *chunk = &all->at[column].chunk;
	struct place place;

	all->at[column].row = row;
	all->at[column].absent =
		H5Dget_chunk_storage_size(tiles->dataset, at, &stored) < 0 || stored == 0;
	if (all->at[column].absent) {
		long_chunk_release(chunk);
		return 0;
	}
	if (place_of_chunk(tiles->dataset, at, &place) || place.at > tiles->file_size ||
	    place.n > tiles->file_size - place.at)
		return err_set(err, "cannot be read (the file is damaged)");
	if (tiles->edges_plain &&
	    (at[0] + all->height > tiles->dims[0] || at[1] + tiles->tile[1] > tiles->dims[1]))
		place.skipped = UINT32_MAX;
	return long_chunk_open(chunk, &tiles->filters, tiles->type.size, tiles->fd, &place, err);
}

/* A stretch of rows, of one chunk or the end of one and the beginning of the next. */
static int fetch_long(const struct tiles *tiles, struct tile *tile, struct err *err)
{
	struct long_chunks *all = tiles->long_chunks;
	size_t column = tile->number % tiles->n_tiles[1], width = tiles->tile[1];
	hsize_t at[2], size[2];

	tile_place(tiles, tile->number, at, size);
	tile_room(tile, mem_product(tiles_tile_size(tiles), tiles->type.size));
	tile->plain = true;
	for (size_t done = 0, run; done < size[0]; done += run) {
		size_t first = (size_t)at[0] + done, row = first / all->height;
		struct long_chunk *chunk = &all->at[column].chunk;

		run = MIN((size_t)size[0] - done, (row + 1) * all->height - first);
		if ((all->at[column].row != row ||
		     (chunk->state == LONG_CHUNK_CLOSED && !all->at[column].absent)) &&
		    open_long(tiles, row, column, err))
			return err_prefix(err, "%s: chunk %zu", tiles->name,
					  row * tiles->n_tiles[1] + column);
		if (all->at[column].absent)
			return check_absent(tiles, row, err) ? -1
							     : fetch_by_library(tiles, tile, err);
		if (long_chunk_read(chunk, (first - row * all->height) * width, run * width,
				    tile->raw + done * width * tiles->type.size, err))
			return err_prefix(err, "%s: chunk %zu", tiles->name,
					  row * tiles->n_tiles[1] + column);
	}
	return 0;
}

static int find_chunks(const struct tiles *tiles, size_t number, struct err *err)
{
	size_t from = number * tiles->tile[0], n = MIN(tiles->tile[0], tiles->dims[0] - from);

	if (n && chunk_map_find(&tiles->map, tiles->dataset, from, n, tiles->filters.chunk_bytes,
				tiles->file_size, err))
		return err_prefix(err, "%s", tiles->name);
	for (size_t i = from / tiles->map.n_chunk; i * tiles->map.n_chunk < from + n; i++)
		if (tiles->map.absent[i])
			return check_absent(tiles, i, err);
	return 0;
}

int tiles_fetch(const struct tiles *tiles, size_t number, struct tile *tile, struct err *err)
{
	tile->number = number;
	tile->skipped = 0;
	tile->plain = false;
	tile->n_raw = 0;
	if (tiles->way == TILES_DIRECT || (tiles->way == TILES_PLAIN && !tiles->map.places))
		return 0;
	h5_quiet();
	if (tiles->way == TILES_PLAIN)
		return find_chunks(tiles, number, err);
	if (tiles->way == TILES_LONG)
		return fetch_long(tiles, tile, err);
	return tiles->way == TILES_CHUNK ? fetch_chunk(tiles, tile, err)
					 : fetch_by_library(tiles, tile, err);
}

void tile_release(struct tile *tile)
{
	free(tile->raw);
	*tile = (struct tile){.raw = NULL};
}

/* Without a chunk cache HDF5 reads the bytes of unfiltered chunks straight to 'out'. */
static int read_plain(const struct tiles *tiles, size_t from, size_t n, void *out, struct err *err)
{
	hsize_t at = from, size = n;
	hid_t there = H5Dget_space(tiles->dataset), here = H5Screate_simple(1, &size, NULL);
	bool good = there >= 0 && here >= 0 &&
		    H5Sselect_hyperslab(there, H5S_SELECT_SET, &at, NULL, &size, NULL) >= 0;

	good = good &&
	       H5Dread(tiles->dataset, tiles->stored_type, here, there, H5P_DEFAULT, out) >= 0;
	if (there >= 0)
		H5Sclose(there);
	if (here >= 0)
		H5Sclose(here);
	return good ? 0 : err_set(err, "%s: cannot be read (the file is damaged)", tiles->name);
}

static int read_bytes(const struct tiles *tiles, uint64_t at, size_t bytes, void *out,
		      struct err *err)
{
	int got = read_at(tiles->fd, out, bytes, at);

	if (got > 0)
		return err_set(err, "%s: the file ends within the data (it is truncated)",
			       tiles->name);
	return got ? err_errno(err, "%s", tiles->name) : 0;
}

/* Numbers of one chunk. */
static int read_chunk(const struct tiles *tiles, size_t from, size_t n, void *out, struct err *err)
{
	size_t chunk = from / tiles->map.n_chunk, within = from % tiles->map.n_chunk;

	if (tiles->map.absent[chunk]) {
		h5_quiet();
		return read_plain(tiles, from, n, out, err);
	}
	return read_bytes(tiles, tiles->map.places[chunk] + (uint64_t)within * tiles->type.size,
			  n * tiles->type.size, out, err);
}

static int read_chunks(const struct tiles *tiles, size_t from, size_t n, uint8_t *out,
		       struct err *err)
{
	for (size_t run; n; n -= run, from += run, out += run * tiles->type.size) {
		run = MIN(n, tiles->map.n_chunk - from % tiles->map.n_chunk);
		if (read_chunk(tiles, from, run, out, err))
			return -1;
	}
	return 0;
}

int tiles_read_stored(const struct tiles *tiles, size_t from, size_t n, void *out, struct err *err)
{
	size_t size = tiles->type.size;

	if (tiles->way == TILES_DIRECT)
		return read_bytes(tiles, tiles->offset + (uint64_t)from * size, n * size, out, err);
	if (tiles->map.places)
		return read_chunks(tiles, from, n, out, err);
	h5_quiet();
	return read_plain(tiles, from, n, out, err);
}

/* ---- decoding ----------------------------------------------------------------------------- */

static int read_direct_tile(const struct tiles *tiles, struct tile *tile, struct err *err)
{
	hsize_t at[2], size[2];

	tile_place(tiles, tile->number, at, size);
	size_t n = size[0] * tiles->dims[1];
	tile_room(tile, mem_product(n, tiles->type.size));
	tile->plain = true;
	return tiles_read_stored(tiles, at[0] * tiles->dims[1], n, tile->raw, err);
}

/* Filters undone but for the first 'n_left'; bytes as they were stored. */
static const uint8_t *undo(const struct tiles *tiles, struct tile *tile, size_t n_left,
			   struct filter_room *room, struct err *err)
{
	const uint8_t *bytes;

	if (tiles_is_direct(tiles) && read_direct_tile(tiles, tile, err))
		return NULL;
	if (tile->plain)
		return tile->raw;
	bytes = filters_undo(&tiles->filters, n_left, tile->skipped, tile->raw, tile->n_raw, room,
			     err);
	if (!bytes)
		err_prefix(err, "%s: chunk %zu", tiles->name, tile->number);
	return bytes;
}

const void *tiles_numbers(const struct tiles *tiles, struct tile *tile, struct filter_room *room,
			  struct err *err)
{
	const uint8_t *numbers = undo(tiles, tile, 0, room, err);

	if (numbers && tiles->type.swap) {
		size_t bytes = tile->plain ? tile->n_raw : tiles->filters.chunk_bytes;
		number_swap((void *)numbers, bytes / tiles->type.size, tiles->type.size);
	}
	return numbers;
}

/* May this tile's bytes stay shuffled until they are wanted? */
static bool stays_shuffled(const struct tiles *tiles, const struct tile *tile)
{
	const struct filters *f = &tiles->filters;

	return !tiles_is_direct(tiles) && !tile->plain && !tiles->type.swap && f->n &&
	       f->list[0].id == FILTER_SHUFFLE && f->list[0].element == tiles->type.size &&
	       !(tile->skipped & 1);
}

int tiles_decode(const struct tiles *tiles, struct tile *tile, struct filter_room *room,
		 struct tiles_view *view, struct err *err)
{
	view->shuffled = stays_shuffled(tiles, tile);
	view->bytes = view->shuffled ? undo(tiles, tile, 1, room, err)
				     : tiles_numbers(tiles, tile, room, err);
	return view->bytes ? 0 : -1;
}

const void *tiles_slice(const struct tiles *tiles, const struct tiles_view *view, size_t from,
			size_t n, void *out)
{
	size_t size = tiles->type.size;

	if (!view->shuffled)
		return view->bytes + from * size;
	filters_unshuffle(view->bytes, tiles->filters.chunk_bytes, size, from, n, out);
	return out;
}

int tiles_ints_at(struct tiles_ints *ints, size_t at, int64_t *value, struct err *err)
{
	const struct tiles *tiles = ints->tiles;
	size_t number = at / tiles->tile[0];

	if (!ints->numbers || ints->tile.number != number) {
		ints->numbers = NULL;
		if (tiles_fetch(tiles, number, &ints->tile, err))
			return -1;
		ints->numbers = tiles_numbers(tiles, &ints->tile, &ints->room, err);
		if (!ints->numbers)
			return -1;
	}
	const uint8_t *p = ints->numbers + (at - number * tiles->tile[0]) * tiles->type.size;
	*value = number_to_int64(tiles->type.kind, p);
	return 0;
}

void tiles_ints_release(struct tiles_ints *ints)
{
	tile_release(&ints->tile);
	filter_room_release(&ints->room);
	ints->numbers = NULL;
}
