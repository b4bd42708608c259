/* chunk_map.c - where the unfiltered chunks of a column lie in the file. */
#include "base/util.h"

#include "base/mem.h"
#include "h5ad/chunk_map.h"

/* HDF5 1.10 walks all chunks before the one it is asked for: 0.4 us for each of them. */
#define MOST_CHUNKS ((size_t)512)

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
		hsize_t at = (hsize_t)i * map->n_chunk, stored = 0;
		haddr_t place = HADDR_UNDEF;
		unsigned skipped;

		if (map->places[i] || map->absent[i])
			continue;
		if (H5Dget_chunk_info_by_coord(dataset, &at, &skipped, &place, &stored) < 0)
			return err_set(err, "chunk %zu cannot be found (the file is damaged)", i);
		if (place == HADDR_UNDEF || place == 0)
			map->absent[i] = true;
		else if (stored != chunk_bytes || place > file_size ||
			 chunk_bytes > file_size - place)
			return err_set(err, "chunk %zu cannot be read (the file is damaged)", i);
		else
			map->places[i] = place;
	}
	return 0;
}
