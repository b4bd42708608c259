/* lane.c - one numeric dataset, as the tiles it is stored in. */
#include "base/util.h"

#include "base/fd.h"
#include "base/mem.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/place.h"
#include "h5ad/hdf5/tiles.h"
#include "h5ad/storage.h"

#define DIRECT_TILE_BYTES ((size_t)1 << 20)

/* ---- what the numbers are ----------------------------------------------------------------- */

static bool is_half(hid_t type)
{
	size_t sign, exponent_at, exponent, fraction_at, fraction;

	return H5Tget_size(type) == 2 &&
	       H5Tget_fields(type, &sign, &exponent_at, &exponent, &fraction_at, &fraction) >= 0 &&
	       sign == 15 && exponent_at == 10 && exponent == 5 && fraction_at == 0 &&
	       fraction == 10 && H5Tget_ebias(type) == 15;
}

static bool float_kind(hid_t type, enum number_kind *kind)
{
	if (H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F32BE) > 0)
		*kind = NUMBER_F32;
	else if (H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0)
		*kind = NUMBER_F64;
	else if (is_half(type))
		*kind = NUMBER_F16;
	else
		return false;
	return true;
}

static bool integer_kind(hid_t type, enum number_kind *kind)
{
	static const enum number_kind kinds[4] = {NUMBER_I8, NUMBER_I16, NUMBER_I32, NUMBER_I64};
	size_t size = H5Tget_size(type);
	size_t log = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : 4;

	if (log == 4 || H5Tget_precision(type) != size * 8)
		return false;
	*kind = kinds[log] + (H5Tget_sign(type) == H5T_SGN_NONE);
	return true;
}

static bool type_of(hid_t type, struct number_type *t)
{
	H5T_class_t class = H5Tget_class(type);
	bool known = class == H5T_INTEGER ? integer_kind(type, &t->kind)
					  : class == H5T_FLOAT && float_kind(type, &t->kind);
	H5T_order_t order = known ? H5Tget_order(type) : H5T_ORDER_NONE;

	t->size = H5Tget_size(type);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	t->swap = order == H5T_ORDER_BE && t->size > 1;
#else
	t->swap = order == H5T_ORDER_LE && t->size > 1;
#endif
	return known && (order == H5T_ORDER_LE || order == H5T_ORDER_BE);
}

/* h5py stores booleans as an enumeration over int8: its integers are what we want. */
static int read_type(struct lane *lane, struct err *err)
{
	hid_t type = H5Dget_type(lane->dataset);

	if (type >= 0 && H5Tget_class(type) == H5T_ENUM) {
		hid_t base = H5Tget_super(type);
		H5Tclose(type);
		type = base;
	}
	lane->stored_type = type;
	if (type < 0 || !type_of(type, &lane->type))
		return err_set(err,
			       "%s: the values are not numbers of a type that can be read "
			       "(integers of 1 to 8 bytes, floats of 2, 4 or 8)",
			       lane->name);
	return 0;
}

/* ---- where the bytes are ------------------------------------------------------------------ */

static int read_shape(struct lane *lane, struct err *err)
{
	hsize_t dims[2] = {0, 1};
	hid_t space = H5Dget_space(lane->dataset);
	int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);

	if (rank == 1 || rank == 2)
		rank = H5Sget_simple_extent_dims(space, dims, NULL);
	if (space >= 0)
		H5Sclose(space);
	if (rank != 1 && rank != 2)
		return err_set(err, "%s: an array of one or two dimensions was expected",
			       lane->name);
	if (dims[1] && dims[0] > SIZE_MAX / 16 / dims[1])
		return err_set(err, "%s: the shape %llu x %llu is impossible", lane->name,
			       (unsigned long long)dims[0], (unsigned long long)dims[1]);
	lane->rank = (size_t)rank;
	lane->dims[0] = dims[0];
	lane->dims[1] = dims[1];
	return 0;
}

static int read_filters(struct lane *lane, hid_t plist, struct err *err)
{
	int n = H5Pget_nfilters(plist);

	if (n < 0 || n > FILTERS_MAX)
		return err_set(err, "%s: %d filters are more than can be read", lane->name, n);
	lane->filters.n = (size_t)n;
	for (int i = 0; i < n; i++) {
		unsigned flags, config, values[8] = {0};
		size_t n_values = ARRAY_LEN(values);
		char name[64] = "";
		H5Z_filter_t id = H5Pget_filter2(plist, (unsigned)i, &flags, &n_values, values,
						 sizeof(name), name, &config);
		if (id < 0)
			return err_set(err, "%s: its filters cannot be read", lane->name);
		lane->filters.list[i].id = id;
		lane->filters.list[i].element = n_values ? values[0] : 0;
		if (id >= 256 && id != FILTER_LZF)
			return err_set(err,
				       "%s: compressed with filter %d (%s), which needs a plugin "
				       "(rewrite the file with gzip)",
				       lane->name, id, name[0] ? name : "unnamed");
	}
	return 0;
}

/* Whole rows, about a megabyte of them. */
static void plan_pieces(struct lane *lane)
{
	size_t row = MAX(lane->dims[1] * lane->type.size, (size_t)1);

	lane->tile[0] = MAX(DIRECT_TILE_BYTES / row, (size_t)1);
	lane->tile[1] = MAX(lane->dims[1], (size_t)1);
}

static void plan_plain(struct lane *lane, hid_t file)
{
	lane->fd = place_descriptor(file);
	if (lane->fd >= 0)
		chunk_map_init(&lane->map, lane->dims[0], lane->tile[0]);
	lane->way = LANE_PLAIN;
	plan_pieces(lane);
}

static int plan_chunks(struct lane *lane, hid_t file, hid_t plist, struct err *err)
{
	hsize_t chunk[2] = {1, 1};
	unsigned options = 0;

	if (H5Pget_chunk(plist, (int)lane->rank, chunk) != (int)lane->rank || !chunk[0] ||
	    !chunk[1] || chunk[0] > UINT32_MAX || chunk[1] > UINT32_MAX ||
	    chunk[0] * chunk[1] > UINT32_MAX / lane->type.size)
		return err_set(err, "%s: its chunks have an impossible shape", lane->name);
	if (read_filters(lane, plist, err))
		return -1;
	if (H5Pget_chunk_opts(plist, &options) >= 0)
		lane->edges_plain = options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
	lane->tile[0] = chunk[0];
	lane->tile[1] = chunk[1];
	lane->filters.chunk_bytes = lane_tile_size(lane) * lane->type.size;
	lane->way = filters_known(&lane->filters) ? LANE_CHUNK : LANE_LIBRARY;
	if (lane->filters.n == 0 && lane->rank == 1 && hdf5_is_threadsafe())
		plan_plain(lane, file);
	return 0;
}

static int plan_contiguous(struct lane *lane, hid_t file, hid_t plist, struct err *err)
{
	haddr_t offset = H5Dget_offset(lane->dataset);
	uint64_t bytes = (uint64_t)lane->dims[0] * lane->dims[1] * lane->type.size;

	if (H5Pget_external_count(plist) != 0)
		return err_set(err, "%s: its data are in another file, which is not followed",
			       lane->name);
	lane->fd = place_descriptor(file);
	plan_pieces(lane);
	lane->way = LANE_LIBRARY;
	if (offset == HADDR_UNDEF || lane->fd < 0)
		return 0;
	if (offset > lane->file_size || bytes > lane->file_size - offset)
		return err_set(err, "%s: the file ends within the data (it is truncated)",
			       lane->name);
	lane->offset = offset;
	lane->way = LANE_DIRECT;
	return 0;
}

static int plan_layout(struct lane *lane, hid_t file, struct err *err)
{
	hid_t plist = H5Dget_create_plist(lane->dataset);
	H5D_layout_t layout = plist < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(plist);
	hsize_t file_size = 0;
	int ret = 0;

	if (H5Fget_filesize(file, &file_size) < 0)
		layout = H5D_LAYOUT_ERROR;
	lane->file_size = file_size;
	if (layout == H5D_CHUNKED)
		ret = plan_chunks(lane, file, plist, err);
	else if (layout == H5D_CONTIGUOUS)
		ret = plan_contiguous(lane, file, plist, err);
	else if (layout == H5D_COMPACT)
		plan_pieces(lane);
	else
		ret = err_set(err, "%s: %s", lane->name,
			      layout == H5D_VIRTUAL ? "a virtual dataset, which is not followed"
						    : "its layout cannot be read");
	if (layout == H5D_COMPACT)
		lane->way = LANE_LIBRARY;
	if (plist >= 0)
		H5Pclose(plist);
	return ret;
}

/* Every chunk is read once: HDF5's cache would only copy it. */
static hid_t open_uncached(hid_t file, const char *path)
{
	hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
	hid_t dataset = H5I_INVALID_HID;

	if (access >= 0 && H5Pset_chunk_cache(access, 0, 0, 1) >= 0)
		dataset = H5Dopen2(file, path, access);
	if (access >= 0)
		H5Pclose(access);
	return dataset;
}

int lane_open(struct lane *lane, hid_t file, const char *file_name, const char *path,
	      struct err *err)
{
	*lane = (struct lane){.dataset = H5I_INVALID_HID, .stored_type = H5I_INVALID_HID};
	lane->name = mem_printf("%s: %s", file_name, path);
	lane->dataset = open_uncached(file, path);
	if (lane->dataset < 0) {
		err_set(err, "%s: cannot be opened as a dataset", lane->name);
		goto fail;
	}
	if (read_type(lane, err) || read_shape(lane, err) || plan_layout(lane, file, err))
		goto fail;
	for (int i = 0; i < 2; i++)
		lane->n_tiles[i] = (lane->dims[i] + lane->tile[i] - 1) / lane->tile[i];
	return 0;
fail:
	lane_close(lane);
	return -1;
}

void lane_close(struct lane *lane)
{
	if (!lane->name)
		return;
	if (lane->stored_type >= 0)
		H5Tclose(lane->stored_type);
	if (lane->dataset >= 0)
		H5Dclose(lane->dataset);
	chunk_map_release(&lane->map);
	free(lane->name);
	*lane = (struct lane){.name = NULL};
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Position of a tile's first number, and how much of the tile is inside the dataset. */
static void tile_place(const struct lane *lane, size_t number, hsize_t at[2], hsize_t size[2])
{
	size_t index[2] = {number / lane->n_tiles[1], number % lane->n_tiles[1]};

	for (int i = 0; i < 2; i++) {
		at[i] = (hsize_t)index[i] * lane->tile[i];
		size[i] = MIN((hsize_t)lane->tile[i], lane->dims[i] - at[i]);
	}
}

static void tile_room(struct tile *tile, size_t bytes)
{
	MEM_GROW(tile->raw, bytes, tile->cap);
	tile->n_raw = bytes;
}

/* HDF5 reads and decodes; the tile comes out full size, as a chunk would. */
static int fetch_by_library(const struct lane *lane, struct tile *tile, struct err *err)
{
	hsize_t at[2], size[2], full[2] = {lane->tile[0], lane->tile[1]}, zero[2] = {0, 0};
	int rank = (int)lane->rank, failed = 1;
	hid_t there = H5Dget_space(lane->dataset), here = H5Screate_simple(rank, full, NULL);

	tile_place(lane, tile->number, at, size);
	tile_room(tile, mem_product(lane_tile_size(lane), lane->type.size));
	memset(tile->raw, 0, tile->n_raw);
	if (there >= 0 && here >= 0 &&
	    H5Sselect_hyperslab(there, H5S_SELECT_SET, at, NULL, size, NULL) >= 0 &&
	    H5Sselect_hyperslab(here, H5S_SELECT_SET, zero, NULL, size, NULL) >= 0)
		failed = H5Dread(lane->dataset, lane->stored_type, here, there, H5P_DEFAULT,
				 tile->raw) < 0;
	if (there >= 0)
		H5Sclose(there);
	if (here >= 0)
		H5Sclose(here);
	tile->plain = true;
	return failed ? err_set(err, "%s: cannot be read (the file is damaged)", lane->name) : 0;
}

static int fetch_chunk(const struct lane *lane, struct tile *tile, struct err *err)
{
	hsize_t at[2], size[2], stored = 0;

	tile_place(lane, tile->number, at, size);
	if (H5Dget_chunk_storage_size(lane->dataset, at, &stored) < 0)
		stored = 0;
	if (stored > lane->file_size)
		return err_set(err, "%s: chunk %zu cannot be found (the file is damaged)",
			       lane->name, tile->number);
	if (stored == 0) /* never written, which is an error of 1.10: HDF5 knows what it holds */
		return fetch_by_library(lane, tile, err);
	tile_room(tile, stored);
	if (H5Dread_chunk(lane->dataset, H5P_DEFAULT, at, &tile->skipped, tile->raw) < 0)
		return err_set(err, "%s: chunk %zu cannot be read (the file is damaged)",
			       lane->name, tile->number);
	if (lane->edges_plain && (size[0] < lane->tile[0] || size[1] < lane->tile[1]))
		tile->skipped = UINT32_MAX;
	return 0;
}

static int find_chunks(const struct lane *lane, size_t number, struct err *err)
{
	size_t from = number * lane->tile[0], n = MIN(lane->tile[0], lane->dims[0] - from);

	if (n && chunk_map_find(&lane->map, lane->dataset, from, n, lane->filters.chunk_bytes,
				lane->file_size, err))
		return err_prefix(err, "%s", lane->name);
	return 0;
}

int lane_fetch(const struct lane *lane, size_t number, struct tile *tile, struct err *err)
{
	tile->number = number;
	tile->skipped = 0;
	tile->plain = false;
	tile->n_raw = 0;
	if (lane->way == LANE_DIRECT || (lane->way == LANE_PLAIN && !lane->map.places))
		return 0;
	h5_quiet();
	if (lane->way == LANE_PLAIN)
		return find_chunks(lane, number, err);
	return lane->way == LANE_CHUNK ? fetch_chunk(lane, tile, err)
				       : fetch_by_library(lane, tile, err);
}

void tile_release(struct tile *tile)
{
	free(tile->raw);
	*tile = (struct tile){.raw = NULL};
}

/* Without a chunk cache HDF5 reads the bytes of unfiltered chunks straight to 'out'. */
static int read_plain(const struct lane *lane, size_t from, size_t n, void *out, struct err *err)
{
	hsize_t at = from, size = n;
	hid_t there = H5Dget_space(lane->dataset), here = H5Screate_simple(1, &size, NULL);
	bool good = there >= 0 && here >= 0 &&
		    H5Sselect_hyperslab(there, H5S_SELECT_SET, &at, NULL, &size, NULL) >= 0;

	good = good &&
	       H5Dread(lane->dataset, lane->stored_type, here, there, H5P_DEFAULT, out) >= 0;
	if (there >= 0)
		H5Sclose(there);
	if (here >= 0)
		H5Sclose(here);
	return good ? 0 : err_set(err, "%s: cannot be read (the file is damaged)", lane->name);
}

static int read_bytes(const struct lane *lane, uint64_t at, size_t bytes, void *out,
		      struct err *err)
{
	int got = read_at(lane->fd, out, bytes, at);

	if (got > 0)
		return err_set(err, "%s: the file ends within the data (it is truncated)",
			       lane->name);
	return got ? err_errno(err, "%s", lane->name) : 0;
}

/* Numbers of one chunk. */
static int read_chunk(const struct lane *lane, size_t from, size_t n, void *out, struct err *err)
{
	size_t chunk = from / lane->map.n_chunk, within = from % lane->map.n_chunk;

	if (lane->map.absent[chunk]) {
		h5_quiet();
		return read_plain(lane, from, n, out, err);
	}
	return read_bytes(lane, lane->map.places[chunk] + (uint64_t)within * lane->type.size,
			  n * lane->type.size, out, err);
}

static int read_chunks(const struct lane *lane, size_t from, size_t n, uint8_t *out,
		       struct err *err)
{
	for (size_t run; n; n -= run, from += run, out += run * lane->type.size) {
		run = MIN(n, lane->map.n_chunk - from % lane->map.n_chunk);
		if (read_chunk(lane, from, run, out, err))
			return -1;
	}
	return 0;
}

int lane_read_stored(const struct lane *lane, size_t from, size_t n, void *out, struct err *err)
{
	size_t size = lane->type.size;

	if (lane->way == LANE_DIRECT)
		return read_bytes(lane, lane->offset + (uint64_t)from * size, n * size, out, err);
	if (lane->map.places)
		return read_chunks(lane, from, n, out, err);
	h5_quiet();
	return read_plain(lane, from, n, out, err);
}

/* ---- decoding ----------------------------------------------------------------------------- */

static int read_direct_tile(const struct lane *lane, struct tile *tile, struct err *err)
{
	hsize_t at[2], size[2];

	tile_place(lane, tile->number, at, size);
	size_t n = size[0] * lane->dims[1];
	tile_room(tile, mem_product(n, lane->type.size));
	tile->plain = true;
	return lane_read_stored(lane, at[0] * lane->dims[1], n, tile->raw, err);
}

/* Filters undone but for the first 'n_left'; bytes as they were stored. */
static const uint8_t *undo(const struct lane *lane, struct tile *tile, size_t n_left,
			   struct filter_room *room, struct err *err)
{
	const uint8_t *bytes;

	if (lane_is_direct(lane) && read_direct_tile(lane, tile, err))
		return NULL;
	if (tile->plain)
		return tile->raw;
	bytes = filters_undo(&lane->filters, n_left, tile->skipped, tile->raw, tile->n_raw, room,
			     err);
	if (!bytes)
		err_prefix(err, "%s: chunk %zu", lane->name, tile->number);
	return bytes;
}

const void *lane_numbers(const struct lane *lane, struct tile *tile, struct filter_room *room,
			 struct err *err)
{
	const uint8_t *numbers = undo(lane, tile, 0, room, err);

	if (numbers && lane->type.swap) {
		size_t bytes = tile->plain ? tile->n_raw : lane->filters.chunk_bytes;
		number_swap((void *)numbers, bytes / lane->type.size, lane->type.size);
	}
	return numbers;
}

/* May this tile's bytes stay shuffled until they are wanted? */
static bool stays_shuffled(const struct lane *lane, const struct tile *tile)
{
	const struct filters *f = &lane->filters;

	return !lane_is_direct(lane) && !tile->plain && !lane->type.swap && f->n &&
	       f->list[0].id == FILTER_SHUFFLE && f->list[0].element == lane->type.size &&
	       !(tile->skipped & 1);
}

int lane_decode(const struct lane *lane, struct tile *tile, struct filter_room *room,
		struct lane_view *view, struct err *err)
{
	view->shuffled = stays_shuffled(lane, tile);
	view->bytes = view->shuffled ? undo(lane, tile, 1, room, err)
				     : lane_numbers(lane, tile, room, err);
	return view->bytes ? 0 : -1;
}

const void *lane_slice(const struct lane *lane, const struct lane_view *view, size_t from, size_t n,
		       void *out)
{
	size_t size = lane->type.size;

	if (!view->shuffled)
		return view->bytes + from * size;
	filters_unshuffle(view->bytes, lane->filters.chunk_bytes, size, from, n, out);
	return out;
}

int lane_ints_at(struct lane_ints *ints, size_t at, int64_t *value, struct err *err)
{
	const struct lane *lane = ints->lane;
	size_t number = at / lane->tile[0];

	if (!ints->numbers || ints->tile.number != number) {
		ints->numbers = NULL;
		if (lane_fetch(lane, number, &ints->tile, err))
			return -1;
		ints->numbers = lane_numbers(lane, &ints->tile, &ints->room, err);
		if (!ints->numbers)
			return -1;
	}
	const uint8_t *p = ints->numbers + (at - number * lane->tile[0]) * lane->type.size;
	*value = number_to_int64(lane->type.kind, p);
	return 0;
}

void lane_ints_release(struct lane_ints *ints)
{
	tile_release(&ints->tile);
	filter_room_release(&ints->room);
	ints->numbers = NULL;
}
