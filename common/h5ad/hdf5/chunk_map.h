/* chunk_map.h - where the unfiltered chunks of a column lie in the file.
 *
 * HDF5 serves one thread at a time, and finds a chunk's place anew for every run of numbers. Once
 * places are known, any thread reads any run by itself. Looking up calls HDF5: one thread at a
 * time, beside others that read what was looked up before.
 *
 *	chunk_map_init(&map, n, n_chunk);
 *	if (chunk_map_find(&map, dataset, from, n_wanted, chunk_bytes, file_size, err))
 *		return -1;
 *	at = map.places[from / map.n_chunk];         // read from there by any thread
 *	chunk_map_release(&map);
 */
#ifndef H5AD_HDF5_CHUNK_MAP_H
#define H5AD_HDF5_CHUNK_MAP_H

#include <hdf5.h>

#include "base/err.h"

struct chunk_map {
	size_t n_chunk; /* numbers of a chunk */
	size_t n_chunks;
	uint64_t *places; /* 0 before it is looked up; NULL when there is no map */
	bool *absent;     /* never written: HDF5 knows what it holds instead */
};

/* For 'n' numbers in chunks of 'n_chunk'; none when that would be too many chunks to note. */
void chunk_map_init(struct chunk_map *map, size_t n, size_t n_chunk);
void chunk_map_release(struct chunk_map *map);

/* Look up the chunks of numbers [from, from + n). 'chunk_bytes' of each are within 'file_size'. */
int chunk_map_find(const struct chunk_map *map, hid_t dataset, size_t from, size_t n,
		   uint64_t chunk_bytes, uint64_t file_size, struct err *err) MUST_USE;

#endif
