/* copy_data.c - bytes from place to place, or what is there through HDF5. */
#include "base/util.h"

#include "base/fd.h"
#include "base/mem.h"
#include "h5ad/hdf5/bounded.h"
#include "h5ad/hdf5/copy_data.h"
#include "h5ad/hdf5/place.h"

#define SLAB_BYTES ((size_t)1 << 20)
#define SLAB_STRINGS ((size_t)4096) /* each is a piece of memory of its own while it is copied */
#define WHOLE_LEAST ((hsize_t)1 << 20)
#define CHUNK_LEAST ((hsize_t)64 << 10) /* below this, handing over costs more than it saves */

bool copy_is_indirect(hid_t type)
{
	if (H5Tget_class(type) == H5T_STRING)
		return H5Tis_variable_str(type) > 0;
	return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tdetect_class(type, H5T_STRING) > 0;
}

struct room {
	void *bytes;
	size_t n;
};

/* ---- through HDF5 ------------------------------------------------------------------------- */

/* Rows to copy at a time: no more than memory has room for, no less than a chunk of strings. */
static size_t rows_at_once(const struct copy_data *d, size_t row_bytes, const hsize_t *chunk)
{
	size_t n = MAX(1, SLAB_BYTES / MAX(1, row_bytes));

	return copy_is_indirect(d->type) ? MIN(n, MAX(SLAB_STRINGS, chunk[0])) : n;
}

/* Through memory, some rows at a time. */
static int copy_rows(const struct copy_data *d, const hsize_t *chunk)
{
	hsize_t offset[H5S_MAX_RANK] = {0}, count[H5S_MAX_RANK];
	size_t row_bytes = H5Tget_size(d->type);
	herr_t failed = 0;

	for (int i = 1; i < d->rank; i++)
		row_bytes = mem_product(row_bytes, d->dims[i]);
	memcpy(count, d->dims, sizeof(count));
	size_t n_rows = d->rank ? d->dims[0] : 1;
	size_t batch = MIN(n_rows, rows_at_once(d, row_bytes, chunk));
	char *rows = mem_zero(MAX(1, mem_product(batch, row_bytes)), 1);
	for (size_t at = 0; at < n_rows && row_bytes > 0 && failed >= 0; at += batch) {
		offset[0] = at;
		count[0] = MIN(batch, n_rows - at);
		hid_t memory =
			d->rank ? H5Screate_simple(d->rank, count, NULL) : H5Screate(H5S_SCALAR);
		if (d->rank)
			H5Sselect_hyperslab(d->space, H5S_SELECT_SET, offset, NULL, count, NULL);
		failed = h5_read_bounded(d->from, d->type, memory, d->space, rows);
		if (failed >= 0)
			failed = H5Dwrite(d->to, d->type, memory, d->space, H5P_DEFAULT, rows);
		if (copy_is_indirect(d->type))
			H5Dvlen_reclaim(d->type, memory, H5P_DEFAULT, rows);
		H5Sclose(memory);
	}
	free(rows);
	return failed < 0 ? -1 : 0;
}

/* The next place of a chunk, the last dimension first; false after the last. */
static bool next_chunk(const struct copy_data *d, const hsize_t *chunk, hsize_t *offset)
{
	for (int i = d->rank - 1; i >= 0; i--) {
		offset[i] += chunk[i];
		if (offset[i] < d->dims[i])
			return true;
		offset[i] = 0;
	}
	return false;
}

/* Are these what stands for a chunk that was never written? */
static bool is_fill(const struct copy_data *d, const char *values, size_t n)
{
	size_t size = H5Tget_size(d->type);
	char *one = mem_zero(size, 1);
	H5D_fill_value_t kind = H5D_FILL_VALUE_DEFAULT;
	size_t i = 0;

	H5Pfill_value_defined(d->creation, &kind);
	if (kind == H5D_FILL_VALUE_USER_DEFINED)
		H5Pget_fill_value(d->creation, d->type, one);
	while (i < n && memcmp(values + i * size, one, size) == 0)
		i++;
	free(one);
	return i == n;
}

/* Was a chunk never written? -1 when it cannot be read. */
static int is_unwritten(const struct copy_data *d, const hsize_t *chunk, const hsize_t *offset)
{
	hsize_t count[H5S_MAX_RANK];
	size_t n = 1;
	int ret = -1;

	for (int i = 0; i < d->rank; i++) {
		count[i] = MIN(chunk[i], d->dims[i] - offset[i]);
		n = mem_product(n, count[i]);
	}
	char *values = mem_alloc(MAX(1, n), H5Tget_size(d->type));
	hid_t memory = H5Screate_simple(d->rank, count, NULL);
	if (H5Sselect_hyperslab(d->space, H5S_SELECT_SET, offset, NULL, count, NULL) >= 0 &&
	    H5Dread(d->from, d->type, memory, d->space, H5P_DEFAULT, values) >= 0)
		ret = is_fill(d, values, n);
	H5Sclose(memory);
	free(values);
	return ret;
}

/*
 * The stored size of a chunk, 0 for one that was never written. HDF5 1.10 has an error for those,
 * and the same error where the disk did not give the index: what can be read then, and is no fill
 * value, has a place, and HDF5 is asked once more.
 */
static int size_of_chunk(const struct copy_data *d, const hsize_t *chunk, const hsize_t *offset,
			 hsize_t *size)
{
	if (H5Dget_chunk_storage_size(d->from, offset, size) >= 0 && *size)
		return 0;
	*size = 0;
	int unwritten = is_unwritten(d, chunk, offset);
	if (unwritten)
		return unwritten < 0 ? -1 : 0;
	return H5Dget_chunk_storage_size(d->from, offset, size) >= 0 && *size ? 0 : -1;
}

/* One chunk as it is stored. 'room' grows. */
static int carry_chunk(const struct copy_data *d, const hsize_t *offset, size_t size,
		       struct room *room)
{
	uint32_t skipped = 0;

	if (size > room->n) {
		room->n = size;
		room->bytes = mem_resize(room->bytes, size, 1);
	}
	if (H5Dread_chunk(d->from, H5P_DEFAULT, offset, &skipped, room->bytes) < 0 ||
	    H5Dwrite_chunk(d->to, H5P_DEFAULT, skipped, offset, size, room->bytes) < 0)
		return -1;
	return 0;
}

/* ---- from place to place ------------------------------------------------------------------ */

/* The descriptor to read 'from' through, or -1 when its bytes cannot be had by their place. */
static int straight_from(const struct copy_data *d)
{
	hid_t file = d->behind ? H5Iget_file_id(d->from) : H5I_INVALID_HID;
	int fd = file < 0 ? -1 : place_descriptor(file);

	if (file >= 0)
		H5Fclose(file);
	return fd;
}

/*
 * 1 when HDF5 does not say where the chunk is, or what is to be there: then it has written what is in
 * 'room', which is nothing, and is to be given the chunk itself. So is one larger than the room.
 */
static int move_chunk(const struct copy_data *d, int fd, const hsize_t *offset,
		      const struct room *room, struct err *err)
{
	struct place from, to;

	if (place_of_chunk(d->from, offset, &from) || from.n > room->n)
		return 1;
	if (place_for_chunk(d->to, offset, from.skipped, room->bytes, from.n, &to))
		return -1;
	return to.n ? behind_copy(d->behind, fd, from.at, to.n, to.at, err) : 1;
}

/* A dataset that lies in one piece. 1 when it, or its copy, has no place in the file. */
static int move_whole(const struct copy_data *d, struct err *err)
{
	haddr_t from = H5Dget_offset(d->from), to = H5Dget_offset(d->to);
	hsize_t n = H5Dget_storage_size(d->from);
	int fd = straight_from(d);

	if (fd < 0 || from == HADDR_UNDEF || to == HADDR_UNDEF || n < WHOLE_LEAST ||
	    n != H5Dget_storage_size(d->to))
		return 1;
	return behind_copy(d->behind, fd, from, n, to, err);
}

/* ---- either way --------------------------------------------------------------------------- */

/* Chunk by chunk, as they are stored. */
static int copy_chunks(const struct copy_data *d, const hsize_t *chunk, struct err *err)
{
	hsize_t offset[H5S_MAX_RANK] = {0}, size;
	struct room room = {.n = 0};
	int fd = straight_from(d), ret = 0;

	for (int i = 0; i < d->rank; i++) {
		if (d->dims[i] == 0)
			return 0;
	}
	if (fd >= 0) {
		room.n = behind_room_bytes(d->behind);
		room.bytes = mem_zero(room.n, 1);
	}
	do {
		ret = size_of_chunk(d, chunk, offset, &size);
		if (ret || size == 0)
			continue;
		ret = fd < 0 || size < CHUNK_LEAST ? 1 : move_chunk(d, fd, offset, &room, err);
		if (ret > 0)
			ret = carry_chunk(d, offset, size, &room);
	} while (ret == 0 && next_chunk(d, chunk, offset));
	free(room.bytes);
	return ret;
}

void copy_data_prepare(const struct copy_data *d)
{
	H5Pset_obj_track_times(d->creation, false);
	if (copy_is_indirect(d->type))
		return;
	H5Pset_fill_time(d->creation, H5D_FILL_TIME_IFSET);
	if (d->behind && H5Pget_layout(d->creation) == H5D_CONTIGUOUS)
		H5Pset_alloc_time(d->creation, H5D_ALLOC_TIME_EARLY);
}

int copy_data(const struct copy_data *d, struct err *err)
{
	hsize_t chunk[H5S_MAX_RANK] = {0};
	bool chunked = H5Pget_layout(d->creation) == H5D_CHUNKED;
	int ret;

	if (H5Sget_simple_extent_type(d->space) == H5S_NULL)
		return 0;
	if (chunked)
		H5Pget_chunk(d->creation, d->rank, chunk);
	if (copy_is_indirect(d->type))
		return copy_rows(d, chunk);
	if (chunked)
		return copy_chunks(d, chunk, err);
	ret = move_whole(d, err);
	return ret > 0 ? copy_rows(d, chunk) : ret;
}
