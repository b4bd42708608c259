/* chunk_map.c - where the unfiltered chunks of a column lie in the file. */
#include "base/util.h"

#include "base/mem.h"
#include "h5ad/hdf5/chunk_map.h"
#include "h5ad/hdf5/place.h"

#define MOST_CHUNKS ((size_t)1 << 17) /* a megabyte of places */

void chunk_map_init(struct chunk_map *map, size_t n, size_t n_chunk)
{
	*map = (struct chunk_map){.n_chunk = n_chunk, .n_chunks = (n + n_chunk - 1) / n_chunk};
	if (map->n_chunks > MOST_CHUNKS)
		return;
	MEM_ZERO(map->places, map->n_chunks);
	MEM_ZERO(map->absent, map->n_chunks);
}

void chunk_map_release(struct chunk_map *map)
{
	free(map->places);
	free(map->absent);
	*map = (struct chunk_map){.places = NULL};
}

int chunk_map_find(const struct chunk_map *map, hid_t dataset, size_t from, size_t n,
		   uint64_t chunk_bytes, uint64_t file_size, struct err *err)
{
	for (size_t i = from / map->n_chunk; i <= (from + n - 1) / map->n_chunk; i++) {
		hsize_t at = (hsize_t)i * map->n_chunk;
		struct place place;

		if (map->places[i] || map->absent[i])
			continue;
		if (place_of_chunk(dataset, &at, &place))
			map->absent[i] = true;
		else if (place.n != chunk_bytes || place.at > file_size ||
			 chunk_bytes > file_size - place.at)
			return err_set(err, "chunk %zu cannot be read (the file is damaged)", i);
		else
			map->places[i] = place.at;
	}
	return 0;
}
