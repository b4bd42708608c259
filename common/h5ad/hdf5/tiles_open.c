/* tiles_open.c - what a dataset is made of: its numbers, its chunks, where they are. */
#include "base/util.h"

#include "base/fd.h"
#include "base/mem.h"
#include "h5ad/hdf5/hdf5.h"
#include "h5ad/hdf5/place.h"
#include "h5ad/hdf5/tiles.h"

#define DIRECT_TILE_BYTES ((size_t)1 << 20)
#define LONG_CHUNK_BYTES ((size_t)8 << 20) /* of more, several cannot be held at once */

/* ---- what the numbers are ----------------------------------------------------------------- */

static bool float_kind(hid_t type, enum number_kind *kind)
{
	size_t size = h5_float_size(type);

	*kind = size == 2 ? NUMBER_F16 : size == 4 ? NUMBER_F32 : NUMBER_F64;
	return size;
}

static bool integer_kind(hid_t type, enum number_kind *kind)
{
	static const enum number_kind kinds[] = {
		[1] = NUMBER_I8, [2] = NUMBER_I16, [4] = NUMBER_I32, [8] = NUMBER_I64};
	size_t size = h5_integer_size(type);

	*kind = kinds[size] + (H5Tget_sign(type) == H5T_SGN_NONE);
	return size;
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
static int read_type(struct tiles *tiles, struct err *err)
{
	hid_t type = H5Dget_type(tiles->dataset);

	if (type >= 0 && H5Tget_class(type) == H5T_ENUM) {
		hid_t base = H5Tget_super(type);
		H5Tclose(type);
		type = base;
	}
	tiles->stored_type = type;
	if (type < 0 || !type_of(type, &tiles->type))
		return err_set(err,
			       "%s: the values are not numbers of a type that can be read "
			       "(integers of 1 to 8 bytes, floats of 2, 4 or 8)",
			       tiles->name);
	return 0;
}

/* ---- where the bytes are ------------------------------------------------------------------ */

static int read_shape(struct tiles *tiles, struct err *err)
{
	hsize_t dims[2] = {0, 1};
	hid_t space = H5Dget_space(tiles->dataset);
	int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);

	if (rank == 1 || rank == 2)
		rank = H5Sget_simple_extent_dims(space, dims, NULL);
	if (space >= 0)
		H5Sclose(space);
	if (rank != 1 && rank != 2)
		return err_set(err, "%s: an array of one or two dimensions was expected",
			       tiles->name);
	if (dims[1] && dims[0] > SIZE_MAX / 16 / dims[1])
		return err_set(err, "%s: the shape %llu x %llu is impossible", tiles->name,
			       (unsigned long long)dims[0], (unsigned long long)dims[1]);
	tiles->rank = (size_t)rank;
	tiles->dims[0] = dims[0];
	tiles->dims[1] = dims[1];
	return 0;
}

static int read_filters(struct tiles *tiles, hid_t plist, struct err *err)
{
	int n = H5Pget_nfilters(plist);

	if (n < 0 || n > FILTERS_MAX)
		return err_set(err, "%s: %d filters are more than can be read", tiles->name, n);
	tiles->filters.n = (size_t)n;
	for (int i = 0; i < n; i++) {
		unsigned flags, config, values[8] = {0};
		size_t n_values = ARRAY_LEN(values);
		char name[64] = "";
		H5Z_filter_t id = H5Pget_filter2(plist, (unsigned)i, &flags, &n_values, values,
						 sizeof(name), name, &config);
		if (id < 0)
			return err_set(err, "%s: its filters cannot be read", tiles->name);
		tiles->filters.list[i].id = id;
		tiles->filters.list[i].element = n_values ? values[0] : 0;
		if (id >= 256 && id != FILTER_LZF)
			return err_set(err,
				       "%s: compressed with filter %d (%s), which needs a plugin "
				       "(rewrite the file with gzip)",
				       tiles->name, id, name[0] ? name : "unnamed");
	}
	return 0;
}

/* Whole rows, about a megabyte of them. */
static void plan_pieces(struct tiles *tiles)
{
	size_t row = MAX(tiles->dims[1] * tiles->type.size, (size_t)1);

	tiles->tile[0] = MAX(DIRECT_TILE_BYTES / row, (size_t)1);
	tiles->tile[1] = MAX(tiles->dims[1], (size_t)1);
}

static void plan_plain(struct tiles *tiles, hid_t file)
{
	tiles->fd = place_descriptor(file);
	if (tiles->fd >= 0)
		chunk_map_init(&tiles->map, tiles->dims[0], tiles->tile[0]);
	tiles->way = TILES_PLAIN;
	plan_pieces(tiles);
}

/* Chunks that are too long to be held, and can be read forward. */
static void plan_long(struct tiles *tiles, hid_t file)
{
	size_t height = tiles->tile[0], row = tiles->tile[1] * tiles->type.size;
	size_t across = (tiles->dims[1] + tiles->tile[1] - 1) / tiles->tile[1];
	int fd = place_descriptor(file);

	if (fd < 0 || !long_chunk_knows(&tiles->filters, tiles->type.size))
		return;
	tiles->fd = fd;
	tiles->way = TILES_LONG;
	tiles->tile[0] = MIN(MAX(DIRECT_TILE_BYTES / row, (size_t)1), height);
	tiles->long_chunks =
		mem_zero(1, sizeof(*tiles->long_chunks) + across * sizeof(*tiles->long_chunks->at));
	tiles->long_chunks->height = height;
}

static int plan_chunks(struct tiles *tiles, hid_t file, hid_t plist, struct err *err)
{
	hsize_t chunk[2] = {1, 1};
	unsigned options = 0;

	if (H5Pget_chunk(plist, (int)tiles->rank, chunk) != (int)tiles->rank || !chunk[0] ||
	    !chunk[1] || chunk[0] > UINT32_MAX || chunk[1] > UINT32_MAX ||
	    chunk[0] * chunk[1] > UINT32_MAX / tiles->type.size)
		return err_set(err, "%s: its chunks have an impossible shape", tiles->name);
	if (read_filters(tiles, plist, err))
		return -1;
	if (H5Pget_chunk_opts(plist, &options) >= 0)
		tiles->edges_plain = options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
	tiles->tile[0] = chunk[0];
	tiles->tile[1] = chunk[1];
	tiles->filters.chunk_bytes = tiles_tile_size(tiles) * tiles->type.size;
	tiles->way = filters_known(&tiles->filters) ? TILES_CHUNK : TILES_LIBRARY;
	if (tiles->filters.n == 0 && tiles->rank == 1 && hdf5_is_threadsafe())
		plan_plain(tiles, file);
	else if (tiles->filters.chunk_bytes > LONG_CHUNK_BYTES)
		plan_long(tiles, file);
	return 0;
}

static int plan_contiguous(struct tiles *tiles, hid_t file, hid_t plist, struct err *err)
{
	haddr_t offset = H5Dget_offset(tiles->dataset);
	uint64_t bytes = (uint64_t)tiles->dims[0] * tiles->dims[1] * tiles->type.size;

	if (H5Pget_external_count(plist) != 0)
		return err_set(err, "%s: its data are in another file, which is not followed",
			       tiles->name);
	tiles->fd = place_descriptor(file);
	plan_pieces(tiles);
	tiles->way = TILES_LIBRARY;
	if (offset == HADDR_UNDEF || tiles->fd < 0)
		return 0;
	if (offset > tiles->file_size || bytes > tiles->file_size - offset)
		return err_set(err, "%s: the file ends within the data (it is truncated)",
			       tiles->name);
	tiles->offset = offset;
	tiles->way = TILES_DIRECT;
	return 0;
}

static int plan_layout(struct tiles *tiles, hid_t file, struct err *err)
{
	hid_t plist = H5Dget_create_plist(tiles->dataset);
	H5D_layout_t layout = plist < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(plist);
	hsize_t file_size = 0;
	int ret = 0;

	if (H5Fget_filesize(file, &file_size) < 0)
		layout = H5D_LAYOUT_ERROR;
	tiles->file_size = file_size;
	if (layout == H5D_CHUNKED)
		ret = plan_chunks(tiles, file, plist, err);
	else if (layout == H5D_CONTIGUOUS)
		ret = plan_contiguous(tiles, file, plist, err);
	else if (layout == H5D_COMPACT)
		plan_pieces(tiles);
	else
		ret = err_set(err, "%s: %s", tiles->name,
			      layout == H5D_VIRTUAL ? "a virtual dataset, which is not followed"
						    : "its layout cannot be read");
	if (layout == H5D_COMPACT)
		tiles->way = TILES_LIBRARY;
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

int tiles_open(struct tiles *tiles, hid_t file, const char *file_name, const char *path,
	       struct err *err)
{
	*tiles = (struct tiles){.dataset = H5I_INVALID_HID, .stored_type = H5I_INVALID_HID};
	tiles->name = mem_printf("%s: %s", file_name, path);
	tiles->dataset = open_uncached(file, path);
	if (tiles->dataset < 0) {
		err_set(err, "%s: cannot be opened as a dataset", tiles->name);
		goto fail;
	}
	if (read_type(tiles, err) || read_shape(tiles, err) || plan_layout(tiles, file, err))
		goto fail;
	for (int i = 0; i < 2; i++)
		tiles->n_tiles[i] = (tiles->dims[i] + tiles->tile[i] - 1) / tiles->tile[i];
	return 0;
fail:
	tiles_close(tiles);
	return -1;
}

void tiles_close(struct tiles *tiles)
{
	if (!tiles->name)
		return;
	if (tiles->stored_type >= 0)
		H5Tclose(tiles->stored_type);
	if (tiles->dataset >= 0)
		H5Dclose(tiles->dataset);
	chunk_map_release(&tiles->map);
	for (size_t i = 0; tiles->long_chunks && i < tiles->n_tiles[1]; i++)
		long_chunk_release(&tiles->long_chunks->at[i].chunk);
	free(tiles->long_chunks);
	free(tiles->name);
	*tiles = (struct tiles){.name = NULL};
}
